"""Headers larger than any program should write: what is before the limit is right, and memory stays bounded."""

import tracemalloc

from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.fetch.renderings import kept
from imapd.imap.fetch.surrogates import unpack
from imapd.imap.wire.encode import of_literal
from mailstore.mime import Message, headers, select_fields
from mailstore.mime.headers import Header
from mailstore.sqlite.contents import derive

LIMIT = 1000
FIELDS = b"".join(b"X-%d: some value\r\n folded\r\n" % number for number in range(200))
MESSAGE = b"Subject: odd\r\nContent-Type: text/html\r\n" + FIELDS + b"To: late@example.org\r\n\r\nbody\r\n"
RENDERINGS = {each.name: each for each in kept(ascii_headers=True)}


class LargeHeaderTest(SynchronousTestCase):
    def setUp(self):
        self.patch(headers, "MAX_OCTETS", LIMIT)

    def rendered(self, octets):
        return {each.name: made for each, made in derive(octets, list(RENDERINGS.values())).renderings.items()}

    def test_what_is_before_the_limit_is_found_and_the_body_is_where_it_was(self):
        message = Message(MESSAGE)
        header = message.header(message.root)
        self.assertEqual(header.subject, "odd")
        self.assertEqual(header.all(b"to"), ())
        self.assertTrue(MESSAGE.startswith(header.octets) and header.octets.endswith(b"\n"))
        self.assertTrue(LIMIT - 20 < len(header.octets) <= LIMIT)
        self.assertEqual(MESSAGE[message.root.body :], b"body\r\n")
        made = self.rendered(MESSAGE)
        self.assertIn(b'"odd"', made["imap.envelope"])
        self.assertIn(b'"text" "html"', made["imap.body"].lower())
        self.assertIn(b"body", made["imap.preview"])

    def test_a_line_without_an_end(self):
        self.assertEqual(Header(b"Subject: " + b"x" * 2 * LIMIT).get(b"subject"), b"x" * (LIMIT - 9))

    def test_fields_are_served_from_all_of_it(self):
        wanted = b"Subject: odd\r\nTo: late@example.org\r\n\r\n"
        head = MESSAGE.removesuffix(b"body\r\n")
        names = frozenset([b"subject", b"to"])
        self.assertEqual(select_fields(head, names), wanted)
        rest = head.replace(b"Subject: odd\r\n", b"").replace(b"To: late@example.org\r\n", b"")
        self.assertEqual(select_fields(head, names, negate=True), rest)
        made = of_literal(self.rendered(MESSAGE)["imap.headers.thunderbird"])
        self.assertEqual(made, b"Subject: odd\r\nContent-Type: text/html\r\nTo: late@example.org\r\n\r\n")

    def test_a_surrogate_has_all_of_it_in_ascii(self):
        part = "--b\r\nSubject: nö\r\n\r\nbody\r\n--b--\r\n".encode()
        early = MESSAGE.replace(b"odd", "ödd".encode())
        late = MESSAGE.replace(b"text/html", b"multipart/mixed; boundary=b")
        late = late.replace(b"To: late", "To: Lätë <late".encode())
        for octets in (early, late.replace(b"\r\n\r\nbody\r\n", b">\r\n\r\n" + part)):
            root = Message(octets).root
            edit = unpack(self.rendered(octets)["imap.surrogate"]).edits[0]
            self.assertEqual((edit.start, edit.stop), (0, root.body))
            self.assertTrue(edit.octets.isascii())
            self.assertEqual(edit.octets.count(b"\r\n"), octets[: root.body].count(b"\r\n"))
            for field in (b"\r\nTo: ", b"X-199: some value\r\n folded\r\n", b"late@example.org"):
                self.assertIn(field, edit.octets)

    def test_memory_is_bounded_whatever_comes(self):
        nothing_but_fields = b"a:b\r\n" * 100_000
        short_parts = b"--b\r\n" + b"a:b\r\n" * 40 + b"\r\n"
        parts = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + short_parts * 2000
        for octets in (nothing_but_fields, parts):
            tracemalloc.start()
            self.addCleanup(tracemalloc.stop)
            message = Message(octets)
            for part in (message.root, *message.root.children):
                message.header(part)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            self.assertLess(peak, 1000 * LIMIT)
