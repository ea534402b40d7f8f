"""LMTP over a connection: however the octets come, whoever does not read, whatever fails."""

import re
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from imapd import limits
from mailstore.errors import Corrupt, Unavailable
from mailstore.spool import MEMORY, Spool
from mailstore.sqlite.account import Account
from tests.imapd.lmtp.case import LmtpCase

ENVELOPE = b"MAIL FROM:<bob@example.net>\r\nRCPT TO:<ada>\r\n"
CONVERSATION = (
    b"NOOP\r\nMAIL FROM:<bob@example.net>\nMAIL FROM:<bob@example.net> SIZE=9\r\nRCPT TO:<ada>\r\nRCPT TO:<eve>\r\n"
    b"RCPT TO:<bob>\r\nDATA\r\n..one\r\n.\ntwo\n.\r\nthree\r\n.\r\nBOGUS\r\nMAIL FROM:<>\r\nRCPT TO:<ada>\r\n"
    b"BDAT 7\r\n\r\n.\r\n\r\nBDAT 0\r\nBDAT 3 LAST\r\n\n.\nRSET\r\nBDAT 6\r\nQUIT\r\nQUIT\r\n"
)
CODES = [
    *("250 2.0.0", "500 5.5.2", "250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5", "354 send ", "250 2.0.0"),
    *("250 2.0.0", "500 5.5.1", "250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0", "250 2.0.0", "250 2.0.0"),
    *("503 5.5.1", "221 2.0.0"),
]
MESSAGES = [b".one\r\n\ntwo\n.\r\nthree\r\n", b"\r\n.\r\n\r\n\n.\n"]


def without_trace(message):
    """Return what the client sent of a stored message."""
    found = re.match(rb"Return-Path: .*\r\nDelivered-To: .*\r\nReceived: .*\r\n\t.*\r\n\t.*\r\n", message)
    return message[found.end() :]


class ConversationTests(LmtpCase):
    async def converse(self, cuts):
        client = await self.connect()
        places = [0, *sorted(min(cut, len(CONVERSATION)) for cut in cuts), len(CONVERSATION)]
        for start, stop in pairwise(places):
            client.send(CONVERSATION[start:stop])
        codes = await self.codes(client, len(CODES))
        await client.ended()
        return codes, [without_trace(message) for message in await self.stored(newest=len(MESSAGES))]

    async def test_octet_by_octet(self):
        self.assertEqual(await self.converse(range(len(CONVERSATION))), (CODES, MESSAGES))

    async def test_in_one_piece(self):
        self.assertEqual(await self.converse([]), (CODES, MESSAGES))


