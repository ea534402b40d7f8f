from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.parameters import ContentType, Disposition, parse_content_type, parse_disposition
from tests.mailstore.mime.octets import any_octets


class ContentTypeTests(SynchronousTestCase):
    def test_well_formed(self):
        for value, expected in {
            b"text/plain": ContentType(b"text", b"plain"),
            b"TEXT/Plain; charset=us-ascii (Plain text)": ContentType(b"TEXT", b"Plain", ((b"charset", b"us-ascii"),)),
            b'a (b) / c; d="e;\\"f\\\\ (g)"; h = i': ContentType(b"a", b"c", ((b"d", b'e;"f\\ (g)'), (b"h", b"i"))),
            b"application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A": ContentType(
                b"application", b"x-stuff", ((b"title*", b"us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"),)
            ),
        }.items():
            self.assertEqual(parse_content_type(value), expected, value)

    def test_continuations_are_joined(self):
        for value, expected in {
            b"a/b; x*1=two; y=z; x*0=one": ((b"x", b"onetwo"), (b"y", b"z")),
            b"a/b; x*0*=us-ascii'en'This%20is; x*1*=%20***; x*2=\"isn't it!\"": (
                (b"x*", b"us-ascii'en'This%20is%20***isn%27t%20it%21"),
            ),
            b"a/b; x*0=one%; x*1*=%20two": ((b"x*", b"''one%25%20two"),),
            b"a/b; x*a=1; x*12345=2": ((b"x*a", b"1"), (b"x*12345", b"2")),
        }.items():
            self.assertEqual(parse_content_type(value), ContentType(b"a", b"b", expected), value)

    def test_broken(self):
        for value, expected in {
            b"text/plain;": (),
            b"text/plain;;; charset = x;;": ((b"charset", b"x"),),
            b"text/plain charset=x": ((b"charset", b"x"),),
            b"text/plain; charset": (),
            b"text/plain; name=a b.txt; charset=x": ((b"name", b"a"), (b"charset", b"x")),
            b"text/plain; boundary=----=_Part_1/2?": ((b"boundary", b"----=_Part_1/2?"),),
            b'text/plain; name="open; charset=x': ((b"name", b"open; charset=x"),),
            b"text/plain; name=\xff(comment": ((b"name", b"\xff"),),
            b'te\0xt/plain; name=""': ((b"name", b""),),
        }.items():
            self.assertEqual(parse_content_type(value), ContentType(b"text", b"plain", expected), value)
        for value in b"", b"text", b"text plain", b"/plain", b"text/", b"(text/plain", b'"text"/plain', b";charset=x":
            self.assertIs(parse_content_type(value), None, value)

    def test_get(self):
        media = ContentType(b"a", b"b", ((b"Name", b"first"), (b"name", b"second"), (b"x*", b"utf-8'en'%C3%A4'")))
        self.assertEqual(media.get(b"name"), b"first")
        self.assertEqual(media.get(b"x"), b"\xc3\xa4'")
        self.assertIs(media.get(b"y"), None)
        self.assertEqual(ContentType(b"Multipart", b"MIXED").essence, b"multipart/mixed")

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(any_octets)
    def test_any_octets(self, octets):
        parse_content_type(octets)
        parse_content_type(b"a/b;" + octets)
        parse_disposition(octets)


class DispositionTests(SynchronousTestCase):
    def test_dispositions(self):
        for value, expected in {
            b"inline": Disposition(b"inline"),
            b"Attachment; filename=genome.jpeg;\tsize=7": Disposition(
                b"Attachment", ((b"filename", b"genome.jpeg"), (b"size", b"7"))
            ),
            b'"in\\line"(x);filename="a b"': Disposition(b"inline", ((b"filename", b"a b"),)),
        }.items():
            self.assertEqual(parse_disposition(value), expected)
        for value in b"", b"()", b"; filename=x":
            self.assertIs(parse_disposition(value), None)
