import re
from base64 import b64encode

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime import Message
from mailstore.mime.preview import CHARACTERS, LOOKS, PARTS, preview
from tests.mailstore.mime.octets import any_octets


def html(text: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\n\n" + text.encode()


def multipart(subtype: bytes, *parts: bytes) -> bytes:
    bodies = b"".join(b"\n--x\n" + part for part in parts)
    return b"Content-Type: multipart/%b; boundary=x\n%b\n--x--" % (subtype, bodies)


class PreviewTests(SynchronousTestCase):
    def check(self, *cases: tuple[bytes, str]) -> None:
        for octets, expected in cases:
            self.assertEqual(preview(Message(octets)), expected, octets)

    def test_plain_text_on_one_line(self):
        self.check(
            (b"Subject: x\n\nHello,\r\n\r\n  how\tare you?\r\n", "Hello, how are you?"),
            (b"\nnul\0 bell\x07 escape\x1b[31m del\x7f", "nul bell escape[31m del"),
            (b"Content-Type: text/plain; charset=iso-8859-1\n\ngr\xfc\xdfe", "grüße"),
            (b"Content-Transfer-Encoding: base64\n\n" + b64encode("grüße".encode()), "grüße"),
            (b"Content-Transfer-Encoding: quoted-printable\n\nsoft=\nbreak =C3=A9", "softbreak é"),
        )

    def test_its_length(self):
        for character in "a", "é", "😀":
            text = (character * 3 + " ") * 300
            self.check((b"\n" + text.encode(), text[:CHARACTERS].rstrip()))

    def test_quoted_lines_and_signatures_are_left_out_unless_there_is_nothing_else(self):
        self.check(
            (b"\n> asked\n>\n> much\n\nYes.\n-- \nAda\n", "Yes."),
            (b"\n> a\n> b\n", "> a > b"),
            (b"\nYes.\r\n> why?\r\n-- \r\nAda", "Yes."),
            (b"\na > b\n--\nAda", "a > b -- Ada"),
            (b"\n" + b"> quoted\n" * LOOKS[0] + b"Yes.", "Yes."),
        )

    def test_html(self):
        self.check(
            (html("<style>p{}</style><p>Hello <b>w</b>orld</p><p>&lt;3</p>"), "Hello world <3"),
            (html("<head><style>" + "p {}\n" * 2000 + "</style></head><body>Hello"), "Hello"),
            (html("<p>Now" + "&#847;&zwnj;&nbsp;" * 300 + "<p>then"), "Now then"),
            (html("<p>می\u200cخواهم"), "می\u200cخواهم"),
            (html("<p>left\u202etfel&#8238;"), "lefttfel"),
            (b"\n\x00\t! \x01 ?", "! ?"),
        )

    def test_which_part(self):
        plain, page = b"\nplain", html("<p>page")
        attached = b"Content-Disposition: ATTACHMENT; filename=x\n\nattached"
        image = b"Content-Type: image/png\n\nimage"
        self.check(
            (multipart(b"alternative", plain, page), "plain"),
            (multipart(b"alternative", b"\n \n", page), "page"),
            (multipart(b"mixed", image, attached, multipart(b"related", page, image)), "page"),
            (multipart(b"mixed", b"Content-Type: message/rfc822\n\nSubject: x\n\nenclosed", plain), "enclosed"),
            (multipart(b"mixed", *[image] * PARTS, plain), ""),
        )

    def test_none(self):
        self.check(
            (b"", ""),
            (b"Content-Type: image/png\n\nimage", ""),
            (multipart(b"encrypted", b"Content-Type: application/pgp-encrypted\n\nVersion: 1"), ""),
            (html("<img src=x>"), ""),
        )

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(any_octets)
    def test_any_octets(self, octets):
        for message in octets, b"Content-Type: text/html\n\n" + octets:
            text = preview(Message(message))
            self.assertLessEqual(len(text), CHARACTERS)
            self.assertIsNone(re.search(r"[\x00-\x1f\x7f-\x9f]|^ | $|  ", text))
