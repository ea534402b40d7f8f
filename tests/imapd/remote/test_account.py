from array import array

from twisted.trial.unittest import SynchronousTestCase

from imapd.remote import account as module
from imapd.remote import messages
from imapd.remote.account import batches
from imapd.remote.address import Address
from imapd.remote.connection import Security
from imapd.remote.errors import LostError, RefusedError, RemoteError
from imapd.remote.folders import decoded, local_name
from mailstore.model import SEEN, Flag, InternalDate, SpecialUse
from mailstore.spool import Spool
from tests.imapd.remote.fake import HANG_UP, FakeServer, folder

ONE, TWO, THREE = (b"Subject: %d\r\n\r\n%b\r\n" % (number, b"x" * number * 100) for number in (1, 2, 3))


class RemoteCase(SynchronousTestCase):
    def serve(self, **folders):
        self.server = FakeServer(self, **folders)
        self.said = []
        self.account = self.opened()
        return self.account

    def opened(self, **login):
        account = self.server.account(say=self.said.append, **login)
        self.addCleanup(account.abort)
        return account

    def fetch(self, account=None):
        """Return the octets of all messages of INBOX by UID."""
        account = account or self.account
        inbox = account.folders()[0]
        survey = account.survey(inbox)
        found = {}
        for batch in batches(survey.uids, survey.sizes):
            for arrival in account.batch(inbox, *batch):
                found[arrival.uid] = bytes(arrival.spool.octets())
                arrival.spool.close()
        return found


class LoginTests(RemoteCase):
    def test_plain(self):
        self.serve().open()
        self.assertEqual(self.server.logins, ["ada"])

    def test_login_where_there_is_no_plain(self):
        self.serve()
        self.server.capabilities = b"IMAP4rev1"
        self.opened(user="a b").open()
        self.assertIn(b'LOGIN "a b" "secret"', self.server.commands[-2])

    def test_acting_for_another(self):
        self.serve()
        self.opened(master="admin").open()
        self.assertEqual(self.server.logins, ["ada<-admin"])

    def test_acting_for_another_as_dovecot_has_it(self):
        self.serve()
        self.server.refused.add(b"ada<-admin")
        self.opened(master="admin").open()
        self.server.capabilities = b"IMAP4rev1"
        self.opened(master="admin").open()
        self.assertEqual(self.server.logins[1:2], ["ada*admin"])
        self.assertIn(b'LOGIN "ada*admin" "secret"', self.server.commands[-2])

    def test_a_refused_login_is_not_tried_again_and_its_words_are_harmless(self):
        self.serve()
        self.server.refused.add(b"ada")
        error = self.assertRaises(RefusedError, self.account.open)
        self.assertIn("[AUTHENTICATIONFAILED] no such?[2J user", str(error))
        self.assertEqual(len(self.server.logins), 1)

    def test_a_server_that_is_none(self):
        self.serve()
        for greeting in (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"* BYE full\r\n",
            b"",
            b"* OK " + b"x" * 2_000_000 + b"\r\n",
        ):
            self.server.greeting = greeting
            self.server.answers[b""] = [HANG_UP]
            self.assertRaises(LostError, self.opened().open)
        where = Address("imaps", "127.0.0.1", 1)
        self.assertRaises(LostError, module.RemoteAccount(where, self.account._login, Security(), print).open)

    def test_without_tls_only_on_this_machine(self):
        remote = Address("imap", "mail.example.org", 143)
        error = self.assertRaises(RefusedError, Security().require_private, remote)
        self.assertIn("--insecure", str(error))
        Security(insecure=True).require_private(remote)
        Security().require_private(Address("imap", "localhost", 143))

    def test_a_certificate_file_that_is_none(self):
        for file in ("/nonexistent", __file__):
            self.assertRaises(RemoteError, Security(file).context)


