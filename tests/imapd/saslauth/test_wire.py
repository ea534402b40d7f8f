from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.saslauth import wire


class WireTests(SynchronousTestCase):
    def test_requests(self):
        found = wire.request(b"7\tplain\tservice=smtp\tnologin\trip=192.0.2.1\tsecured\tresp=AGEAYg==".split(b"\t"))
        self.assertEqual((found.id, found.mechanism, found.response), (b"7", b"PLAIN", b"AGEAYg=="))
        self.assertEqual(wire.decoded(found.response), b"\0a\0b")
        self.assertEqual((found.host, found.secured), ("192.0.2.1", True))

    def test_a_request_that_says_little(self):
        found = wire.request([b"7", b"LOGIN"])
        self.assertEqual((found.host, found.secured, found.response), ("local", False, None))

    def test_an_empty_response_is_one(self):
        self.assertEqual(wire.request([b"7", b"PLAIN", b"resp="]).response, b"")

    def test_bad_requests(self):
        for words in ([], [b"7"], [b"x", b"PLAIN"], [b"-7", b"PLAIN"], [b"1" * 11, b"PLAIN"]):
            self.assertRaises(wire.BadLine, wire.request, words)
        for words in ([], [b"7"], [b"x", b"YQ=="], [b"7", b"YQ==", b"x"]):
            self.assertRaises(wire.BadLine, wire.continuation, words)

    def test_bad_responses(self):
        for response in (b"?", b"YQ=", b"YQ==\n", b"YQ==YQ=="):
            self.assertRaises(wire.BadResponse, wire.decoded, response)

    def test_nothing_breaks_a_line(self):
        self.assertEqual(wire.encode(b"FAIL", b"7", b"user=a\tb\nc\x01"), b"FAIL\t7\tuser=a\x01tb\x01nc\x011\n")

    @given(st.binary(max_size=50))
    def test_whatever_comes_is_read_or_refused(self, line):
        for read in (wire.request, wire.continuation, wire.version):
            try:
                read(line.split(b"\t"))
            except wire.BadLine as error:
                self.assertTrue(str(error))
