"""Where Twisted's `IMAP4Server` gives way, fault by fault, and what `Connection` does instead.

Each docstring says what the stock class of Twisted 26.10 does, measured or read.
"""

from twisted.internet.defer import Deferred

from imapd import limits
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

PLAIN = (
    b"From: ada@example.org\r\nSubject: plain\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
    b"MIME-Version: 1.0\r\nContent-Type:  multipart/mixed;\r\n\tboundary=b\r\n\r\n"
    b"--b\r\n\r\none\r\n--b--\r\nepilogue  "
)


class FaultsTestCase(ConnectionTestCase):
    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", PLAIN)
        self.client = await self.server.connect().login()

    async def answers(self, sent, *beginnings):
        """Send octets; check how each of the responses to them begins."""
        self.client.send(sent)
        for beginning in beginnings:
            response = await self.client.response()
            self.assertTrue(response.startswith(beginning), response)
        self.assertEqual(self.client.taken(), b"")


@run_as_deferred
class FramingTest(FaultsTestCase):
    async def test_a_literal_may_be_any_string(self):
        """Stock: literals are read in some arguments only; that of a SEARCH is run as a command."""
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(b"b SEARCH SUBJECT {5}\r\n", b"+ ")
        await self.answers(b"plain\r\n", b"* SEARCH 1", b"b OK ")

    async def test_the_octets_of_an_unasked_literal_are_never_run(self):
        """Stock: ``{n+}`` is a syntax error, and the octets that follow are then run as commands."""
        await self.answers(b"a CREATE {16+}\r\nb DELETE INBOX\r\n\r\n", b"a BAD ")
        await self.answers(b"c NOSUCH {16+}\r\nb DELETE INBOX\r\n\r\n", b"c BAD ")
        await self.answers(b"d APPEND INBOX {5+}\r\nhello\r\n", b"d OK [APPENDUID ")

    async def test_a_message_has_a_limit(self):
        """Stock: APPEND takes a literal of any size, onto the disk."""
        await self.restart(max_message_octets=2000)
        await self.answers(b"a APPEND INBOX {2001}\r\n", b"a NO [TOOBIG] ")
        await self.answers(b"b APPEND INBOX {2001+}\r\n%b\r\n" % (b"x" * 2001), b"b NO [TOOBIG] ")
        await self.answers(b"c APPEND INBOX {2000}\r\n", b"+ ")
        await self.answers(b"x" * 2000 + b"\r\n", b"c OK ")

    async def test_a_long_line_is_refused_and_nothing_more(self):
        """Stock: a line over 16 KiB ends the connection, without a word."""
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(b"a UID FETCH %b1 UID\r\n" % (b"1," * 15_000), b"* 1 FETCH (UID 1)", b"a OK ")
        await self.answers(b"b NOOP %b\r\n" % (b"x" * limits.FRAMING.line), b"b BAD ")
        await self.answers(b"c NOOP\r\n", b"c OK ")

    async def test_the_size_of_a_literal_is_not_negative(self):
        """Stock: the client is asked to send -5 octets."""
        await self.answers(b"a APPEND INBOX {-5}\r\n", b"a BAD ")
        await self.answers(b"b LOGIN {-1+}\r\nc NOOP\r\n", b"b BAD ", b"c OK ")


@run_as_deferred
class SecurityTest(FaultsTestCase):
    async def test_plaintext_behind_starttls_is_discarded(self):
        """Stock: what was sent in the clear in the same segment is run inside TLS (as in CVE-2011-0411)."""
        self.client = self.server.connect("192.0.2.1")
        await self.client.line()
        await self.answers(b"a STARTTLS\r\nb NOOP\r\n", b"a OK ")
        await self.answers(b"c LOGIN ada secret\r\n", b"c OK ")

    async def test_authenticate_needs_privacy_too(self):
        """Stock: AUTHENTICATE PLAIN works in plaintext while LOGINDISABLED is advertised."""
        self.client = self.server.connect("192.0.2.1")
        self.assertIn(b" LOGINDISABLED ", await self.client.line())
        await self.answers(b"a AUTHENTICATE PLAIN\r\n", b"a NO [PRIVACYREQUIRED] ")

    async def test_no_text_of_an_exception_reaches_the_client(self):
        """Stock: ``str(exception)`` is sent."""

        async def fail(*args):
            raise KeyError("/var/mail/ada")

        self.patch(self.client.connection.session.account, "mailboxes", fail)
        self.assertNotIn(b"/var", await self.client.command(b'LIST "" *'))
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)


