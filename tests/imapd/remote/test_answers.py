from twisted.trial.unittest import SynchronousTestCase

from imapd.remote.answers import fetched, number, octets, responses, words
from imapd.remote.errors import LostError


class AnswerTests(SynchronousTestCase):
    def test_responses(self):
        for pieces, expected in (
            ([], []),
            ([b""], [[]]),
            ([b"1 (UID 5)"], [[b"1", [b"UID", b"5"]]]),
            ([b'(\\HasNoChildren) "/" INBOX'], [[[b"\\HasNoChildren"], b"/", b"INBOX"]]),
            ([b'() NIL "a\\"b\\\\"'], [[[], None, b'a"b\\']]),
            ([(b'() "." {3}', b'a"b'), b""], [[[], b".", b'a"b']]),
            ([b'NIL "NIL"'], [[None, b"NIL"]]),
            ([b"(a[1 b] c[)"], [[[b"a[1", b"b]", b"c["]]]),
            (
                [(b"1 (BODY[HEADER.FIELDS (A B)]<0> {1}", b")"), (b" X ~{2}", b"yz"), b" UID 3)", b"2 (UID 4)"],
                [[b"1", [b"BODY[HEADER.FIELDS (A B)]<0>", b")", b"X", b"yz", b"UID", b"3"]], [b"2", [b"UID", b"4"]]],
            ),
        ):
            self.assertEqual(list(responses(pieces)), expected)

    def test_what_is_malformed(self):
        for pieces in ([b"1 (UID 5"], [b")"], [b'"open'], [b'"\\'], [b"(" * 1000], [(b"(x {1}", b"y")]):
            self.assertRaises(LostError, list, responses(pieces))

    def test_items(self):
        self.assertEqual(fetched([b"1", [b"uid", b"5", b"FLAGS", []]]), {b"UID": b"5", b"FLAGS": []})
        for response in ([b"1"], [b"1", b"x"], [b"1", [b"UID"]], [b"1", [[], b"x"]], []):
            self.assertRaises(LostError, fetched, response)

    def test_types(self):
        self.assertEqual((number(b"12"), octets(b"x"), words([b"a"])), (12, b"x", [b"a"]))
        for read, value in (
            (number, b"-1"),
            (number, b"9" * 30),
            (number, None),
            (octets, []),
            (words, b"x"),
            (words, [[]]),
        ):
            self.assertRaises(LostError, read, value)

    def test_a_long_line_takes_its_time_but_ends(self):
        for octets_in_line in (b"[" * 100_000, b"BODY[" * 20_000, b'"' * 99_999, b'"\\' * 50_000):
            try:
                list(responses([octets_in_line]))
            except LostError:
                continue
            self.assertIn(octets_in_line[:1], b"[B")
