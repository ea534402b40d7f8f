import mmap
from collections.abc import Iterator
from tempfile import TemporaryFile

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime import Kind, Part, pack, scan, unpack
from mailstore.mime.scanner import MAX_DEPTH, MAX_PARTS
from tests.mailstore.mime.octets import any_octets

MIXED = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"


def bodies(octets: bytes) -> list[bytes]:
    """Return the bodies of the root's children."""
    return [octets[part.body : part.end] for part in scan(octets).children]


def headers(octets: bytes) -> list[bytes]:
    return [octets[part.header : part.body] for part in scan(octets).children]


def walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from walk(child)


def depth(part: Part) -> int:
    return 1 + max(map(depth, part.children), default=0)


class LeafTests(SynchronousTestCase):
    def test_header_and_body(self):
        for octets, expected in {
            b"": Part(Kind.LEAF, 0, 0, 0, 0),
            b"\r\n": Part(Kind.LEAF, 0, 2, 2, 0),
            b"\n\n": Part(Kind.LEAF, 0, 1, 2, 1),
            b"A: b": Part(Kind.LEAF, 0, 4, 4, 0),
            b"A: b\r\n": Part(Kind.LEAF, 0, 6, 6, 0),
            b"A: b\r\n\r\nx\r\ny": Part(Kind.LEAF, 0, 8, 12, 1),
            b"A: b\n\nx\r\ny\n": Part(Kind.LEAF, 0, 6, 11, 2),
            b"A: b\n\r\nx": Part(Kind.LEAF, 0, 7, 8, 0),
            b"A: b\r\r\r\n\r\n\0": Part(Kind.LEAF, 0, 10, 11, 0),
            b"no field\r\n \r\nA: b\r\n\r\n": Part(Kind.LEAF, 0, 21, 21, 0),
        }.items():
            self.assertEqual(scan(octets), expected, octets)

    def test_a_message_hidden_by_an_encoding_is_a_leaf(self):
        head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: %b\r\n\r\nA: b\r\n"
        for encoding, kind in [(b"base64", Kind.LEAF), (b"Quoted-Printable (!)", Kind.LEAF), (b"8bit", Kind.MESSAGE)]:
            self.assertIs(scan(head % encoding).kind, kind)

    def test_broken_content_types_are_text(self):
        for value in b"multipart", b"/mixed; boundary=B", b"", b";", b"multipart / ; boundary=B":
            self.assertIs(scan(b"Content-Type: " + value + b"\r\n\r\n--B\r\n\r\nx\r\n--B--").kind, Kind.LEAF)