class SplitTests(LmtpCase):
    """Any split of the octets into segments gives the same."""

    def test_any_split(self):
        splits = st.lists(st.integers(0, len(CONVERSATION)), max_size=20)
        found = []

        @settings(max_examples=30, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(splits)
        def find(cuts):
            found.append(cuts)

        find()
        return Deferred.fromCoroutine(self._converse(found))

    async def _converse(self, found):
        for cuts in found:
            self.assertEqual(await ConversationTests.converse(self, cuts), (CODES, MESSAGES), cuts)
        self.assertGreater(len(found), 10)


class LimitTests(LmtpCase):
    settings = {"max_message_octets": 3 << 20}

    async def test_a_command_line_of_ten_megabytes(self):
        client = await self.connect()
        for _ in range(160):
            client.send(b"NOOP" * (16 << 10))
            self.assertEqual(client.connection._lines.buffered, 0)
        client.send(b"\r\nNOOP\r\n")
        self.assertEqual(await self.codes(client, 2), ["500 5.5.2", "250 2.0.0"])

    async def test_a_message_without_end_takes_no_room(self):
        client = await self.connect()
        client.send(ENVELOPE + b"RCPT TO:<bob>\r\nDATA\r\n")
        await self.lines(client, 4)
        for _ in range(160):
            client.send(b"x" * (64 << 10))
        transaction = client.connection.session.transaction
        self.assertRaises(ValueError, transaction.content.octets)
        self.assertEqual(client.connection._lines.buffered, 0)
        client.send(b"\r\n.\r\n")
        self.assertEqual(await self.codes(client, 2), ["552 5.3.4", "552 5.3.4"])
        self.assertEqual(await self.stored(), [])

    async def test_lines_of_any_length_pass(self):
        message = b"Subject: long\r\n\r\n" + b"x" * (2 << 20) + b"\r\n"
        self.assertGreater(len(message), MEMORY)
        client = await self.connect()
        client.send(ENVELOPE + b"RCPT TO:<bob>\r\nDATA\r\n")
        for start in range(0, len(message), 60_000):
            client.send(message[start : start + 60_000])
        client.send(b".\r\n")
        self.assertEqual((await self.codes(client, 6))[-2:], ["250 2.0.0", "250 2.0.0"])
        for user in ("ada", "bob"):
            [stored] = await self.stored(user)
            self.assertEqual(without_trace(stored), message)

    async def test_a_thousand_recipients_and_no_more(self):
        client = await self.connect()
        client.send(b"MAIL FROM:<>\r\n" + b"".join(b"RCPT TO:<ada+%d>\r\n" % number for number in range(1001)))
        codes = await self.codes(client, 1002)
        self.assertEqual(codes, ["250 2.1.0"] + ["250 2.1.5"] * 1000 + ["452 4.5.3"])
        client.send(b"DATA\r\nhello\r\n.\r\n")
        await client.line()
        replies = await self.lines(client, 1000)
        self.assertEqual([line[:20] for line in replies[::999]], [b"250 2.0.0 <ada+0> de", b"250 2.0.0 <ada+999> "])
        self.assertEqual(len(await self.stored()), 1)

    async def test_who_never_reads_is_not_read(self):
        client = await self.connect(room=4096)
        commands = b"HELP\r\n" * 10_000
        for start in range(0, len(commands), 1000):
            client.send(commands[start : start + 1000])
        client.send(b"x" * limits.WAITING_OCTETS)
        self.assertLess(len(client.transport.value()), 70_000)
        self.assertEqual(client.transport.producerState, "paused")
        self.server.clock.advance(limits.LMTP_SECONDS)
        self.server.clock.advance(limits.FAREWELL_SECONDS)
        await client.ended()

    async def test_who_reads_later_gets_every_answer(self):
        client = await self.connect(room=4096)
        client.send(b"NOOP\r\n" * 10_000)
        self.assertEqual(len(await self.lines(client, 10_000)), 10_000)


class FailureTests(LmtpCase):
    async def send(self, client, message=b"hello\r\n"):
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ada>\r\nRCPT TO:<bob>\r\nDATA\r\n" + message + b".\r\n")
        return (await self.codes(client, 6))[-2:]

    def fail(self, method, *errors):
        """Let a method raise each of `errors` in turn, None for none."""
        original, left = getattr(Account, method), list(errors)

        async def failing(*args):
            error = left.pop(0) if left else None
            if error is not None:
                raise error
            return await original(*args)

        self.patch(Account, method, failing)

    def hold_up_the_store(self):
        """Return what nothing is stored before."""
        free, original = Deferred(), Account.append

        async def slow(*args):
            await free
            return await original(*args)

        self.patch(Account, "append", slow)
        return free

    async def test_each_recipient_has_an_own_answer(self):
        client = await self.connect()
        self.fail("append", Unavailable("the disk is full"))
        self.assertEqual(await self.send(client), ["452 4.3.1", "250 2.0.0"])
        self.fail("append", None, Corrupt("damaged"))
        self.assertEqual(await self.send(client), ["250 2.0.0", "451 4.2.0"])
        self.assertEqual((len(await self.stored("ada")), len(await self.stored("bob"))), (1, 1))

    async def test_a_fault_of_ours_is_temporary(self):
        client = await self.connect()
        self.fail("append", ValueError("a secret"))
        self.assertEqual(await self.send(client), ["451 4.3.0", "250 2.0.0"])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    async def test_a_disk_without_room_for_the_spool(self):
        client = await self.connect()

        def write(spool, octets):
            raise OSError(28, "No space left on device")

        self.patch(Spool, "write", write)
        self.assertEqual(await self.send(client), ["452 4.3.1", "452 4.3.1"])

    async def test_nothing_is_answered_before_it_is_stored(self):
        client = await self.connect()
        stored = self.hold_up_the_store()
        client.send(ENVELOPE + b"DATA\r\nhello\r\n.\r\nNOOP\r\n")
        await self.lines(client, 3)
        await deferLater(reactor, 0.01)
        self.server.clock.advance(limits.LMTP_SECONDS)
        self.assertEqual(client.taken(), b"")
        stored.callback(None)
        self.assertEqual(await self.codes(client, 2), ["250 2.0.0", "250 2.0.0"])

    async def test_who_is_gone_before_the_end_sent_nothing(self):
        for last in (b"", b".", b".\r"):
            client = await self.connect()
            client.send(ENVELOPE + b"DATA\r\nhello\r\n" + last)
            await self.lines(client, 3)
            transaction = client.connection.session.transaction
            await client.gone()
            self.assertRaises(ValueError, transaction.content.octets)
        self.assertEqual(await self.stored(), [])

    async def test_who_is_gone_meanwhile_will_send_again_what_was_not_answered(self):
        client = await self.connect()
        stored = self.hold_up_the_store()
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ada>\r\nRCPT TO:<bob>\r\nDATA\r\nhello\r\n.\r\n")
        await self.lines(client, 4)
        client.transport.abortConnection()
        await client.ended()
        stored.callback(None)
        await self.server.store.users()
        while self.server.lmtp._connections:
            await deferLater(reactor, 0.001)
        self.assertEqual((len(await self.stored("ada")), await self.stored("bob")), (1, []))

    async def test_the_connection_of_who_is_slow_to_read_ends_too(self):
        client = await self.connect(room=100)
        client.send(b"HELP\r\n" * 2 + b"QUIT\r\n")
        self.assertTrue(client.transport.full)
        client.taken()
        await client.ended()

    async def test_a_server_that_stops_ends_what_it_does(self):
        idle, busy = await self.connect(), await self.connect()
        stored = self.hold_up_the_store()
        busy.send(ENVELOPE + b"DATA\r\nhello\r\n.\r\n")
        await self.lines(busy, 3)
        stopped = Deferred.fromCoroutine(self.server.lmtp.shut_down())
        self.assertEqual(await self.codes(idle, 1), ["421 4.3.2"])
        stored.callback(None)
        self.assertEqual(await self.codes(busy, 2), ["250 2.0.0", "421 4.3.2"])
        await stopped
