import re

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.formats import fileoctets
from imapd.formats.fileoctets import FileOctets
from tests.imapd.formats.files import write

LINE = re.compile(rb"\na+")


class FileOctetsTests(SynchronousTestCase):
    def setUp(self):
        self.patch(fileoctets, "PIECE", 8)
        self.patch(fileoctets, "MARGIN", 4)

    def file(self, octets):
        self.path = write(self.mktemp(), octets)
        return FileOctets(self.path)

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(st.binary(max_size=40), st.integers(0, 45), st.integers(0, 45))
    def test_slices_are_those_of_the_octets(self, octets, start, stop):
        read = self.file(octets)
        self.assertEqual(len(read), len(octets))
        self.assertEqual((read[start:stop], read[-start:], read[:]), (octets[start:stop], octets[-start:], octets))

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(
        st.lists(st.sampled_from([b"\n", b"\na", b"\naaa", b"b", b"bbbbb"]), max_size=12).map(b"".join),
        st.integers(0, 20),
        st.integers(0, 60),
    )
    def test_what_is_found_does_not_depend_on_where_pieces_end(self, octets, start, stop):
        found = [match.start() for match in LINE.finditer(octets, start, stop)]
        self.assertEqual(list(self.file(octets).search(LINE, start, min(stop, len(octets)))), found)

    def test_a_file_that_became_shorter_is_an_error(self):
        read = self.file(b"a" * 40)
        self.assertEqual(read[0:2], b"aa")
        self.path.write_bytes(b"a" * 20)
        with self.assertRaises(OSError) as caught:
            read[30:32]
        self.assertIn("became shorter", caught.exception.strerror)
        self.assertEqual(caught.exception.filename, str(self.path))
        with self.assertRaises(OSError):
            list(read.search(LINE, 0, 40))
