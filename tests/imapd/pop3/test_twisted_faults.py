"""Where Twisted's `POP3` gives way, fault by fault, and what `Connection` does instead.

Each docstring says what the stock class of Twisted 26.10 does, measured or read.
"""

from twisted.internet.defer import Deferred

from imapd import limits
from imapd.doors.outflow import GATHER
from mailstore.sqlite.mailbox import Mailbox
from tests.imapd.imap.test_connection import run_as_deferred
from tests.imapd.pop3.case import LETTER, Pop3Case

DOTS = b".\r\n..\r\nSubject: dots\r\n\r\n.\r\n" + b"x" * (0xFFFE - 27) + b"\r\n.seam\r\n"


class FaultsCase(Pop3Case):
    async def start(self, **settings):
        await super().start(**settings)
        await self.deliver(LETTER, LETTER + b"two\r\n")

    async def connected(self, host="127.0.0.1"):
        client = self.connect(host)
        self.greeting = await client.answer()
        return client

    async def answers(self, client, sent, *beginnings):
        """Send octets; check how each of the answers to them begins."""
        client.send(sent)
        for beginning in beginnings:
            line = await client.line()
            self.assertTrue(line.startswith(beginning), line)
        self.assertEqual(client.taken(), b"")


@run_as_deferred
class SecurityTest(FaultsCase):
    async def test_apop_is_not_offered(self):
        """Stock: the greeting has a timestamp, which offers APOP, though nobody can check it against a hash."""
        client = await self.connected()
        self.assertNotIn(b"<", self.greeting)
        await self.answers(client, b"APOP ada c4c9334bac560ecc979e58001b3e22fb\r\n", b"-ERR ")

    async def test_nobody_becomes_another_in_the_middle_of_a_session(self):
        """Stock: USER, PASS and AUTH are taken after the login too; the first user's mailbox is never let go."""
        client = await self.connect().login()
        await self.answers(client, b"USER bob\r\nPASS secret\r\nAUTH PLAIN\r\n", b"-ERR ", b"-ERR ", b"-ERR ")
        self.assertEqual(client.connection.session.user, "ada")

    async def test_message_nought_is_none(self):
        """Stock: DELE 0 marks message -1, which to Python is the last one."""
        client = await self.connect().login()
        await self.answers(client, b"DELE 0\r\nDELE -1\r\nSTAT\r\n", b"-ERR ", b"-ERR ", b"+OK 2 ")

    async def test_no_text_of_an_exception_reaches_the_client(self):
        """Stock: the text of an exception is sent, or breaks the connection where it cannot be joined to octets."""
        client = await self.connect().login()

        def fails(*args):
            raise KeyError("/var/mail/ada")

        self.patch(Mailbox, "fetch", fails)
        self.assertNotIn(b"/var", await client.says(b"UIDL"))
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    async def test_passwords_need_privacy(self):
        """Stock: there is no STLS, and passwords are taken in the clear from anywhere."""
        client = await self.connected("192.0.2.1")
        await self.answers(client, b"USER ada\r\nPASS secret\r\nAUTH PLAIN\r\n", b"-ERR ", b"-ERR ", b"-ERR ")
        await self.answers(client, b"STLS\r\n", b"+OK ")
        await self.answers(client, b"USER ada\r\nPASS secret\r\n", b"+OK ", b"+OK ")

    async def test_plaintext_behind_stls_is_discarded(self):
        """Stock: there is no STLS; what is added to it as a command runs what came behind it in the clear."""
        client = await self.connected("192.0.2.1")
        await self.answers(client, b"STLS\r\nUSER eve\r\nPASS", b"+OK ")
        await self.answers(client, b"PASS secret\r\n", b"-ERR give the name first")

    async def test_what_waits_is_bounded(self):
        """Stock: commands that come while one waits are kept in a list without end, and reading goes on."""
        await self.deliver(b"x" * (1 << 20))
        client = await self.connect(room=1 << 16).login()
        client.send(b"RETR 3\r\n" + b"NOOP\r\n" * limits.WAITING_OCTETS)
        self.assertEqual(client.transport.producerState, "paused")


@run_as_deferred
class OrderTest(FaultsCase):
    async def test_a_command_waits_for_the_login_before_it(self):
        """Stock: what comes in one segment with PASS is run before the password is checked, and refused."""
        client = await self.connected()
        await self.answers(client, b"USER ada\r\nPASS secret\r\nSTAT\r\n", b"+OK ", b"+OK ", b"+OK 2 ")

    async def test_a_command_that_failed_lets_the_next_one_through(self):
        """Stock: after an error in a long operation, all commands wait for ever."""
        client = await self.connect().login()
        go = Deferred()
        fetch = Mailbox.fetch

        async def waits(*args):
            await go
            self.patch(Mailbox, "fetch", fetch)
            raise KeyError("fault")
            yield

        self.patch(Mailbox, "fetch", waits)
        client.send(b"RETR 1\r\nNOOP\r\n")
        self.assertEqual(client.taken(), b"")
        go.callback(None)
        self.assertTrue((await client.line()).startswith(b"-ERR [SYS/PERM] "))
        self.assertEqual(await client.line(), b"+OK")
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    async def test_a_listing_waits_for_the_client(self):
        """Stock: the whole of LIST and UIDL is given to the transport, however slow the client is."""
        await self.deliver(*[LETTER] * 1500)
        client = await self.connect(room=1000).login()
        client.send(b"UIDL\r\n")
        self.assertLess(len(client.transport.value()), GATHER)
        self.assertTrue(client.transport.full)
        got = b""
        while not got.endswith(b"\r\n.\r\n"):
            got += await client.octets(1) + client.taken()
        self.assertEqual(got.count(b"\r\n"), 1504)


