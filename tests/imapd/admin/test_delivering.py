import os

from imapd.admin import delivering
from imapd.config import FILE_NAME, read_config
from mailstore.errors import AlreadyExists, Busy, Corrupt, NotFound, OverQuota, TooBig, Unavailable
from mailstore.names import INBOX
from tests.imapd.admin.running import CommandTestCase
from tests.imapd.auth import register

MESSAGE = b"Subject: one\n\nhello\n"
STORED = MESSAGE.replace(b"\n", b"\r\n")


class Mailbox:
    def __init__(self, name):
        self.name = name


class Account(register.Account):
    """Has INBOX and Lists, and keeps what is stored."""

    def __init__(self):
        super().__init__(holders=0)
        self.names = [INBOX, "Lists"]
        self.stored = []
        self.refusal = None
        self.cannot_create = None

    def foresee_append(self, name, more):
        pass

    async def append(self, name, messages):
        await self.mailbox(name)
        if self.refusal is not None:
            raise self.refusal
        self.stored += [(name, message.spool.octets()) for message in messages]

    async def mailbox_info(self, name):
        return await self.mailbox(name)

    async def mailboxes(self):
        return [Mailbox(name) for name in self.names]

    async def mailbox(self, name):
        if name not in self.names:
            raise NotFound("there is no such mailbox")
        return Mailbox(name)

    async def create(self, name):
        if self.cannot_create is not None:
            raise self.cannot_create
        self.names.append(name)

    async def subscribe(self, name):
        pass


class DeliverTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        self.account = Account()
        self.store.hashes["ada"] = "no hash"
        self.store.accounts["ada"] = self.account

    def deliver(self, *arguments, message=MESSAGE):
        self.assertEqual(self.succeeds("deliver", *arguments, stdin=message), "")
        return self.account.stored.pop()

    def refused(self, *arguments, message=MESSAGE):
        """Return the status and the enhanced status code."""
        status, output, errors = self.imapd("deliver", *arguments, stdin=message)
        self.assertEqual((output, self.account.stored, errors.count("\n")), ("", [], 1))
        self.assertEqual(self.account.holders, 0)
        return status, errors.split()[0]

    def test_octets_and_line_ends(self):
        self.assertEqual(self.deliver("ada"), (INBOX, STORED))
        for message in (b"a\r\nb\n\xff\0\n", b"x" * 200_000, b"\n", b"From: a\n", b">From b\n"):
            stored = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            self.assertEqual(self.deliver("ada", message=message), (INBOX, stored))

    def test_the_separator_of_an_mbox_is_left_out(self):
        self.assertEqual(self.deliver("ada", message=b"From bob Thu Nov 26 00:00:00 2026\n" + MESSAGE), (INBOX, STORED))

    def test_addresses_and_folders(self):
        self.assertEqual(self.deliver("Ada@example.org"), (INBOX, STORED))
        self.assertEqual(self.deliver("ada+lists@example.org"), ("Lists", STORED))
        self.assertEqual(self.deliver("-m", "Lists", "ada"), ("Lists", STORED))
        self.assertEqual(self.deliver("--mailbox", "Other", "ada"), (INBOX, STORED))
        self.assertEqual(self.deliver("--mailbox", "Other", "--create", "ada"), ("Other", STORED))

    def test_fields_for_what_the_agent_says(self):
        self.assertEqual(self.deliver("-f", "", "ada"), (INBOX, b"Return-Path: <>\r\n" + STORED))
        above = b"Return-Path: <bob@example.net>\r\nDelivered-To: info@example.org\r\n"
        for sender in ("bob@example.net", "<bob@example.net>"):
            self.assertEqual(self.deliver("-f", sender, "-a", "info@example.org", "ada"), (INBOX, above + STORED))

    def test_who_is_not_here(self):
        self.assertEqual(self.refused("eve"), (os.EX_NOUSER, "5.1.1"))

    def test_what_the_store_refuses(self):
        for error, refusal in {
            OverQuota("full"): (os.EX_NOPERM, "5.2.2"),
            TooBig("large"): (os.EX_DATAERR, "5.3.4"),
            Busy("busy"): (os.EX_TEMPFAIL, "4.2.1"),
            Unavailable("the disk is full"): (os.EX_TEMPFAIL, "4.3.1"),
            Corrupt("damaged"): (os.EX_TEMPFAIL, "4.2.0"),
            ValueError("a fault"): (os.EX_TEMPFAIL, "4.3.0"),
        }.items():
            self.account.refusal = error
            self.assertEqual(self.refused("ada"), refusal)

    def test_a_full_mailbox_for_now(self):
        self.data.mkdir()
        (self.data / FILE_NAME).write_text("quota_defers = true\n")
        self.account.refusal = OverQuota("full")
        self.assertEqual(self.refused("ada"), (os.EX_TEMPFAIL, "4.2.2"))

    def test_a_message_without_end(self):
        self.data.mkdir()
        (self.data / FILE_NAME).write_text("max_message_octets = 1024\n")
        self.assertEqual(self.refused("ada", message=b"x" * 1025), (os.EX_DATAERR, "5.3.4"))

    def test_fields_do_not_count_for_the_size_of_a_message(self):
        message = b"x" * 1024
        self.data.mkdir()
        (self.data / FILE_NAME).write_text("max_message_octets = 1024\n")
        _, stored = self.deliver("-f", "bob@example.net", "ada", message=message)
        self.assertTrue(stored.endswith(message))
        self.assertLess(len(stored), read_config(self.data).policy.max_message_octets)

    def test_no_message(self):
        self.assertEqual(self.refused("ada", message=b""), (os.EX_NOINPUT, "5.6.0"))

    def test_a_mailbox_that_cannot_be_made(self):
        self.account.cannot_create = TooBig("too many")
        self.assertEqual(self.refused("-m", "Other", "--create", "ada"), (os.EX_CANTCREAT, "5.2.0"))
        self.account.cannot_create = AlreadyExists("just now")
        self.assertEqual(self.refused("-m", "Other", "--create", "ada"), (os.EX_CANTCREAT, "5.2.0"))

    def test_a_wrong_configuration_is_no_reason_to_send_mail_back(self):
        self.data.mkdir()
        (self.data / FILE_NAME).write_text("nonsense = 1\n")
        self.assertEqual(self.refused("ada"), (os.EX_TEMPFAIL, "4.3.0"))

    def test_a_disk_without_room(self):
        def full(*_):
            raise OSError(28, "No space left on device")

        self.patch(delivering, "_read", full)
        self.assertEqual(self.refused("ada"), (os.EX_TEMPFAIL, "4.3.0"))

    def test_a_wrong_command_line(self):
        for arguments in ((), ("ada", "bob"), ("--bogus", "ada"), ("-m", "", "ada"), ("-f", "a\nb", "ada")):
            self.fails("deliver", *arguments, status=os.EX_USAGE)
