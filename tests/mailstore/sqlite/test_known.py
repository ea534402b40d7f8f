"""Header fields that an account remembers of what it read."""

from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from mailstore.fulltext.text import field_mark, values
from mailstore.sqlite.index import known
from mailstore.sqlite.index.known import KnownFields, Values
from mailstore.sqlite.index.upkeep import SEGMENT

HEADER = field_mark("subject") + b"one" + field_mark("received") + b"a" + field_mark("received") + b"b"


def _never(field: str) -> list[bytes]:
    raise AssertionError("it was read again")


def _giving(header: bytes) -> Values:
    return partial(values, header)


class KnownFieldsTests(SynchronousTestCase):
    """A header is read once for each field that is asked for."""

    def test_is_read_once(self) -> None:
        fields = KnownFields()
        for header in (_giving(HEADER), _never):
            self.assertEqual(fields.of(1, "subject", header), b"one")

    def test_has_all_values_apart(self) -> None:
        self.assertEqual(KnownFields().of(1, "received", _giving(HEADER)), b"a\xffb")

    def test_tells_no_field_from_an_empty_one(self) -> None:
        fields = KnownFields()
        for header in (_giving(field_mark("subject")), _never):
            self.assertEqual(fields.of(1, "subject", header), b"")
        for header in (_giving(field_mark("subject")), _never):
            self.assertIsNone(fields.of(1, "from", header))

    def test_reads_sender_and_subject_together(self) -> None:
        fields = KnownFields()
        fields.of(1, "from", _giving(HEADER))
        self.assertEqual(fields.of(1, "subject", _never), b"one")

    def test_keeps_all_that_no_segment_has(self) -> None:
        fields = KnownFields()
        read = _giving(field_mark("from") + b"x" * 60 + field_mark("subject") + b"x" * 60)
        for content in range(SEGMENT):
            fields.of(content, "from", read)
        for content in range(SEGMENT):
            for field in known.TOGETHER:
                self.assertEqual(fields.of(content, field, _never), b"x" * 60)

    def test_keeps_contents_apart(self) -> None:
        fields = KnownFields()
        fields.of(1, "subject", _giving(HEADER))
        self.assertEqual(fields.of(2, "subject", _giving(field_mark("subject") + b"two")), b"two")

    def test_keeps_nothing_large(self) -> None:
        fields = KnownFields()
        large = b"x" * (known.LARGEST_VALUE + 1)
        self.assertEqual(fields.of(1, "subject", _giving(field_mark("subject") + large)), large)
        self.assertEqual(fields.of(1, "subject", _giving(HEADER)), b"one")

    def test_begins_anew_when_it_is_full(self) -> None:
        self.patch(known, "KNOWN_OCTETS", 1000)
        fields = KnownFields()
        for content in range(10):
            fields.of(content, "subject", _giving(HEADER))
        self.assertEqual(fields.of(9, "subject", _never), b"one")
        self.assertEqual(fields.of(0, "subject", _giving(field_mark("subject") + b"read again")), b"read again")