class MultipartTests(SynchronousTestCase):
    def test_the_example_of_rfc_2046(self):
        octets = (
            b'Content-type: multipart/mixed; boundary="simple boundary"\r\n\r\npreamble\r\n'
            b"--simple boundary\r\n\r\nIt does NOT end with a linebreak.\r\n"
            b"--simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\n"
            b"It DOES end with a linebreak.\r\n\r\n"
            b"--simple boundary--\r\n\r\nepilogue\r\n"
        )
        root = scan(octets)
        self.assertIs(root.kind, Kind.MULTIPART)
        self.assertEqual(root.end, len(octets))
        self.assertEqual(root.lines, octets[root.body :].count(b"\n"))
        self.assertEqual(bodies(octets), [b"It does NOT end with a linebreak.", b"It DOES end with a linebreak.\r\n"])
        self.assertEqual(headers(octets), [b"\r\n", b"Content-type: text/plain; charset=us-ascii\r\n\r\n"])
        self.assertEqual([part.lines for part in root.children], [0, 1])

    def test_boundary_parameters(self):
        for parameter in (
            b"boundary=B",
            b'BOUNDARY = "B"',
            b'boundary="B  "',
            b'boundary="\\B"',
            b"charset=x; boundary=B",
            b" (comment; boundary=C) boundary=B",
            b'name="boundary=C"; boundary=B',
            b"boundary*0=B",
            b"boundary*=us-ascii'en'%42",
            b"boundary=B; boundary=C",
        ):
            octets = b"content-TYPE:multipart/x;\r\n " + parameter + b"\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"
            self.assertEqual(bodies(octets), [b"x"], parameter)

    def test_without_a_boundary_there_are_no_parts(self):
        for parameter in b"", b"; boundary", b"; boundary=", b'; boundary=""', b'; boundary=" "':
            root = scan(b"Content-Type: multipart/mixed" + parameter + b"\r\n\r\n--\r\n\r\nx\r\n----")
            self.assertEqual((root.kind, root.children), (Kind.MULTIPART, ()))

    def test_boundary_lines(self):
        for body, expected in {
            b"--B\r\n\r\nx\r\n--B--": [b"x"],
            b"--B\n\nx\n--B--\n": [b"x"],
            b"--B\r\n\r\nx\n\r\n--B \t\r\n\r\ny\r\n--B-- \r\n": [b"x\n", b"y"],
            b"--B\r\n\r\nx--B\r\n --B\r\ry\r\n--B--\r\n--B\r\n\r\nz": [b"x--B\r\n --B\r\ry"],
            b"--B\r\n--B\r\n\r\n--B\r\n\r\n\r\n--B--": [b"", b"", b""],
            b"--Bb\r\n\r\nx\r\n--B--": [b"x"],
            b"--B\r\n\r\nno end\r\n": [b"no end\r\n"],
            b"--B\r\n\r\nx\r\n--B\r\n": [b"x", b""],
            b"--B\r\n\r\nx\r\n--B": [b"x"],
            b"--B\r\n\r\nx\r\n--B-": [b"x"],
            b"": [],
            b"none": [],
        }.items():
            self.assertEqual(bodies(MIXED + body), expected, body)

    def test_a_header_without_an_empty_line_ends_before_the_boundary(self):
        octets = MIXED + b"--B\r\nA: b\r\n--B\r\nA: b\r\n\r\n--B--"
        self.assertEqual(headers(octets), [b"A: b", b"A: b\r\n"])
        self.assertEqual(bodies(octets), [b"", b""])


class NestingTests(SynchronousTestCase):
    def test_an_outer_boundary_ends_inner_multiparts(self):
        octets = MIXED + b"--B\r\nContent-Type: multipart/x; boundary=C\r\n\r\n--C\r\n\r\nx\r\n--B\r\n\r\ny\r\n--B--"
        inner, last = scan(octets).children
        self.assertEqual([octets[part.body : part.end] for part in inner.children], [b"x"])
        self.assertEqual(octets[inner.body : inner.end], b"--C\r\n\r\nx")
        self.assertEqual(octets[last.body : last.end], b"y")

    def test_one_boundary_may_begin_with_another(self):
        for outer, inner in [(b"a", b"ab"), (b"ab", b"a")]:
            octets = (
                b"Content-Type: multipart/x; boundary=%(o)b\r\n\r\n--%(o)b\r\n"
                b"Content-Type: multipart/x; boundary=%(i)b\r\n\r\n"
                b"--%(i)b\r\n\r\nx\r\n--%(i)b\r\n\r\ny\r\n--%(i)b--\r\n"
                b"--%(o)b\r\n\r\nz\r\n--%(o)b--\r\n"
            ) % {b"o": outer, b"i": inner}
            first, last = scan(octets).children
            self.assertEqual([octets[part.body : part.end] for part in first.children], [b"x", b"y"])
            self.assertEqual(octets[last.body : last.end], b"z")

    def test_of_equal_boundaries_the_innermost_is_meant(self):
        octets = MIXED + b"--B\r\n" + MIXED + b"--B\r\n\r\nx\r\n--B--\r\n--B\r\n\r\ny\r\n--B--\r\n"
        first, last = scan(octets).children
        self.assertEqual([octets[part.body : part.end] for part in first.children], [b"x"])
        self.assertEqual(octets[last.body : last.end], b"y")

    def test_an_empty_part_where_an_outer_boundary_begins_lies_within_its_parent(self):
        inner = b"Content-Type: multipart/mixed; boundary=BB\n\n--BB\n\nx\n--BB\n"
        octets = MIXED + b"--B\n" + inner + b"--B--\n"
        [part] = scan(octets).children
        self.assertEqual([octets[child.body : child.end] for child in part.children], [b"x", b""])
        self.assertEqual(part.end, octets.index(b"--B--"))
        self.assertEqual(part.children[-1], Part(Kind.LEAF, part.end, part.end, part.end, 0))
        self.assertEqual(part.lines, octets.count(b"\n", part.body, part.end))

    def test_an_enclosed_message(self):
        octets = MIXED + b"--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx\r\ny\r\n--B--"
        (part,) = scan(octets).children
        (message,) = part.children
        self.assertIs(part.kind, Kind.MESSAGE)
        self.assertEqual(octets[part.body : part.end], b"Subject: s\r\n\r\nx\r\ny")
        self.assertEqual((part.body, part.end, part.lines), (message.header, message.end, 3))
        self.assertEqual((octets[message.body : message.end], message.lines), (b"x\r\ny", 1))

    def test_the_empty_line_of_an_enclosed_header_belongs_to_the_boundary_if_there_is_no_body(self):
        octets = MIXED + b"--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\n--B--"
        (part,) = scan(octets).children
        self.assertEqual(octets[part.body : part.end], b"Subject: s\r\n")

    def test_the_parts_of_a_digest_are_messages(self):
        octets = MIXED.replace(b"mixed", b"Digest") + b"--B\r\n\r\nA: b\r\n--B\r\nContent-Type: text/plain\r\n\r\nx"
        first, last = scan(octets).children
        self.assertEqual((first.kind, last.kind), (Kind.MESSAGE, Kind.LEAF))


