from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.headers import Header, select_fields
from mailstore.model import InternalDate
from tests.mailstore.mime.octets import any_octets

HEADER = (
    b"From ada Mon Jan  1 00:00:00 2001\r\n"
    b"Received: one\r\n"
    b"\tfolded: two\r\n"
    b"SUBJECT :  hello\r\n world \r\n"
    b"no field\r\n"
    b"Received:three\n"
    b"X-Empty:\r\n"
    b"\r\n"
)


class HeaderTests(SynchronousTestCase):
    def test_get_and_all(self):
        header = Header(HEADER)
        self.assertEqual(header.get(b"subject"), b"hello world")
        self.assertEqual(header.get(b"received"), b"one folded: two")
        self.assertEqual(header.get(b"x-empty"), b"")
        self.assertIs(header.get(b"x-none"), None)
        self.assertEqual(header.all(b"received"), [b"one folded: two", b"three"])
        self.assertEqual(list(header.all(b"x-none")), [])

    def test_what_is_parsed_of_it(self):
        header = Header(b"To: bob@x\r\nTo: eve@x\r\nSubject: =?utf-8?q?h=C3=A4?=\r\nDate: 1 Jan 1970 00:01 +0100\r\n")
        self.assertEqual([address.mailbox for address in header.addresses(b"to")], [b"bob", b"eve"])
        self.assertIs(header.addresses(b"to"), header.addresses(b"to"))
        self.assertEqual(list(header.addresses(b"cc")), [])
        self.assertEqual((header.subject, header.date), ("hä", InternalDate(60 - 3600, 60)))
        nothing = Header(b"")
        self.assertEqual((nothing.subject, nothing.date), ("", None))

    def test_fields_in_order(self):
        self.assertEqual(
            [(*field, field.value) for field in Header(HEADER)],
            [
                (b"", b"From ada Mon Jan  1 00:00:00 2001\r\n", b"From ada Mon Jan  1 00:00:00 2001"),
                (b"received", b"Received: one\r\n\tfolded: two\r\n", b"one folded: two"),
                (b"subject", b"SUBJECT :  hello\r\n world \r\n", b"hello world"),
                (b"", b"no field\r\n", b"no field"),
                (b"received", b"Received:three\n", b"three"),
                (b"x-empty", b"X-Empty:\r\n", b""),
            ],
        )

    def test_the_first_of_several(self):
        values = [Header(HEADER).get(name) for name in (b"subject", b"received", b"x-empty", b"x-none", b"rec")]
        self.assertEqual(values, [b"hello world", b"one folded: two", b"", None, None])

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(any_octets)
    def test_nothing_is_lost(self, octets):
        raw = b"".join(field.raw for field in Header(octets))
        self.assertEqual(*(whole.replace(b"\r\n", b"").replace(b"\n", b"") for whole in (raw, octets)))


class SelectFieldsTests(SynchronousTestCase):
    def test_the_fields_of_these_names_and_the_empty_line(self):
        self.assertEqual(
            select_fields(HEADER, frozenset([b"received", b"x-none"])),
            b"Received: one\r\n\tfolded: two\r\nReceived:three\n\r\n",
        )

    def test_all_but_these(self):
        self.assertEqual(
            select_fields(HEADER, frozenset([b"received", b"subject"]), negate=True),
            b"From ada Mon Jan  1 00:00:00 2001\r\nno field\r\nX-Empty:\r\n\r\n",
        )
        self.assertEqual(select_fields(HEADER, frozenset(), negate=True), HEADER)

    def test_no_field_at_all(self):
        self.assertEqual(select_fields(HEADER, frozenset([b"x-none"])), b"\r\n")

    def test_a_header_selects_alike(self):
        for names in frozenset([b"received", b"x-none"]), frozenset([b"x-none"]), frozenset[bytes]():
            self.assertEqual(Header(HEADER).select(names), select_fields(HEADER, names))

    def test_there_is_no_empty_line_where_the_message_has_none(self):
        self.assertEqual(select_fields(b"A: b\r\nC: d", frozenset([b"c"])), b"C: d")
        self.assertEqual(select_fields(b"A: b\r\nC: d", frozenset([b"e"])), b"")
        self.assertEqual(select_fields(b"", frozenset([b"a"])), b"")

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(any_octets)
    def test_a_selection_and_its_negation_make_the_whole(self, octets):
        names = frozenset([b"content-type", b"subject"])
        self.assertEqual(select_fields(octets, frozenset(), negate=True), octets)
        both = len(select_fields(octets, names)) + len(select_fields(octets, names, negate=True))
        self.assertEqual(both - len(octets), len(select_fields(octets, frozenset())))
