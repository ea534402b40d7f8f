"""Messages on their way in: how many, how large, and where they are kept meanwhile."""

from pathlib import Path
from unittest.mock import Mock

from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.config import Config
from imapd.imap.commands.append import before_messages
from imapd.imap.errors import No
from imapd.imap.incoming.uploading import Upload, admit, upload
from imapd.imap.wire.announcement import Announcement
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.framing import Literal, SpooledLiteral
from mailstore.errors import NotFound
from mailstore.model import OwnQuota, Usage
from mailstore.names import INBOX
from mailstore.spool import MEMORY
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

TO_INBOX = Upload(INBOX)


class Account:
    """The account has INBOX alone."""

    def foresee_append(self, name, more):
        self.more = more
        if name != INBOX:
            raise NotFound("there is no such mailbox")


def spool(pieces, size, upload=TO_INBOX, account=None, *, awaited=True):
    """Return where a message goes when none may have more than 100 octets."""
    session = Mock(account=account or Account(), config=Config(Path(), max_message_octets=100))
    return admit(session, upload, pieces, Announcement(b"", size, binary=False, awaited=awaited))


class AdmitTest(SynchronousTestCase):
    def refused(self, pieces, size, code, upload=TO_INBOX):
        error = self.assertRaises(No, spool, pieces, size, upload)
        self.assertEqual(error.code, code)

    def test_one_message(self):
        self.assertEqual(len(spool((b"x APPEND ", Literal(b"INBOX"), b" "), 100)), 0)

    def test_none_for_no_mailbox(self):
        self.refused((b"",), 1, "TRYCREATE", Upload("nowhere"))

    def test_what_the_account_would_hold_more(self):
        account = Account()
        spool((b"x APPEND INBOX ",), 40, TO_INBOX, account)
        self.assertEqual(account.more, Usage(40, 1))
        spool((b"x REPLACE 1 INBOX ",), 40, Upload(INBOX, replaces=True), account)
        self.assertEqual(account.more, Usage(0, 0))

    def test_what_comes_in_any_case(self):
        self.assertEqual(len(spool((b"",), 100, Upload("nowhere"), awaited=False)), 0)

    def test_none_that_is_empty_or_too_large(self):
        self.refused((b"",), 0, None)
        self.refused((b"",), 101, "TOOBIG")

    def test_all_together_are_as_large_as_one_may_be(self):
        first = spool((b"",), 60)
        first.write(b"a" * 60)
        pieces = (b"x APPEND INBOX ", SpooledLiteral(first, 60), b" ")
        second = spool(pieces, 40)
        second.write(b"b" * 40)
        self.assertEqual((first.octets(), second.octets()), (b"a" * 60, b"b" * 40))
        self.refused(pieces, 41, "LIMIT")
        self.refused(pieces, 41, "TOOBIG", Upload(INBOX, is_text=True))

    def test_a_text_may_be_empty(self):
        self.assertEqual(len(spool((b"",), 0, Upload(INBOX, is_text=True))), 0)


class AnnouncedTest(SynchronousTestCase):
    def test_every_literal_but_those_before_messages_and_of_urls(self):
        octets, named = SpooledLiteral(spool((b"",), 1), 1), Literal(b"INBOX")
        for *pieces, expected in (
            (b"INBOX ", Upload(INBOX)),
            (b"URL ", Upload("URL")),
            (b"text ", Upload("text")),
            (b'"URL " ', Upload("URL ")),
            (b"INBOX (URL) ", Upload(INBOX)),
            (b"", None),
            (b"(", None),
            (b"", named, b" ", Upload(INBOX)),
            (b"", named, b" ", octets, b" ", Upload(INBOX)),
            (b"INBOX UTF8 (", Upload(INBOX)),
            (b"INBOX CATENATE (TEXT ", Upload(INBOX, is_text=True)),
            (b"INBOX CATENATE (url ", None),
            (b"INBOX CATENATE (URL ", named, b" text ", Upload(INBOX, is_text=True)),
            (b"INBOX CATENATE (URL ", named, b" URL ", None),
            (b"INBOX CATENATE (TEXT ", octets, b" URL ", None),
            (b"INBOX CATENATE (TEXT ", octets, b" URL ", named, b") (\\Seen) ", Upload(INBOX)),
        ):
            first, *others = pieces
            self.assertEqual(upload(Cursor((b" " + first, *others)), before_messages), expected, pieces)


