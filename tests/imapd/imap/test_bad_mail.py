"""Mail as no program should write it: kept exactly, answered well, and the next command is answered too."""

from tests.badmail import MESSAGES
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

ITEMS = (
    b"ENVELOPE", b"BODY", b"BODYSTRUCTURE", b"BODY.PEEK[HEADER]", b"BODY.PEEK[TEXT]", b"BODY.PEEK[1]",
    b"BODY.PEEK[1.MIME]", b"BINARY.PEEK[1]", b"BODY.PEEK[HEADER.FIELDS (SUBJECT FROM X-LONG)]", b"RFC822.SIZE",
    b"PREVIEW", b"INTERNALDATE", b"EMAILID", b"BODY.PEEK[]<1.10>",
)  # fmt: skip
QUESTIONS = (
    b"SEARCH TEXT needle", b"SEARCH BODY needle", b"SEARCH SUBJECT odd", b"SEARCH FROM example",
    b"SEARCH HEADER X-NUL a", b"SEARCH SENTBEFORE 1-Jan-2020", b"SORT (SUBJECT FROM DATE) UTF-8 ALL",
    b"SORT (DISPLAYFROM) UTF-8 ALL", b"THREAD REFERENCES UTF-8 ALL",
)  # fmt: skip

WITHOUT = {"only NUL octets", "one octet", "10,000 parts", "base64 that is none"}
"""Those in whose text there is no needle, however kindly it is read."""


@run_as_deferred
class BadMailTest(ConnectionTestCase):
    async def test_each_is_kept_exactly_and_told(self):
        await self.server.deliver("ada", "INBOX", *MESSAGES.values())
        plain = await self.server.connect().login(mailbox="INBOX")
        exact = await self.server.connect().login(mailbox="INBOX")
        await exact.succeeds(b"ENABLE UTF8=ACCEPT")
        for number, (what, octets) in enumerate(MESSAGES.items(), 1):
            whole = await exact.command(b"FETCH %d (BODY.PEEK[])" % number)
            self.assertIn(b"{%d}\r\n%b)\r\n" % (len(octets), octets), whole, what)
            for client in (plain, exact):
                for item in ITEMS:
                    answer = await client.command(b"FETCH %d (%b)" % (number, item))
                    self.assertRegex(answer[-100:], rb"x (OK |NO \[UNKNOWN-CTE\])", f"{what}: {item}")

    async def test_searches_and_sorts_go_round_them(self):
        await self.server.deliver("ada", "INBOX", *MESSAGES.values())
        client = await self.server.connect().login(mailbox="INBOX")
        for question in QUESTIONS:
            answer = await client.command(question)
            self.assertRegex(answer, rb"(?m)^x OK ", question)
        [found] = await client.succeeds(b"SEARCH TEXT needle")
        numbers = set(map(int, found.split()[2:]))
        without = {what for number, what in enumerate(MESSAGES, 1) if number not in numbers}
        self.assertEqual(without, WITHOUT)

    async def test_append_takes_what_its_grammar_lets_in(self):
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(b"ENABLE UTF8=ACCEPT")
        for what, octets in MESSAGES.items():
            answer = await client.command(b"APPEND INBOX UTF8 (~{%d+}\r\n%b)" % (len(octets), octets))
            self.assertRegex(answer, rb"x (OK \[APPENDUID|NO \[)", what)
            await client.succeeds(b"NOOP")
