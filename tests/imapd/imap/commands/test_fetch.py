"""What transcripts cannot show of FETCH: every answer against the grammar."""

import re

from twisted.trial.unittest import TestCase

from tests.imapd.imap.harness import Server
from tests.strict_imap import parse_fetch
from tests.transcripts.test_transcripts import HERE, message

MESSAGES = [message(path.stem) for path in sorted((HERE / "messages").glob("*.eml"))]
ODD = [
    b"",
    b"\r\n\0\xff",
    b"Subject: \xff\xfe\r\nFrom: \xc3\xa4 <\xff@\xff>\r\nContent-Type: text/x; n=\xff\r\n\r\n",
    b"Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    b"Content-Type: message/global\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: \xe5\x86\x8d\r\n\r\nx",
]
ITEMS = b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE BODY.PEEK[HEADER])"


def strings(value):
    """Yield all octets in a value."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict | tuple | list):
        for each in value.items() if isinstance(value, dict) else value:
            yield from strings(each)


class GrammarTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start(ascii_headers=True)
        await self.server.deliver("ada", "INBOX", *MESSAGES, *ODD)

    async def tearDown(self):
        await self.server.stop()

    async def _fetched(self, *enabled, rev2=False):
        client = await self.server.connect().login()
        for name in enabled:
            await client.succeeds(b"ENABLE " + name)
        await client.succeeds(b"SELECT INBOX")
        responses = await client.succeeds(b"FETCH 1:* " + ITEMS)
        self.assertEqual(len(responses), len(MESSAGES) + len(ODD))
        return [parse_fetch(response[response.index(b"(") :], rev2=rev2) for response in responses]

    async def test_in_ascii(self):
        fetched = await self._fetched()
        beyond = [octets for each in fetched for octets in strings(each) if not octets.isascii()]
        self.assertEqual(beyond, [])

    async def test_in_ascii_what_is_in_ascii_is_as_it_was(self):
        ascii_ones = [at for at, octets in enumerate((*MESSAGES, *ODD)) if octets.isascii()]
        legacy, utf8 = await self._fetched(), await self._fetched(b"UTF8=ACCEPT")
        for at in ascii_ones:
            self.assertEqual(legacy[at], utf8[at] | {b"FLAGS": legacy[at][b"FLAGS"]})

    async def test_in_ascii_sizes_are_those_of_what_is_sent(self):
        client = await self.server.connect().login(mailbox="INBOX")
        for response in await client.succeeds(b"FETCH 1:* (RFC822.SIZE BODY.PEEK[])"):
            size, literal = re.search(rb"RFC822.SIZE (\d+) BODY\[\] \{(\d+)\}", response).groups()
            self.assertEqual(size, literal)

    async def test_in_rev2(self):
        rev2, rev1 = await self._fetched(b"IMAP4rev2", rev2=True), await self._fetched(b"UTF8=ACCEPT")
        other = [one[b"BODY"][:2] for one, two in zip(rev2, rev1, strict=True) if one[b"BODY"] != two[b"BODY"]]
        opaque, enclosed = (b"application", b"octet-stream"), (b"message", b"global")
        self.assertEqual(other[1:], [opaque, enclosed])
        for one, two in zip(rev2, rev1, strict=True):
            self.assertEqual(one[b"ENVELOPE"], two[b"ENVELOPE"])
            self.assertEqual(one[b"BODY[HEADER]"], two[b"BODY[HEADER]"])