@run_as_deferred
class GrammarTest(FaultsCase):
    async def test_arguments_that_are_none(self):
        """Stock: a wrong number of arguments, or one that is no number, ends the connection."""
        client = await self.connect().login()
        for command in (b"DELE", b"DELE x", b"RETR", b"RETR 1_0", b"RETR +1", b"TOP 1", b"STAT 1", b"LIST 1 2"):
            self.assertTrue((await client.says(command)).startswith(b"-ERR the command takes "), command)

    async def test_a_command_that_is_no_text(self):
        """Stock: a command that is no UTF-8 breaks the connection."""
        client = await self.connected()
        await self.answers(client, b"\xff\xfe\r\n\x00\r\nRPOP ada\r\nLAST\r\n", *[b"-ERR there is no such command"] * 4)

    async def test_a_lone_lf_ends_a_line(self):
        """Stock: it does not, and the client waits for ever."""
        await self.answers(await self.connected(), b"USER ada\nPASS secret\nSTAT\n", b"+OK ", b"+OK ", b"+OK 2 ")

    async def test_a_line_that_is_too_long_is_refused_and_nothing_more(self):
        """Stock: a line over 16 KiB ends the connection, without a word."""
        client = await self.connected()
        for _ in range(1000):
            client.send(b"x" * 10_000)
        self.assertLessEqual(client.connection._lines.buffered, limits.POP3_LINE_OCTETS)
        await self.answers(client, b"\r\nUSER ada\r\n", b"-ERR a line has at most ", b"+OK ")

    async def test_an_initial_response(self):
        """Stock: AUTH takes a mechanism alone, and a response of two words: PLAIN cannot be spoken."""
        await self.answers(await self.connected(), b"AUTH PLAIN AGFkYQBzZWNyZXQ=\r\nSTAT\r\n", b"+OK ", b"+OK 2 ")

    async def test_auth_can_be_cancelled(self):
        """Stock: ``*`` is taken for base64."""
        client = await self.connected()
        await self.answers(client, b"AUTH PLAIN\r\n*\r\nUSER ada\r\n", b"+ ", b"-ERR the login was cancelled", b"+OK ")

    async def test_capabilities_are_those_of_the_rfcs(self):
        """Stock: PIPELINE, CELERITY, AUSPEX and POTENCE are offered, which nobody has defined."""
        capabilities = await (await self.connected()).lists(b"CAPA")
        self.assertIn(b"PIPELINING", capabilities)
        self.assertFalse({b"PIPELINE", b"CELERITY", b"AUSPEX", b"POTENCE"} & set(capabilities))


@run_as_deferred
class MeaningTest(FaultsCase):
    async def test_messages_that_are_marked_are_not_counted(self):
        """Stock: STAT counts them, and LIST lists them with no octets."""
        client = await self.connect().login()
        await client.succeeds(b"DELE 1")
        self.assertEqual(await client.succeeds(b"STAT"), b"+OK 1 %d" % (len(LETTER) + 5))
        self.assertEqual(await client.lists(b"LIST"), [b"2 %d" % (len(LETTER) + 5)])
        self.assertEqual([line[:2] for line in await client.lists(b"UIDL")], [b"2 "])
        for command in (b"LIST 1", b"UIDL 1", b"RETR 1", b"TOP 1 0", b"DELE 1"):
            self.assertEqual(await client.says(command), b"-ERR the message is marked as deleted")

    async def test_an_empty_message_is_one(self):
        """Stock: a message without octets is taken for a deleted one."""
        await self.deliver(b"")
        client = await self.connect().login()
        await self.answers(client, b"RETR 3\r\nTOP 3 9\r\n", b"+OK 0", b".", b"+OK ", b".")

    async def test_a_message_comes_octet_for_octet(self):
        r"""Stock: each LF becomes CRLF though CR is there, so that lines end in CR CR LF."""
        client = await self.connect().login()
        client.send(b"RETR 1\r\n")
        self.assertEqual(client.taken(), b"+OK %d octets follow\r\n%b.\r\n" % (len(LETTER), LETTER))

    async def test_dots_are_stuffed_at_the_beginning_and_at_every_seam(self):
        """Stock: the first dot of a message is not stuffed, nor one where two pieces meet: the answer ends there."""
        self.assertEqual(DOTS[(1 << 16) - 2 : (1 << 16) + 1], b"\r\n.")
        await self.deliver(DOTS)
        client = await self.connect().login()
        self.assertEqual(await client.retrieved(3), DOTS)
        self.assertEqual(await client.lists(b"TOP 3 1"), [b"..", b"...", b"Subject: dots", b"", b".."])

    async def test_the_time_out(self):
        """Stock: a session ends after five minutes; RFC 1939, 3 asks for ten at least."""
        client = await self.connect().login()
        self.server.clock.advance(599)
        await client.succeeds(b"NOOP")

    async def test_quit_waits_for_the_disk(self):
        """Stock: QUIT is answered +OK before anybody knows whether the messages could be removed."""
        client = await self.connect().login()
        await client.succeeds(b"DELE 1")
        go = Deferred()
        remove = Mailbox.remove

        async def waits(*args):
            await go
            return await remove(*args)

        self.patch(Mailbox, "remove", waits)
        client.send(b"QUIT\r\n")
        self.assertEqual(client.taken(), b"")
        go.callback(None)
        self.assertEqual(await client.line(), b"+OK goodbye")
        await client.ended()
