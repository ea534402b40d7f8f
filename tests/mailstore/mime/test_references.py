from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.headers import Header
from mailstore.mime.references import MAX_REFERENCES, references


class ReferencesTests(SynchronousTestCase):
    def check(self, header: bytes, *expected: bytes) -> None:
        self.assertEqual(references(Header(header)), list(expected), header)

    def test_none(self):
        self.check(b"")
        self.check(b"Message-ID: nothing\r\nReferences:\r\nIn-Reply-To: your letter\r\n")

    def test_its_own_then_the_nearest(self):
        self.check(
            b"References: <a@x> <b@x>\r\n\t<c@x>\r\nIn-Reply-To: <c@x>\r\nMessage-ID: <d@x>\r\n",
            b"<d@x>", b"<c@x>", b"<b@x>", b"<a@x>",
        )

    def test_what_programs_write(self):
        self.check(b'In-Reply-To: Your message of "Mon" <a@x> <ada@example.org>\r\n', b"<a@x>")
        self.check(b"References: <a@x><b@x>,<c d> <>\r\n", b"<b@x>", b"<a@x>")
        self.check(b"Message-ID: <a> <b>\r\nMessage-ID: <c>\r\n", b"<a>")

    def test_the_nearest_of_many(self):
        many = [b"<%d>" % number for number in range(1000)]
        found = references(Header(b"References: " + b" ".join(many) + b"\r\nMessage-ID: <own>\r\n"))
        self.assertEqual(found, [b"<own>", *reversed(many[1 - MAX_REFERENCES :])])
