from base64 import b64encode

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime import Message
from mailstore.mime.text import body_text, header_text
from tests.mailstore.mime.octets import any_octets

MIXED = b"Content-Type: multipart/mixed; boundary=B\r\n\r\npreamble\r\n"


def text_of(octets: bytes) -> str:
    return "".join(body_text(Message(octets)))


class HeaderTextTests(SynchronousTestCase):
    def test_names_and_decoded_values(self):
        message = Message(b"SUBJECT: =?utf-8?q?=C3=A4?=\r\n\tb\r\nodd line\r\nX:\r\n\r\nbody: x")
        self.assertEqual(header_text(message), [("subject", "ä b"), ("", "odd line"), ("x", "")])


class BodyTextTests(SynchronousTestCase):
    def test_plain(self):
        self.assertEqual(text_of(b"A: header\r\n\r\none \r\ntwo\n"), "one \r\ntwo\n")

    def test_decoded(self):
        head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        self.assertEqual(text_of(head + b64encode("grün".encode())), "grün")

    def test_parts_and_their_headers(self):
        text = text_of(
            MIXED + b"--B\r\nContent-Description: =?utf-8?q?=C3=A4?=\r\n\r\none\r\n--B\r\n"
            b"Content-Type: text/html\r\n\r\n<b>two</b>\r\n--B--\r\nepilogue"
        )
        self.assertEqual(text, "content-description: ä\r\n\r\none\r\ncontent-type: text/html\r\n\r\n<b>two</b>\r\n")

    def test_enclosed_messages(self):
        text = text_of(b"Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?s?=\r\n\r\nx")
        self.assertEqual(text, "subject: s\r\n\r\nx\r\n")

    def test_other_parts_are_left_out(self):
        part = b"--B\r\nContent-Type: %b; name=n\r\n\r\nsecret\r\n"
        self.assertNotIn("secret", text_of(MIXED + part % b"image/png" + part % b"application/pdf"))
        for media in b"text/calendar", b"message/delivery-status", b"nonsense":
            self.assertIn("secret", text_of(MIXED + part % media))

    def test_a_multipart_without_parts_is_text(self):
        self.assertEqual(text_of(MIXED + b"all there is"), "preamble\r\nall there is")

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(any_octets)
    def test_any_octets(self, octets):
        text_of(octets)
        header_text(Message(octets))
