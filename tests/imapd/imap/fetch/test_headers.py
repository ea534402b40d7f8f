"""Header fields of mail that has settled, which are cut from what is kept, and of other mail, cut from the message."""

from imapd.imap.fetch import fetching
from imapd.imap.fetch.headers import AT_MOST
from mailstore.sqlite import repacking
from mailstore.sqlite.dictionaries import LARGEST_RENDERING
from mailstore.sqlite.renderingblocks import CONTENTS
from tests.imapd.imap.commands.test_fetch import MESSAGES, ODD
from tests.imapd.imap.harness import Server
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

LARGE = b"Subject: large\r\nX-Large: " + b"x" * LARGEST_RENDERING + b"\r\n\r\n"
SETTLED = [*MESSAGES, *ODD, LARGE, *(b"Subject: %d\r\nX-Number: %d\r\n\r\n" % (at, at) for at in range(CONTENTS))]
NEW = [b"Subject: new\r\nX-Number: new\r\n\r\nand some", b"X-Number: \xc3\xa4\r\n\r\n"]
WITHIN_FIRST_BLOCK = b"1:%d" % (CONTENTS - 1)

ASKED = [
    b"BODY.PEEK[HEADER]",
    b"(RFC822.HEADER FLAGS)",
    b"(UID BODY.PEEK[HEADER.FIELDS (X-Number SUBJECT Lines)])",
    b"(BODY.PEEK[HEADER.FIELDS.NOT (Subject Received)] BODY.PEEK[HEADER] MODSEQ INTERNALDATE RFC822.SIZE)",
    b'BODY.PEEK[HEADER.FIELDS ("X-100%b" X-Number)]',
]
"""What can be cut from a header."""
ASKED_TOO = [
    b"BODY.PEEK[HEADER.FIELDS (X-Number)]<3.9>",
    b"(BODY.PEEK[HEADER] BODY.PEEK[TEXT])",
    b"(BODY.PEEK[HEADER] BODY.PEEK[1.HEADER])",
]
"""What needs the message as well."""
MANY = b"(%b)" % b" ".join(b"BODY.PEEK[HEADER.FIELDS (Subject X-%d)]" % number for number in range(AT_MOST + 1))
KEPT = (b"From", b"To", b"Cc", b"Date", b"Subject")
MANY_LISTS = b"(%b)" % b" ".join(b"BODY.PEEK[HEADER.FIELDS (%b)]" % name for name in KEPT)
"""What is too much at once for a whole batch."""


@run_as_deferred
class HeadersTest(ConnectionTestCase):
    async def setUp(self):
        await super().setUp()
        self.patch(repacking, "PAUSE_SECONDS", 0.0)

    async def account(self):
        return await self.server.store.account((await self.server.store.user("ada")).account)

    async def settle(self):
        account = await self.account()
        await account.tidy()
        await account.release()

    async def write(self, sql):
        account = await self.account()
        await account.database.write(lambda writer: writer.execute(sql))
        await account.release()

    async def fetched(self, *enabled, asked=ASKED, which=b"1:*"):
        """Return the answers, in the order of messages."""
        client = await self.server.connect().login()
        for name in (b"CONDSTORE", *enabled):
            await client.succeeds(b"ENABLE " + name)
        await client.succeeds(b"EXAMINE INBOX")
        answers = [await client.succeeds(b"FETCH %b %b" % (which, items)) for items in asked]
        await client.succeeds(b"LOGOUT")
        return answers

    async def test_they_are_the_same_before_and_after(self):
        for ascii_headers in (False, True):
            await self.server.stop()
            self.server = await Server(self.mktemp()).start(ascii_headers=ascii_headers)
            await self.server.deliver("ada", "INBOX", *SETTLED, *NEW)
            for enabled in ((), (b"UTF8=ACCEPT",)):
                before = await self.fetched(*enabled, asked=ASKED + ASKED_TOO)
                self.assertEqual({len(each) for each in before}, {len(SETTLED) + len(NEW)})
                await self.settle()
                self.assertEqual(await self.fetched(*enabled, asked=ASKED + ASKED_TOO), before)

    async def test_the_message_is_not_needed(self):
        await self.server.deliver("ada", "INBOX", *(each for each in SETTLED if each != LARGE))
        before = await self.fetched(which=WITHIN_FIRST_BLOCK)
        await self.settle()
        await self.write("DELETE FROM chunk")
        self.assertEqual(await self.fetched(which=WITHIN_FIRST_BLOCK), before)

    async def test_of_many_sections_each_message_is_sent_by_itself(self):
        await self.server.deliver("ada", "INBOX", *SETTLED)
        before = await self.fetched(asked=[MANY, MANY_LISTS])
        await self.settle()
        self.patch(fetching, "_responses", None)
        self.assertEqual(await self.fetched(asked=[MANY, MANY_LISTS]), before)

    async def test_a_damaged_message_hides_no_other(self):
        await self.server.deliver("ada", "INBOX", *SETTLED, *NEW)
        await self.write("DELETE FROM chunk WHERE id / 65536 = 3")
        for _ in range(2):
            client = await self.server.connect().login(mailbox="INBOX")
            client.send(b"x FETCH 1:* BODY.PEEK[HEADER.FIELDS (X-Number)]\r\n")
            *answers, end = await client.answer()
            self.assertEqual(len(answers), len(SETTLED) + len(NEW) - 1)
            self.assertTrue(end.startswith(b"x NO "), end)
            await client.succeeds(b"LOGOUT")
            await self.settle()

    async def test_to_look_at_them_marks_as_seen_all_the_same(self):
        await self.server.deliver("ada", "INBOX", *SETTLED)
        await self.settle()
        client = await self.server.connect().login(mailbox="INBOX")
        [answer] = await client.succeeds(b"FETCH 1 BODY[HEADER.FIELDS (Subject)]")
        self.assertIn(b"\\Seen", answer)