class FolderTests(RemoteCase):
    def listed(self):
        return [(each.raw, each.name, each.special_use, each.subscribed) for each in self.account.folders()]

    def test_names_uses_and_subscriptions(self):
        self.serve(
            **{
                "Entw&APw-rfe": folder(attributes=rb"\Drafts", subscribed=False),
                "Work": folder(attributes=rb"\NoSelect"),
                "Work/Sent": folder(attributes=rb"\HasNoChildren \Sent"),
                "inbox": folder(),
            }
        )
        self.assertEqual(
            self.listed(),
            [
                (b"INBOX", "INBOX", None, True),
                (b"Entw&APw-rfe", "Entwürfe", SpecialUse.DRAFTS, False),
                (b"Work/Sent", "Work/Sent", SpecialUse.SENT, True),
            ],
        )

    def test_lsub_where_list_says_nothing(self):
        self.serve(INBOX=folder(), a=folder(subscribed=False))
        self.server.capabilities = b"IMAP4rev1 AUTH=PLAIN"
        self.assertEqual([each[3] for each in self.listed()], [True, False])

    def test_who_never_subscribed_has_all(self):
        self.serve(INBOX=folder(subscribed=False), a=folder(subscribed=False))
        self.assertEqual([each[3] for each in self.listed()], [True, True])

    def test_a_namespace_below_inbox_and_those_of_others(self):
        self.serve(
            **{
                "INBOX": folder(separator=b"."),
                "INBOX.Sent.2024": folder(separator=b"."),
                "shared.news": folder(separator=b"."),
            }
        )
        self.server.capabilities += b" NAMESPACE"
        self.server.namespace = b'(("INBOX." ".")) NIL (("shared." "."))'
        self.assertEqual([each[1] for each in self.listed()], ["INBOX", "Sent/2024"])
        self.server.namespace = b'(("" ".")) NIL (("shared." "."))'
        self.assertEqual([each.name for each in self.opened().folders()], ["INBOX", "INBOX/Sent/2024"])

    def test_what_shows_others_comes_last(self):
        self.serve(
            **{
                "[Gmail]/All Mail": folder(attributes=rb"\All"),
                "[Gmail]/Starred": folder(attributes=rb"\Flagged"),
                "z": folder(),
            }
        )
        self.assertEqual(
            [(each.name, each.virtual) for each in self.account.folders()],
            [("z", False), ("[Gmail]/All Mail", True), ("[Gmail]/Starred", True)],
        )

    def test_names_that_no_mailbox_has_here_become_others(self):
        for raw, separator, expected in (
            (b"a/b.c", b".", "a_b/c"),
            (b"a..b", b".", "a/_/b"),
            (b"a\x07b", b"/", "a_b"),
            (b"Entw\xc3\xbcrfe", b"/", "Entwürfe"),
            (b"&bad", b"/", "&bad"),
            (b"\xff", b"/", "\\xff"),
            (b"flat/name", b"", "flat_name"),
            (b"x" * 3000, b"/", "x" * 999),
            (b"/".join([b"a"] * 100), b"/", "/".join(["a"] * 63) + "/" + "_".join(["a"] * 37)),
            (b"", b"/", "_"),
        ):
            self.assertEqual(local_name(decoded(raw), separator), expected)

    def test_names_in_utf8_where_the_server_has_it(self):
        self.serve(**{"Grüße": folder(ONE), "A&-B": folder(ONE)})
        self.server.capabilities += b" ENABLE UTF8=ACCEPT"
        self.assertEqual([each.name for each in self.account.folders()], ["A&-B", "Grüße"])
        self.server.answers[b"ENABLE"] = [b"%s BAD not today\r\n"]
        self.assertEqual([each.name for each in self.opened().folders()], ["A&B", "Grüße"])

    def test_names_that_must_be_sent_as_literals(self):
        for raw in ("a\tb", "Grüße", 'a"b'):
            self.serve(**{raw: folder(ONE)})
            self.assertEqual(self.fetch(), {1: ONE})

    def test_malformed_lists(self):
        for answer in (
            b"* LIST x\r\n",
            b'* LIST () "/"\r\n',
            b'* LIST () "/" ()\r\n',
            b'* LIST (() "/" x\r\n',
        ):
            self.serve(INBOX=folder())
            self.server.answers[b"LIST"] = [answer + b"%s OK done\r\n"] * 4
            self.assertRaises(LostError, self.account.folders)
            self.assertEqual(len(self.said), 3)


