"""Whenever the store fails, a command has one tagged ending that says so, and the next command is understood."""

from mailstore.errors import Unavailable
from mailstore.sqlite.account import Account
from mailstore.sqlite.mailbox import Mailbox
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

ACCOUNT = [
    *("state", "quota", "mailboxes", "mailbox_info", "listed", "subscriptions", "statuses", "mailbox"),
    *("create", "delete", "annotate", "changes_since"),
]
MAILBOX = [
    *("snapshot", "changes_since", "search", "append", "store", "copy", "move", "replace", "expunge", "claim_recent"),
]
STREAMS = ((Account, "annotations"), (Mailbox, "fetch"))

MESSAGE = b"From: ada@example.org\r\nSubject: one\r\n\r\nhello\r\n"
ENABLED = b"ENABLE IMAP4rev2 UIDONLY QRESYNC UTF8=ACCEPT METADATA"
COMMANDS = (
    b"SELECT INBOX",
    b"UID SEARCH RETURN (SAVE ALL) UNSEEN",
    b"UID SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT hello MODSEQ 1",
    b"UID SEARCH FILTER unread",
    b"UID SORT RETURN (ALL) (SUBJECT) UTF-8 ALL",
    b"ESEARCH IN (personal) RETURN (ALL COUNT) ALL",
    b"UID FETCH 1:* (FLAGS PREVIEW BODY[])",
    rb"UID STORE 1:* (UNCHANGEDSINCE 1) FLAGS (\Flagged)",
    rb"UID STORE 1:* -FLAGS (\Seen)",
    b"UID COPY 1 Sent",
    b'APPEND INBOX CATENATE (URL "/INBOX;UID=1" TEXT {3+}\r\nabc) {3+}\r\nabc',
    b'UID REPLACE * INBOX CATENATE (URL "/INBOX;UID=1" TEXT {3+}\r\nabc)',
    b"UID MOVE 2:* Sent",
    b"UID EXPUNGE 1:*",
    b'LIST (SUBSCRIBED RECURSIVEMATCH) "" * RETURN (METADATA (/private/comment) STATUS (MESSAGES))',
    b"GETQUOTAROOT INBOX",
    b'SETMETADATA INBOX (/private/comment "x")',
    b'GETMETADATA (DEPTH infinity) "*" /private',
    b"NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[]) MessageExpunge FlagChange)) (subscribed (MessageNew"
    b" MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))",
    b'CREATE "e\xcc\x81"',
    'DELETE "é"'.encode(),
    b"UNAUTHENTICATE",
)


class Fault:
    """Lets the store fail once: at the `at`-th of what it is asked."""

    def __init__(self):
        self.at = 0

    def due(self):
        self.at -= 1
        return self.at == 0

    def call(self, method):
        async def called(*args, **named):
            if self.due():
                raise Unavailable("the disk is full")
            return await method(*args, **named)

        return called

    def stream(self, method):
        async def streamed(*args, **named):
            async for part in method(*args, **named):
                if self.due():
                    raise Unavailable("the disk is full")
                yield part

        return streamed


@run_as_deferred
class StoreFailsTest(ConnectionTestCase):
    async def test_at_every_step(self):
        fault = Fault()
        for owner, names in ((Account, ACCOUNT), (Mailbox, MAILBOX)):
            for name in names:
                self.patch(owner, name, fault.call(getattr(owner, name)))
        for owner, name in STREAMS:
            self.patch(owner, name, fault.stream(getattr(owner, name)))
        await self.server.deliver("ada", "INBOX", *[MESSAGE] * 3)
        other = await self.server.connect().login(mailbox="INBOX")
        await other.succeeds(b'SETMETADATA "" (/private/filters/values/unread "UNSEEN")')
        for command in COMMANDS:
            step = 1
            while await self.fails(fault, step, command, other):
                step += 1
            self.assertTrue(step > 1 or command == b"UNAUTHENTICATE", command)
        self.assertEqual(self.flushLoggedErrors(), [])

    async def fails(self, fault, step, command, other):
        """Give a command, while there is news of all kinds, to a store that fails at `step`; tell whether it came."""
        client = await self.server.connect().login()
        await client.succeeds(ENABLED)
        await client.succeeds(b"SELECT INBOX")
        await client.succeeds(b"UID SEARCH RETURN (UPDATE ALL) UNSEEN")
        await other.succeeds(b"APPEND INBOX {3+}\r\nabc")
        await other.succeeds(b'SETMETADATA Sent (/private/comment "%d")' % step)
        fault.at = step
        client.send(b"x " + command + b"\r\n")
        *_, ending = await client.answer()
        came, fault.at = fault.at <= 0, 0
        self.assertRegex(ending, rb"\Ax (OK|NO) ", (command, step))
        self.assertNotIn(b"SERVERBUG", ending, (command, step))
        await client.succeeds(b"NOOP")
        await client.gone()
        return came
