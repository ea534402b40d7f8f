"""A whole account, from a server in a thread into a real store."""

from types import SimpleNamespace

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from imapd.moving import movein
from imapd.moving.movein import MoveIn
from imapd.remote import messages
from imapd.remote.errors import LostError
from imapd.remote.pop3 import Named
from mailstore import open_store
from mailstore.errors import OverQuota
from mailstore.interfaces import NewMessage
from mailstore.model import (
    ANSWERED,
    DELETED,
    FLAGGED,
    SEEN,
    Field,
    Flag,
    InternalDate,
    OwnQuota,
    SpecialUse,
    StoreFlags,
    Uid,
)
from mailstore.names import INBOX, mailbox_name
from mailstore.policy import Policy
from mailstore.spool import Spool
from mailstore.sqlite import flagsets
from mailstore.uidset import UidSet
from tests.imapd.remote.fake import HANG_UP, FakeServer, folder, message


def mail(number):
    return b"Subject: %d\r\n\r\n%b\r\n" % (number, b"x" * number)


class Bar:
    def __init__(self):
        self.octets = 0
        self.said = []

    def advance(self, octets):
        self.octets += octets

    def say(self, line):
        self.said.append(line)


class MoveInTests(TestCase):
    async def setUp(self):
        self.store = open_store(f"sqlite://{self.mktemp()}", policy=Policy(max_message_octets=100_000))
        self.addCleanup(self.store.close)
        self.account = await self.store.account((await self.store.add_user("ada", "no hash")).account)
        self.server = FakeServer(self, INBOX=folder(mail(1), mail(2), mail(3)))
        self.inbox = self.server.folders[b"INBOX"]
        self.addCleanup(self.check)

    async def check(self):
        self.assertEqual(await self.account.check_consistency(), [])

    async def move(self, *, flags=True, virtual=False, user="ada", maildrop=None):
        """Move everything in; return what became of each folder, by name."""
        self.bar = Bar()
        remote = self.server.account(user, say=self.bar.say)
        try:
            await deferToThread(remote.open)
            move = MoveIn(self.account, remote, user, maildrop)
            self.moved = await move.look(lambda done, of: None, virtual=virtual)
            self.promised = move.octets
            await move.bring(self.bar, flags=flags)
            await deferToThread(remote.close)
        finally:
            remote.abort()
        return {each.name: each for each in self.moved}

    async def here(self, name=INBOX, field=Field.FLAGS):
        """Return a field of all messages by UID; their octets if it is MESSAGE."""
        mailbox = await self.account.mailbox(mailbox_name(name))
        found = {}
        async for rows in mailbox.fetch((await mailbox.snapshot()).uids, [field]):
            for uid, value in zip(rows.uids, rows.columns[field], strict=True):
                found[uid] = await value.read(0, value.size) if field is Field.MESSAGE else value
        return found

    async def deliver(self, name=INBOX):
        spool = Spool(mail(9))
        appended = await (await self.account.mailbox(name)).append([NewMessage(spool)])
        spool.close()
        return list(appended.uids)

    async def test_everything_as_it_is_there(self):
        self.inbox.messages = {
            4: message(mail(1)),
            7: message(mail(2), rb"\Flagged $Forwarded"),
            9: message(mail(3), b""),
        }
        self.inbox.uid_next = 20
        moved = await self.move()
        self.assertEqual(await self.here(field=Field.MESSAGE), {4: mail(1), 7: mail(2), 9: mail(3)})
        self.assertEqual(await self.here(), {4: {SEEN}, 7: {FLAGGED, Flag("$Forwarded")}, 9: set()})
        self.assertEqual(set((await self.here(field=Field.INTERNAL_DATE)).values()), {InternalDate(1706779230, 60)})
        status = await self.account.status(INBOX)
        self.assertEqual((status.uid_validity, status.uid_next), (77, 20))
        inbox = moved["INBOX"]
        self.assertEqual((inbox.there, inbox.here, inbox.brought, inbox.lacking, inbox.unequal), (3, 3, 3, 0, 0))
        self.assertEqual(inbox.octets, inbox.octets_here)
        self.assertEqual(self.bar.octets, self.promised)
        self.assertEqual(self.bar.said, [])

    async def test_the_second_time_only_what_is_new(self):
        await self.move()
        self.inbox.messages[9] = message(mail(4))
        self.server.commands.clear()
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].here), (1, 4))
        self.assertEqual([each.split()[3] for each in self.server.commands if b"BODY.PEEK" in each], [b"9"])
        self.server.commands.clear()
        self.assertEqual((await self.move())["INBOX"].brought, 0)
        self.assertFalse([each for each in self.server.commands if b"BODY.PEEK" in each])
        self.assertEqual(list(await self.here()), [1, 2, 3, 9])

    async def test_what_was_removed_here_does_not_come_back(self):
        await self.move()
        mailbox = await self.account.mailbox(INBOX)
        await mailbox.store(UidSet.of(2), StoreFlags.ADD, frozenset({DELETED}))
        await mailbox.expunge(UidSet.of(2))
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].unequal, moved["INBOX"].complete), (0, 1, True))
        self.assertEqual(list(await self.here()), [1, 3])

    async def test_mail_that_comes_here_meanwhile_keeps_out_of_the_way(self):
        await self.move()
        self.assertEqual(await self.deliver(), [4])
        self.inbox.messages[4] = message(mail(4), b"")
        moved = await self.move()
        self.assertEqual(
            await self.here(field=Field.MESSAGE), {1: mail(1), 2: mail(2), 3: mail(3), 4: mail(9), 5: mail(4)}
        )
        self.assertEqual((await self.here())[4], frozenset())
        self.inbox.messages[4].flags = rb"\Flagged"
        moved = await self.move()
        self.assertEqual((moved["INBOX"].reflagged, (await self.here())[4]), (0, frozenset()))

    async def test_what_comes_too_late_for_its_uid_costs_no_other_its_own(self):
        self.server.answers[b"UID FETCH 1:3"] = [b"%s NO broken\r\n"]
        self.server.answers[b"UID FETCH 2 "] = [b"%s NO broken\r\n"]
        await self.move()
        self.inbox.messages |= {uid: message(mail(uid)) for uid in (5, 6)}
        moved = await self.move()
        self.assertEqual(moved["INBOX"].brought, 3)
        here = await self.here(field=Field.MESSAGE)
        self.assertEqual(here, {1: mail(1), 3: mail(3), 5: mail(5), 6: mail(6), 7: mail(2)})

    async def test_flags_follow_the_other_server_unless_told(self):
        await self.move()
        self.inbox.messages[1].flags = rb"\Flagged new"
        mailbox = await self.account.mailbox(INBOX)
        await mailbox.store(UidSet.of(2), StoreFlags.REPLACE, frozenset({DELETED}))
        self.assertEqual((await self.move(flags=False))["INBOX"].reflagged, 0)
        self.assertEqual((await self.here())[2], {DELETED})
        self.assertEqual((await self.move())["INBOX"].reflagged, 2)
        self.assertEqual(await self.here(), {1: {FLAGGED, Flag("new")}, 2: {SEEN}, 3: {SEEN}})

    async def test_a_mailbox_that_has_held_messages_keeps_its_uids(self):
        await self.deliver()
        validity = (await self.account.status(INBOX)).uid_validity
        for brought in (3, 0):
            moved = await self.move()
            self.assertEqual(moved["INBOX"].brought, brought)
            self.assertIn("new UIDs", moved["INBOX"].notes[0])
        self.assertEqual(list(await self.here()), [1, 2, 3, 4])
        self.assertEqual((await self.account.status(INBOX)).uid_validity, validity)

    async def test_what_pop3_clients_know_messages_by(self):
        sizes = [len(each.octets) for each in self.inbox.messages.values()]
        named = [Named(number, f"<name {number}>".replace(" ", "-"), size) for number, size in enumerate(sizes[1:], 1)]
        moved = await self.move(maildrop=SimpleNamespace(messages=lambda: named, close=lambda: None))
        found = await self.here(field=Field.UIDL)
        self.assertEqual((found[2], found[3]), ("<name-1>", "<name-2>"))
        self.assertEqual(moved["INBOX"].notes, ["1 without a name for POP3"])

    async def test_two_accounts_into_one(self):
        await self.move()
        self.assertEqual((await self.move(user="bob"))["INBOX"].brought, 3)
        self.assertEqual(len(await self.here()), 6)

    async def test_a_folder_that_was_made_anew_there_is_brought_anew(self):
        await self.move()
        self.inbox.validity = 78
        self.assertEqual((await self.move())["INBOX"].brought, 3)

    async def test_uses_and_subscriptions(self):
        self.server.folders |= {
            b"Gesendet": folder(mail(1), attributes=rb"\Sent", validity=78),
            b"Archive": folder(validity=79, subscribed=False),
            b"Old/2020": folder(validity=80, subscribed=False),
        }
        await self.move()
        await self.move()
        infos = {each.name: each.special_use for each in await self.account.mailboxes()}
        self.assertEqual(infos["Gesendet"], SpecialUse.SENT)
        self.assertEqual(infos["Archive"], SpecialUse.ARCHIVE)
        self.assertNotIn("Sent", infos)
        subscriptions = await self.account.subscriptions()
        self.assertIn("Gesendet", subscriptions)
        self.assertNotIn("Sent", subscriptions)
        self.assertNotIn("Old/2020", subscriptions)

    async def test_a_use_that_is_in_use_here_stays(self):
        await self.deliver(name=mailbox_name("Sent"))
        self.server.folders[b"Gesendet"] = folder(attributes=rb"\Sent", validity=78)
        await self.move()
        infos = {each.name: each.special_use for each in await self.account.mailboxes()}
        self.assertEqual((infos["Sent"], infos["Gesendet"]), (SpecialUse.SENT, None))

    async def test_of_two_folders_with_one_use_the_first_has_it(self):
        for names, validity in ((("Gesendet", "Sent Items"), 80), (("Sent", "Sent Messages"), 90)):
            folders = (folder(attributes=rb"\Sent", validity=validity + at) for at in range(2))
            self.account = await self.store.account((await self.store.add_user(names[0], "no hash")).account)
            self.server.folders = dict(zip(map(str.encode, names), folders, strict=True))
            for _ in range(2):
                await self.move()
                infos = {each.name: each.special_use for each in await self.account.mailboxes()}
                self.assertEqual([infos[name] for name in names], [SpecialUse.SENT, None])

    async def test_what_shows_others_is_left_out_unless_told(self):
        self.server.folders[b"All"] = folder(mail(1), mail(2), attributes=rb"\All", validity=78)
        moved = await self.move()
        self.assertEqual((moved["All"].brought, moved["All"].complete), (0, True))
        self.assertIn("left out", moved["All"].notes[0])
        self.assertEqual((await self.move(virtual=True))["All"].brought, 2)

    async def test_what_the_server_does_not_give_comes_another_time(self):
        self.server.answers[b"UID FETCH 1:3"] = [b"%s NO broken\r\n"]
        self.server.answers[b"UID FETCH 2 "] = [b"%s NO broken\r\n"]
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].lacking, moved["INBOX"].complete), (2, 1, False))
        self.assertIn("INBOX, UID 2", self.bar.said[0])
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].complete), (1, True))
        self.assertEqual(sorted((await self.here(field=Field.MESSAGE)).values()), [mail(1), mail(2), mail(3)])

    async def test_a_folder_that_cannot_be_read(self):
        self.server.folders[b"Bad"] = folder(mail(1), validity=78)
        self.server.answers[b'EXAMINE "Bad"'] = [b"%s NO [NOPERM] not for you\r\n"]
        moved = await self.move()
        self.assertEqual((moved["Bad"].failed, moved["Bad"].complete, moved["INBOX"].brought), (True, False, 3))
        self.assertIn("[NOPERM] not for you", moved["Bad"].notes[0])

    async def test_a_message_that_is_too_large_here(self):
        self.inbox.messages[2].octets = b"x" * 100_001
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].lacking), (2, 1))
        self.assertIn("INBOX, UID 2: a message has at most", self.bar.said[0])
        self.assertEqual(list(await self.here()), [1, 3])

    async def test_an_account_that_is_full_goes_on_when_it_may(self):
        self.patch(messages, "BATCH_MESSAGES", 1)
        await self.store.set_quota("ada", OwnQuota(messages=2))
        await self.assertFailure(Deferred.fromCoroutine(self.move()), OverQuota)
        self.assertEqual(list(await self.here()), [1, 2])
        await self.store.set_quota("ada", OwnQuota())
        self.assertEqual((await self.move())["INBOX"].brought, 1)
        self.assertEqual(list(await self.here()), [1, 2, 3])

    async def test_a_connection_that_is_lost_for_good_loses_nothing(self):
        self.patch(messages, "BATCH_MESSAGES", 1)
        self.server.answers[b"UID FETCH 3 "] = [HANG_UP]
        self.server.answers[b"AUTHENTICATE"] = [None] + [HANG_UP] * 20
        await self.assertFailure(Deferred.fromCoroutine(self.move()), LostError)
        self.assertEqual(list(await self.here()), [1, 2])
        self.server.answers.clear()
        self.assertEqual((await self.move())["INBOX"].brought, 1)
        self.assertEqual(list(await self.here()), [1, 2, 3])

    async def test_a_message_that_costs_the_connection_costs_nothing_else(self):
        self.server.answers[b"UID FETCH 1:3 "] = [HANG_UP]
        self.server.answers[b"UID FETCH 2 "] = [HANG_UP] * 20
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].lacking, moved["INBOX"].complete), (2, 1, False))
        self.assertEqual(list(await self.here()), [1, 3])

    async def test_keywords_that_the_store_does_not_take_cost_no_message(self):
        self.patch(flagsets, "MAX_KEYWORDS", 1)
        self.inbox.messages[1].flags = rb"\Flagged a " + b"x" * 101
        self.inbox.messages[2].flags = rb"\Answered b"
        moved = await self.move()
        self.assertEqual((moved["INBOX"].brought, moved["INBOX"].lacking), (3, 0))
        self.assertEqual(await self.here(), {1: {FLAGGED, Flag("a")}, 2: {ANSWERED}, 3: {SEEN}})
        self.inbox.messages[2].flags = rb"\Deleted c"
        for reflagged in (1, 0):
            self.assertEqual((await self.move())["INBOX"].reflagged, reflagged)
            self.assertIn("at most 1 keywords", self.bar.said[0])
        self.assertEqual((await self.here())[2], {DELETED})

    async def test_flags_are_asked_for_in_spans_of_few_messages(self):
        self.patch(movein, "SURVEYED_AT_ONCE", 2)
        self.inbox.messages |= {uid: message(mail(uid)) for uid in range(4, 9)}
        await self.move()
        mailbox = await self.account.mailbox(INBOX)
        gone = UidSet.from_uids(range(2, 8))
        await mailbox.store(gone, StoreFlags.ADD, frozenset({DELETED}))
        await mailbox.expunge(gone)
        self.server.commands.clear()
        await self.move()
        asked = [each.split()[3] for each in self.server.commands if b"UID FETCH" in each]
        self.assertEqual(asked, [b"1:1", b"8:8"])

    async def test_flags_are_compared_in_pieces(self):
        self.patch(movein, "SURVEYED_AT_ONCE", 2)
        self.patch(messages, "SURVEYED_AT_ONCE", 2)
        await self.move()
        for each in self.inbox.messages.values():
            each.flags = b"other"
        self.assertEqual((await self.move())["INBOX"].reflagged, 3)
        self.assertEqual(set((await self.here()).values()), {frozenset({Flag("other")})})
        self.assertEqual(set(await self.here()), {Uid(1), Uid(2), Uid(3)})