class LimitTests(SynchronousTestCase):
    def test_too_many_parts(self):
        octets = MIXED + b"--B\r\n\r\nx\r\n" * (MAX_PARTS + 10)
        children = scan(octets).children
        self.assertEqual(len(children), MAX_PARTS - 1)
        self.assertEqual((children[-2].end - children[-2].body, children[-1].end), (1, len(octets)))

    def test_too_deep(self):
        for level in b"Content-Type: message/rfc822\r\n\r\n", MIXED + b"--B\r\n":
            self.assertEqual(depth(scan(level * (MAX_DEPTH * 3))), MAX_DEPTH + 1)

    def test_long_boundaries(self):
        boundary = b"b" * 500
        octets = MIXED.replace(b"=B", b"=" + boundary) + b"--%b\r\n\r\nx\r\n--%b\r\n\r\ny" % (boundary, boundary)
        self.assertEqual(bodies(octets), [b"x", b"y"])


class AnyOctetsTests(SynchronousTestCase):
    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(any_octets)
    def test_parts_lie_within_their_parents_and_in_order(self, octets):
        root = scan(octets)
        self.assertEqual((root.header, root.end), (0, len(octets)))
        for part in walk(root):
            self.assertLessEqual(part.header, part.body)
            self.assertLessEqual(part.body, part.end)
            self.assertEqual(part.lines, octets.count(b"\n", part.body, part.end))
            starts = [child.header for child in part.children] + [part.end]
            ends = [part.body] + [child.end for child in part.children]
            self.assertTrue(all(end <= start for end, start in zip(ends, starts, strict=True)))
            self.assertTrue(part.kind is not Kind.LEAF or not part.children)
            self.assertTrue(part.kind is not Kind.MESSAGE or len(part.children) == 1)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(any_octets)
    def test_packing(self, octets):
        root = scan(octets)
        self.assertEqual(unpack(pack(root)), root)

    def test_what_was_not_packed(self):
        for packed in b"", b"x", bytes(48), pack(scan(MIXED + b"--B\r\n\r\n"))[:-24], b"\x09" + bytes(23):
            self.assertRaises(ValueError, unpack, packed)

    def test_a_mapped_file(self):
        octets = MIXED + b"--B\r\n\r\n" + b"text\r\n" * 300_000 + b"--B--\r\n"
        with TemporaryFile() as file:
            file.write(octets)
            file.flush()
            with mmap.mmap(file.fileno(), len(octets), access=mmap.ACCESS_READ) as mapped:
                self.assertEqual(scan(mapped), scan(octets))