class MessageTests(RemoteCase):
    def test_everything_of_a_message(self):
        account = self.serve(INBOX=folder(ONE))
        self.server.folders[b"INBOX"].messages[1].flags = rb"\Recent \seen \Strange $Label1 NonJunk \Seen n{t"
        inbox = account.folders()[0]
        survey = account.survey(inbox)
        self.assertEqual(
            (survey.uid_validity, survey.uid_next, [*survey.uids], [*survey.sizes]), (77, 2, [1], [len(ONE)])
        )
        [arrival] = account.batch(inbox, [1], [len(ONE)])
        self.assertEqual((arrival.uid, bytes(arrival.spool.octets())), (1, ONE))
        self.assertEqual(arrival.flags, {SEEN, Flag("$Label1"), Flag("NonJunk")})
        self.assertEqual(arrival.internal_date, InternalDate(1706779230, 60))
        self.assertEqual(account.flags(inbox, 1, 9), {1: (arrival.flags, len(ONE))})
        arrival.spool.close()

    def test_headers(self):
        self.patch(messages, "BATCH_MESSAGES", 2)
        account = self.serve(INBOX=folder(ONE, TWO, THREE))
        inbox = account.folders()[0]
        account.survey(inbox)
        headers = account.headers(inbox, [1, 2, 3])
        self.assertEqual(next(headers), (1, b"Subject: 1\r\n\r\n"))
        self.assertEqual(self.asked(b"HEADER"), [b"1:2"])
        self.assertEqual(dict(headers)[3], b"Subject: 3\r\n\r\n")

    def asked(self, part):
        """Return which messages commands with this part were for."""
        return [each.split()[3] for each in self.server.commands if part in each]

    def test_keywords_are_those_that_the_store_takes(self):
        account = self.serve(INBOX=folder(ONE))
        self.server.folders[b"INBOX"].messages[1].flags = b"a" * 100 + b" " + b"b" * 101
        inbox = account.folders()[0]
        account.survey(inbox)
        self.assertEqual(account.flags(inbox, 1, 1)[1][0], {Flag("a" * 100)})

    def test_what_came_is_kept_though_another_message_did_not(self):
        account = self.serve(INBOX=folder(ONE, TWO, THREE))
        inbox = account.folders()[0]
        survey = account.survey(inbox)
        del self.server.folders[b"INBOX"].messages[2]
        arrivals = account.batch(inbox, survey.uids, survey.sizes)
        self.assertEqual([(each.uid, bytes(each.spool.octets())) for each in arrivals], [(1, ONE), (3, THREE)])
        self.assertEqual(self.asked(b"BODY.PEEK[]"), [b"1:3", b"2"])
        for each in arrivals:
            each.spool.close()

    def test_what_came_is_closed_if_the_server_goes_away(self):
        account = self.serve(INBOX=folder(ONE, TWO))
        inbox = account.folders()[0]
        survey = account.survey(inbox)
        del self.server.folders[b"INBOX"].messages[2]
        self.server.answers[b"UID FETCH 2 "] = [HANG_UP]
        self.server.answers[b"AUTHENTICATE"] = [HANG_UP] * 9
        spools = []
        self.patch(messages, "Spool", lambda *octets: spools.append(Spool(*octets)) or spools[-1])
        self.assertRaises(LostError, account.batch, inbox, survey.uids, survey.sizes)
        self.assertRaises(ValueError, spools[0].octets)

    def test_a_message_that_costs_each_connection_is_left_out(self):
        for answer in (HANG_UP, b"* BYE out of memory\r\n", b"* 2 FETCH (UID 2 BODY[] {99999999999}\r\n"):
            self.serve(INBOX=folder(ONE, TWO, THREE))
            self.server.answers[b"UID FETCH 1:3 "] = [answer]
            self.server.answers[b"UID FETCH 2 "] = [answer] * 9
            self.assertEqual(self.fetch(), {1: ONE, 3: THREE})
            self.assertEqual(len(self.server.logins), 1 + 1 + module.ATTEMPTS)
            self.assertEqual(len(self.said), 1)
            self.assertIn("INBOX, UID 2: ", self.said[0])

    def test_a_date_that_is_none(self):
        account = self.serve(INBOX=folder(ONE))
        self.server.folders[b"INBOX"].messages[1].date = b"yesterday"
        inbox = account.folders()[0]
        account.survey(inbox)
        [arrival] = account.batch(inbox, [1], [len(ONE)])
        self.assertIsNone(arrival.internal_date)
        arrival.spool.close()

    def test_batches_are_bounded(self):
        self.patch(messages, "BATCH_OCTETS", 100)
        self.patch(messages, "BATCH_MESSAGES", 3)
        for sizes, expected in (
            ([], []),
            ([10, 10, 10, 10, 10], [3, 2]),
            ([60, 60, 1000, 30, 70], [1, 1, 1, 2]),
            ([1000], [1]),
        ):
            found = batches(array("L", range(1, len(sizes) + 1)), array("Q", sizes))
            self.assertEqual([len(uids) for uids, _ in found], expected)

    def test_a_large_message_comes_in_parts(self):
        self.patch(messages, "BATCH_OCTETS", 100)
        self.patch(messages, "PART_OCTETS", 50)
        for octets in (b"x" * 101, b"x" * 150, b"x" * 1000):
            account = self.serve(INBOX=folder(ONE, octets))
            self.assertEqual(self.fetch(account), {1: ONE, 2: octets})

    def test_a_message_without_end_costs_no_other(self):
        self.patch(messages, "BATCH_OCTETS", 100)
        self.patch(messages, "PART_OCTETS", 50)
        self.patch(messages, "MESSAGE_OCTETS", 500)
        self.serve(INBOX=folder(ONE, b"x" * 1000, b"x" * 500))
        self.assertEqual(self.fetch(), {1: ONE, 3: b"x" * 500})
        self.assertEqual(self.said, ["INBOX, UID 2: the server sends more of it than any message can have"])

    def test_a_message_for_which_there_is_no_room_costs_no_other(self):
        write = messages.Spool.write

        def full(spool, octets):
            if octets == TWO:
                raise OSError(28, "No space left on device")
            write(spool, octets)

        self.patch(messages.Spool, "write", full)
        self.serve(INBOX=folder(ONE, TWO, THREE))
        self.assertEqual(self.fetch(), {1: ONE, 3: THREE})
        self.assertIn("No space left", self.said[0])

    def test_flags_that_are_no_list_of_words_cost_no_message(self):
        self.serve(INBOX=folder(ONE, TWO))
        for uid, flags in ((1, b"NIL"), (2, rb"(\Seen (a) b)")):
            real = self.server.folders[b"INBOX"].messages[uid].octets
            about = b"UID %d FLAGS %b RFC822.SIZE %d" % (uid, flags, len(real))
            answer = b"* %d FETCH (%b BODY[] {%d}\r\n%b)\r\n" % (uid, about, len(real), real)
            self.server.answers[b"UID FETCH 1:2 "].append(answer)
        both = b"".join(self.server.answers[b"UID FETCH 1:2 "]) + b"%s OK done\r\n"
        self.server.answers[b"UID FETCH 1:2 "] = [both, both]
        self.assertEqual(self.fetch(), {1: ONE, 2: TWO})
        inbox = self.account.folders()[0]
        self.assertEqual(self.account.flags(inbox, 1, 2), {2: ({SEEN, Flag("b")}, len(TWO))})
        self.assertEqual(self.said, [])

    def test_a_lost_connection_is_made_again(self):
        for answer in (
            HANG_UP,
            b"* BYE server restarts\r\n",
            b"nonsense\r\n",
            b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n",
            b"* OK x\n",
        ):
            self.serve(INBOX=folder(ONE, TWO, THREE))
            self.account.folders()
            self.server.answers[b"BODY.PEEK"] = [answer, answer]
            self.assertEqual(self.fetch(), {1: ONE, 2: TWO, 3: THREE})
            self.assertEqual(len(self.server.logins), 3)

    def test_a_connection_that_stays_lost(self):
        self.serve(INBOX=folder(ONE))
        self.server.answers[b"RFC822.SIZE"] = [HANG_UP] * 10
        self.assertRaises(LostError, self.fetch)
        self.assertEqual(len(self.said), 3)
        self.assertIn("trying again in 0 s", self.said[0])

    def test_a_folder_that_was_made_anew_meanwhile(self):
        account = self.serve(INBOX=folder(ONE))
        inbox = account.folders()[0]
        account.survey(inbox)
        self.server.folders[b"INBOX"].validity = 78
        self.server.answers[b"BODY.PEEK"] = [HANG_UP]
        error = self.assertRaises(RemoteError, account.batch, inbox, [1], [9])
        self.assertIn("made anew", str(error))

    def test_a_message_that_the_server_does_not_give(self):
        refusal = b"%s NO [SERVERBUG] internal error\r\n"
        for answers, reason in (
            ([refusal] * 2, "[SERVERBUG] internal error"),
            ([b"%s OK done\r\n"] * 2, "does not give it"),
        ):
            self.serve(INBOX=folder(ONE, TWO, THREE))
            self.server.answers[b"UID FETCH 1:3"] = [refusal]
            self.server.answers[b"UID FETCH 2 "] = list(answers)
            self.assertEqual(self.fetch(), {1: ONE, 3: THREE})
            self.assertEqual(len(self.said), 1)
            self.assertIn("INBOX, UID 2: ", self.said[0])
            self.assertIn(reason, self.said[0])

    def test_a_server_that_lies_about_sizes(self):
        self.patch(messages, "PART_OCTETS", 1 << 16)
        self.patch(messages, "_OVERHEAD", 1 << 10)
        for size in (0, 1, 10_000_000):
            self.serve(INBOX=folder(ONE, b"x" * 100_000))
            self.server.folders[b"INBOX"].messages[2].size = size
            self.assertEqual(self.fetch(), {1: ONE, 2: b"x" * 100_000})

    def test_answers_that_never_end(self):
        self.serve(INBOX=folder(ONE))
        self.server.answers[b"FETCH"] = [b"* 1 FETCH (UID 1 X %b)\r\n" % (b"x" * 100_000) * 50] * 9
        self.assertRaises(LostError, self.fetch)
        self.serve(INBOX=folder(ONE))
        self.server.answers[b"FETCH"] = [b"* " + b"x" * 3_000_000] * 9
        self.assertRaises(LostError, self.fetch)

    def test_nonsense_among_the_answers(self):
        for answer in (
            b"* 1 FETCH (UID 0 RFC822.SIZE 1)\r\n",
            b"* 1 FETCH (UID 99999999999 RFC822.SIZE 1)\r\n",
            b"* 1 FETCH (UID x RFC822.SIZE 1)\r\n",
            b"* 1 FETCH (UID 1 RFC822.SIZE -1)\r\n",
            b"* 1 FETCH (UID 1 RFC822.SIZE)\r\n",
            b"* 1 FETCH UID\r\n",
            b"* 1 FETCH (UID 1 RFC822.SIZE 1)\r\n* 2 FETCH (UID 2 RFC822.SIZE 1)\r\n",
        ):
            self.serve(INBOX=folder(ONE))
            self.server.answers[b"RFC822.SIZE"] = [answer + b"%s OK done\r\n"] * 9
            self.assertRaises(LostError, self.fetch)

    def test_what_nobody_asked_for_is_passed_over(self):
        self.serve(INBOX=folder(ONE))
        self.server.answers[b"BODY.PEEK[]"] = [
            b"* 5 EXISTS\r\n* 1 FETCH (FLAGS ())\r\n* 7 FETCH (UID 7 BODY[] {1}\r\nx)\r\n"
            b"* 1 FETCH (BODY[] {%d}\r\n%b UID 1)\r\n%%s OK done\r\n" % (len(ONE), ONE)
        ]
        self.assertEqual(self.fetch(), {1: ONE})

    def test_a_server_that_tells_no_uid_next(self):
        self.serve(INBOX=folder(ONE, TWO))
        self.server.folders[b"INBOX"].uid_next = 0
        survey = self.account.survey(self.account.folders()[0])
        self.assertEqual(survey.uid_next, 3)

    def test_a_folder_without_uid_validity(self):
        self.serve(INBOX=folder(ONE))
        self.server.answers[b"EXAMINE"] = [b"* 2 EXISTS\r\n%s OK done\r\n"]
        self.assertRaises(RefusedError, self.account.survey, self.account.folders()[0])

    def test_who_stops_it_need_not_wait(self):
        self.serve(INBOX=folder(ONE))
        self.account.waits = (60, 60)
        self.account.open()
        self.server.answers[b"LIST"] = [HANG_UP]
        self.account._say = lambda line: self.account.abort()
        self.assertRaises(LostError, self.account.folders)
