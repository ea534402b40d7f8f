"""Whatever is said in whatever order: everything is answered, nothing breaks, and the connection ends as it should."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from tests.imapd.lmtp.case import LmtpCase

SAID = (
    *(b"LHLO me\r\n", b"MAIL FROM:<>\r\n", b"MAIL FROM:<bob@example.net> SIZE=99\r\n", b"RCPT TO:<ada>\r\n"),
    *(b"RCPT TO:<eve>\r\n", b"DATA\r\n", b"BDAT 3\r\n", b"BDAT 20 LAST\r\n", b"BDAT 0 LAST\r\n", b"BDAT x\r\n"),
    *(b"RSET\r\n", b"NOOP\r\n", b"HELP\r\n", b"VRFY ada\r\n", b"QUIT now\r\n", b"EHLO me\r\n", b"AUTH PLAIN\r\n"),
    *(b"\r\n.\r\n", b".\r\n", b"\n.\n", b".", b"\r", b"\n", b"\0", b"\xff\xfe\r\n", b"a: b\r\n\r\n", b"RCPT TO:<\r\n"),
)
END = b"\r\n" * 30 + b".\r\nQUIT\r\n"
"""Behind it, a message has ended, a chunk is whole, or there were too many lines that are none."""


class BabbleTests(LmtpCase):
    def test_babble(self):
        found = []

        @settings(max_examples=60, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(st.sampled_from(SAID), max_size=25))
        def find(pieces):
            found.append(pieces)

        find()
        return Deferred.fromCoroutine(self._say(found))

    async def _say(self, found):
        for pieces in found:
            client = await self.connect()
            for piece in (*pieces, END):
                client.send(piece)
            await client.ended()
            said = client.taken()
            self.assertRegex(said, re.compile(rb"\A([2345]\d\d[ -][^\r\n]*\r\n)+\Z"), pieces)
            self.assertRegex(said, rb"(\A|\n)(221|421|501) [^\r\n]*\r\n\Z", pieces)
        self.assertEqual(self.server.lmtp._connections, {})
        self.assertEqual(self.flushLoggedErrors(), [])