@run_as_deferred
class MeaningTest(FaultsTestCase):
    async def test_a_quoted_string_has_escapes(self):
        r"""Stock: ``\"`` ends the string."""
        await self.answers(b'a CREATE "qu\\"ote \\\\ "\r\n', b"a OK ")
        await self.answers(b'b LIST "" qu*\r\n', b'* LIST (\\HasNoChildren) "/" "qu\\"ote \\\\ "', b"b OK ")

    async def test_authenticate_takes_an_initial_response(self):
        """Stock: an initial response is one argument too many."""
        self.client = self.server.connect()
        await self.client.line()
        await self.answers(b"a AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ=\r\n", b"a OK ")

    async def test_authenticate_can_be_cancelled(self):
        """Stock: ``*`` is taken for base64, and the login for a failed one."""
        self.client = self.server.connect()
        await self.client.line()
        await self.answers(b"a AUTHENTICATE PLAIN\r\n", b"+ ")
        await self.answers(b"*\r\n", b"a BAD ")
        await self.answers(b"b LOGIN ada secret\r\n", b"b OK ")

    async def test_mailboxes_are_changed_while_others_are_served(self):
        """Stock: CREATE, DELETE, RENAME and SUBSCRIBE must answer at once, so a store on a disk stops everyone."""
        account = self.client.connection.session.account
        other = await self.server.connect().login("bob")
        for method, command in (
            ("create", b"CREATE box"),
            ("rename", b"RENAME box crate"),
            ("subscribe", b"SUBSCRIBE crate"),
            ("unsubscribe", b"UNSUBSCRIBE crate"),
            ("delete", b"DELETE crate"),
        ):
            release = self.held_up(account, method)
            self.client.send(b"a " + command + b"\r\n")
            await other.succeeds(b"NOOP")
            self.assertEqual(self.client.taken(), b"")
            release()
            self.assertTrue((await self.client.line()).startswith(b"a OK "), command)

    async def test_one_command_at_a_time(self):
        """Stock: a command is begun while the one before it still waits, and may be answered first."""
        await self.answers(b"a CREATE box\r\nb STATUS box (MESSAGES)\r\n", b"a OK ", b"* STATUS box ", b"b OK ")

    def held_up(self, account, method):
        """Let a method of the account wait; return what lets it go on."""
        really, go = getattr(account, method), Deferred()

        async def waits(*args):
            await go
            return await really(*args)

        self.patch(account, method, waits)
        return lambda: go.callback(None)

    async def test_a_partial_fetch_is_partial(self):
        """Stock: ``BODY[]<0.5>`` answers with the whole."""
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(b"a FETCH 1 BODY.PEEK[]<0.9>\r\n", b"* 1 FETCH (BODY[]<0> {9}\r\nFrom: ada)", b"a OK ")

    async def test_body_sets_seen(self):
        r"""Stock: ``BODY[]`` never sets ``\Seen``."""
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(b"a FETCH 1 BODY[]\r\n", b"* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] {", b"a OK ")
        await self.answers(b"b SEARCH SEEN\r\n", b"* SEARCH 1", b"b OK ")

    async def test_a_message_comes_back_octet_for_octet(self):
        """Stock: ``BODY[]`` puts the message together anew from what it parsed: headers folded anew, no epilogue."""
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(
            b"a FETCH 1 BODY.PEEK[]\r\n", b"* 1 FETCH (BODY[] {%d}\r\n%b)" % (len(PLAIN), PLAIN), b"a OK "
        )

    async def test_select_tells_uidnext_and_permanentflags(self):
        """Stock: SELECT omits both."""
        responses = await self.client.succeeds(b"SELECT INBOX")
        self.assertIn(b"* OK [UIDNEXT 2]", b"\n".join(responses))
        self.assertIn(b"* OK [PERMANENTFLAGS (", b"\n".join(responses))

    async def test_search_by_date_and_by_header(self):
        """Stock: both raise, and the client is sent the exception."""
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(b"a SEARCH SENTON 7-Feb-1994\r\n", b"* SEARCH 1", b"a OK ")
        await self.answers(b"b SEARCH SINCE 7-Feb-1994\r\n", b"* SEARCH 1", b"b OK ")
        await self.answers(b"c SEARCH HEADER Subject pla\r\n", b"* SEARCH 1", b"c OK ")

    async def test_status_with_an_unknown_item_is_answered(self):
        """Stock: the client waits for ever."""
        await self.answers(b"a STATUS INBOX (MESSAGES WEIGHT)\r\n", b"a BAD ")

    async def test_a_missing_target_is_trycreate(self):
        """Stock: there is no TRYCREATE, so clients do not offer to make the mailbox."""
        await self.answers(b"a APPEND none {1+}\r\nx\r\n", b"a NO [TRYCREATE] ")
        await self.client.succeeds(b"SELECT INBOX")
        await self.answers(b"b COPY 1 none\r\n", b"b NO [TRYCREATE] ")

    async def test_namespace_is_as_the_rfc_has_it(self):
        """Stock: the shared namespaces are told as those of other users too."""
        await self.answers(b"a NAMESPACE\r\n", b'* NAMESPACE (("" "/")) NIL NIL', b"a OK ")

    async def test_only_done_ends_idle(self):
        """Stock: IDLE ends, with OK, on any line."""
        await self.answers(b"a IDLE\r\n", b"+ ")
        await self.answers(b"b NOOP\r\n", b"a BAD ")
        await self.answers(b"c IDLE\r\n", b"+ ")
        await self.answers(b"DONE\r\n", b"c OK ")

    async def test_other_sessions_are_told_of_expunges(self):
        """Stock: no EXPUNGE ever reaches another session, whose numbers are wrong from then on."""
        other = await self.server.connect().login(mailbox="INBOX")
        await self.client.succeeds(b"SELECT INBOX")
        await self.client.succeeds(b"STORE 1 +FLAGS.SILENT (\\Deleted)")
        await self.client.succeeds(b"EXPUNGE")
        self.assertIn(b"* 1 EXPUNGE", await other.succeeds(b"NOOP"))