@run_as_deferred
class UploadTest(ConnectionTestCase):
    async def test_so_many_messages_and_no_more(self):
        client = await self.server.connect().login()
        client.send(b"x APPEND INBOX" + b" {1+}\r\na" * limits.MESSAGES + b"\r\n")
        self.assertRegex((await client.answer())[-1], rb"x OK \[APPENDUID \d+ 1:%d\]" % limits.MESSAGES)
        client.send(b"x APPEND INBOX" + b" {1+}\r\na" * (limits.MESSAGES + 1) + b"\r\ny NOOP\r\n")
        self.assertRegex((await client.answer())[-1], rb"x NO \[LIMIT\]")
        self.assertEqual(await client.answer(b"y"), [b"y OK completed"])
        self.assertEqual(await client.succeeds(b"STATUS INBOX (MESSAGES)"),
                         [b"* STATUS INBOX (MESSAGES %d)" % limits.MESSAGES])

    async def test_so_many_messages_where_that_is_said_before(self):
        await self.restart(save_limit=2 * limits.MESSAGES)
        client = await self.server.connect().login()
        client.send(b"x APPEND {5+}\r\nINBOX" + b" {1+}\r\na" * limits.MESSAGES + b"\r\n")
        self.assertRegex((await client.answer())[-1], rb"x OK \[APPENDUID \d+ 1:%d\]" % limits.MESSAGES)
        for message in (b" {1+}\r\na", b" CATENATE (URL /INBOX/;UID=1)"):
            client.send(b"x APPEND INBOX" + message * (limits.MESSAGES + 1) + b"\r\n")
            self.assertRegex((await client.answer())[-1], rb"x NO \[MESSAGELIMIT %d\]" % limits.MESSAGES)
        self.assertEqual(await client.succeeds(b"STATUS INBOX (MESSAGES)"),
                         [b"* STATUS INBOX (MESSAGES %d)" % limits.MESSAGES])

    async def test_what_a_large_one_behind_others_comes_to(self):
        await self.server.store.set_quota("ada", OwnQuota(octets=50_000))
        client = await self.server.connect().login()
        client.send(b"x APPEND INBOX {30000+}\r\n" + b"a" * 30_000 + b" {30000}\r\n")
        self.assertRegex((await client.answer())[-1], rb"x NO \[OVERQUOTA\]")

    async def test_what_is_sent_to_no_mailbox_is_not_kept(self):
        client = await self.server.connect().login()
        client.send(b"x APPEND nowhere {1000000+}\r\n")
        for _ in range(10):
            client.send(b"a" * 100_000)
            self.assertEqual(client.connection._framer.buffered, 0)
        self.assertEqual(client.connection._framer._pieces, [])
        client.send(b"\r\ny NOOP\r\n")
        self.assertRegex((await client.answer())[-1], rb"x NO \[TRYCREATE\]")
        self.assertEqual(await client.answer(b"y"), [b"y OK completed"])

    async def test_what_comes_in_any_case_and_is_small_is_refused_when_it_is_there(self):
        await self.server.store.set_quota("ada", OwnQuota(octets=50_000))
        client = await self.server.connect().login()
        for mailbox, code in ((b"nowhere", rb"TRYCREATE"), (b"INBOX", rb"OVERQUOTA")):
            client.send(b"x APPEND %b {60000+}\r\n" % mailbox + b"a" * 60_000 + b"\r\ny NOOP\r\n")
            self.assertRegex((await client.answer())[-1], rb"x NO \[%b\]" % code)
            self.assertEqual(await client.answer(b"y"), [b"y OK completed"])
        self.assertEqual(await client.succeeds(b"STATUS INBOX (MESSAGES)"), [b"* STATUS INBOX (MESSAGES 0)"])

    async def test_what_comes_in_any_case_is_refused_once_it_is_much(self):
        client = await self.server.connect().login()
        client.send(b"x APPEND nowhere")
        for _ in range(10):
            client.send(b" {60000+}\r\n" + b"a" * 60_000)
        self.assertEqual(client.connection._framer._pieces, [])
        client.send(b"\r\ny NOOP\r\n")
        self.assertRegex((await client.answer())[-1], rb"x NO \[TRYCREATE\]")
        self.assertEqual(await client.answer(b"y"), [b"y OK completed"])

    async def test_large_and_small_ones_by_turns(self):
        messages = [letter * size for letter, size in ((b"a", 10), (b"b", MEMORY + 1), (b"c", 9), (b"d", 2 * MEMORY))]
        client = await self.server.connect().login(mailbox="INBOX")
        client.send(b"x APPEND INBOX" + b"".join(b" {%d+}\r\n%b" % (len(each), each) for each in messages) + b"\r\n")
        await client.answer()
        fetched = await client.succeeds(b"FETCH 1:* BODY.PEEK[]")
        self.assertEqual(fetched, [b"* %d FETCH (BODY[] {%d}\r\n%b)" % (number, len(each), each)
                                   for number, each in enumerate(messages, 1)])
