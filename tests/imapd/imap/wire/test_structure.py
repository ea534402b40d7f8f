from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.structure import body, bodystructure, envelope, rev2_bodies
from mailstore.mime import Kind, Message
from mailstore.mime.scanner import MAX_DEPTH, MAX_PARTS
from tests.mailstore.mime.octets import any_octets
from tests.strict_imap import parse_body, parse_envelope

EMPTY = b"(" + b" ".join([b"NIL"] * 10) + b")"
TEXT = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" %d %d)'
EXTENDED_TEXT = TEXT.removesuffix(b")") + b" NIL NIL NIL NIL)"
MIXED = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"


class EnvelopeTests(SynchronousTestCase):
    def check(self, cases: dict[bytes, bytes]) -> None:
        for header, expected in cases.items():
            spelled = envelope(Message(header))
            parse_envelope(spelled)
            self.assertEqual(spelled, expected, header)

    def test_the_example_of_rfc_3501(self):
        self.check(
            {
                b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
                b"From: Terry Gray <gray@cac.washington.edu>\r\n"
                b"Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
                b"To: imap@cac.washington.edu\r\n"
                b"cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
                b"Message-Id: <B27397-0100000@cac.washington.edu>\r\n\r\n": (
                    b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes"'
                    b' (("Terry Gray" NIL "gray" "cac.washington.edu"))'
                    b' (("Terry Gray" NIL "gray" "cac.washington.edu"))'
                    b' (("Terry Gray" NIL "gray" "cac.washington.edu"))'
                    b' ((NIL NIL "imap" "cac.washington.edu"))'
                    b' ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU"))'
                    b' NIL NIL "<B27397-0100000@cac.washington.edu>")'
                )
            }
        )

    def test_absent_and_empty(self):
        self.check(
            {
                b"": EMPTY,
                b"Subject:\r\nIn-Reply-To: \r\nFrom:\r\nTo: <>\r\n\r\n": EMPTY.replace(
                    b"NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL", b'NIL "" NIL NIL NIL NIL NIL NIL "" NIL'
                ),
                b"From: a@b\r\nSender: <>\r\nReply-To: c@d\r\n": (
                    b'(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) NIL NIL NIL NIL NIL)'
                ),
            }
        )

    def test_groups_routes_and_several_fields(self):
        self.check(
            {
                b"To: A: <@r:a@b>;\r\nSubject: s\r\nTo: c\r\n": (
                    b'(NIL "s" NIL NIL NIL ((NIL NIL "A" NIL)(NIL "@r" "a" "b")(NIL NIL NIL NIL)(NIL NIL "c" ""))'
                    b" NIL NIL NIL NIL)"
                )
            }
        )

    def test_strings(self):
        for value, spelled in {
            b'a "b" \\': b'"a \\"b\\" \\\\"',
            b"=?utf-8?q?=C3=A4?=": b'"=?utf-8?q?=C3=A4?="',
            b"a\r\n\tb": b'"a b"',
            b"\xc3\xa4": b"{2}\r\n\xc3\xa4",
            b"a\rb": b"{3}\r\na\rb",
            b"a\0b": b'"ab"',
            b"\0": b'""',
            b"NIL": b'"NIL"',
            b"x" * 2000: b"{2000}\r\n" + b"x" * 2000,
        }.items():
            self.check({b"Subject: " + value + b"\r\n": EMPTY.replace(b"NIL NIL", b"NIL " + spelled, 1)})


class BodyTests(SynchronousTestCase):
    def check(self, cases: dict[bytes, bytes]) -> None:
        for octets, expected in cases.items():
            spelled = body(Message(octets))
            parse_body(spelled)
            parse_body(bodystructure(Message(octets)), extended=True)
            self.assertEqual(spelled, expected, octets)

    def test_text(self):
        self.check(
            {
                b"": TEXT % (0, 0),
                b"\r\nx\r\ny": TEXT % (4, 1),
                b"Content-Type: TEXT/HTML\r\nContent-ID: <i>\r\nContent-Description: d\r\n"
                b"Content-Transfer-Encoding: Base64\r\n\r\nYQ==\r\n": (
                    b'("TEXT" "HTML" ("charset" "us-ascii") "<i>" "d" "Base64" 6 1)'
                ),
                b"Content-Type: text/plain; format=flowed; CharSet=utf-8\r\n\r\n": (
                    b'("text" "plain" ("format" "flowed" "CharSet" "utf-8") NIL NIL "7bit" 0 0)'
                ),
            }
        )

    def test_other_leaves(self):
        self.check(
            {
                b"Content-Type: image/png; name=\xe4\r\n\r\nx": (
                    b'("image" "png" ("name" {1}\r\n\xe4) NIL NIL "7bit" 1)'
                ),
                b"Content-Type: message/delivery-status\r\n\r\nx": (
                    b'("message" "delivery-status" NIL NIL NIL "7bit" 1)'
                ),
                b"Content-Type: message/global\r\n\r\nA: b\r\n": b'("message" "global" NIL NIL NIL "7bit" 6)',
            }
        )

    def test_multiparts(self):
        part = b"--B\r\n\r\nx\r\n"
        self.check(
            {
                MIXED + part + part + b"--B--\r\n": b"(" + TEXT % (1, 0) * 2 + b' "mixed")',
                MIXED + b"nothing": b"(" + TEXT % (0, 0) + b' "mixed")',
                MIXED + b"--B\r\n" + MIXED.replace(b"=B", b"=C") + b"--B--": (
                    b"((" + TEXT % (0, 0) + b' "mixed") "mixed")'
                ),
            }
        )

    def test_enclosed_messages(self):
        message = b"Subject: s\r\n\r\nx\r\n"
        spelled = b'NIL NIL NIL "7bit" %d (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) %b %d)'
        self.check(
            {
                b"Content-Type: Message/RFC822\r\n\r\n" + message: (
                    b'("Message" "RFC822" ' + spelled % (len(message), TEXT % (3, 1), 3)
                ),
                MIXED.replace(b"mixed", b"digest") + b"--B\r\n\r\n" + message + b"\r\n--B--": (
                    b'(("message" "rfc822" ' + spelled % (len(message), TEXT % (3, 1), 3) + b' "digest")'
                ),
            }
        )

    def test_what_promises_parts_and_has_none_is_opaque(self):
        head = b"Content-Type: message/rfc822; name=n\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        self.check({head: b'("application" "octet-stream" ("name" "n") NIL NIL "base64" 0)'})
        for level in MIXED + b"--B\r\n", b"Content-Type: message/rfc822\r\n\r\n":
            self.assertIn(b'"octet-stream"', body(Message(level * (MAX_DEPTH + 1))))
        parse_body(body(Message(MIXED + b"--B\r\n" + (MIXED + b"--B\r\n\r\nx\r\n--B--\r\n--B\r\n") * MAX_PARTS)))


class BodyStructureTests(SynchronousTestCase):
    def check(self, cases: dict[bytes, bytes]) -> None:
        for octets, expected in cases.items():
            spelled = bodystructure(Message(octets))
            parse_body(spelled, extended=True)
            self.assertEqual(spelled, expected, octets)

    def test_extension_data_of_a_part(self):
        self.check(
            {
                b"": EXTENDED_TEXT % (0, 0),
                b"Content-MD5: Q2hlY2s=\r\nContent-Disposition: attachment; filename=a\r\n"
                b"Content-Language: de (deutsch), en\r\nContent-Location: http://x/\r\n\r\n": (
                    TEXT.removesuffix(b")") % (0, 0)
                    + b' "Q2hlY2s=" ("attachment" ("filename" "a")) ("de" "en") "http://x/")'
                ),
                b"Content-Disposition: inline\r\nContent-Language:\r\n\r\n": (
                    TEXT.removesuffix(b")") % (0, 0) + b' NIL ("inline" NIL) NIL NIL)'
                ),
            }
        )

    def test_extension_data_of_a_multipart(self):
        self.check(
            {
                MIXED + b"--B\r\n\r\nx\r\n--B--": (
                    b"(" + EXTENDED_TEXT % (1, 0) + b' "mixed" ("boundary" "B") NIL NIL NIL)'
                ),
                b"Content-Disposition: inline\r\nContent-Type: multipart/mixed\r\n\r\n": (
                    b"(" + EXTENDED_TEXT % (0, 0) + b' "mixed" NIL ("inline" NIL) NIL NIL)'
                ),
            }
        )


class Rev2Tests(SynchronousTestCase):
    """RFC 9051, 7.5.2: message/global is a message."""

    def check(self, octets: bytes, expected: bytes) -> None:
        plain, _, extended = rev2_bodies(Message(octets)).partition(b"\0")
        parse_body(plain, rev2=True)
        parse_body(extended, extended=True, rev2=True)
        parse_body(body(Message(octets)))
        self.assertEqual(plain, expected)

    def test_what_is_enclosed_is_told(self):
        message = b"Subject: s\r\n\r\nx\r\n"
        spelled = b'NIL NIL NIL "7bit" 17 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) %b 3)' % (TEXT % (3, 1))
        self.check(b"Content-Type: Message / Global\r\n\r\n" + message, b'("Message" "Global" ' + spelled)
        self.check(
            MIXED + b"--B\r\nContent-Type: message/global\r\n\r\n" + message + b"\r\n--B--",
            b'(("message" "global" ' + spelled + b' "mixed")',
        )

    def test_an_encoded_one_is_opaque(self):
        head = b"Content-Type: message/global; name=n\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        self.check(head, b'("application" "octet-stream" ("name" "n") NIL NIL "base64" 0)')

    def test_nothing_is_kept_where_nothing_is_different(self):
        for octets in (
            b"",
            b"From: a@global.example\r\n\r\n",
            b"Content-Type: message/rfc822\r\n\r\nContent-Type: text/global\r\n\r\n",
            b"Content-Type: message/global-headers\r\n\r\n",
            b"\r\nContent-Type: message/global\r\n\r\n",
        ):
            self.assertEqual(rev2_bodies(Message(octets)), b"", octets)


class AnyOctetsTests(SynchronousTestCase):
    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(any_octets)
    def test_the_grammar_is_kept(self, octets):
        message = Message(octets)
        parse_envelope(envelope(message))
        structure = parse_body(bodystructure(message), extended=True)
        parse_body(body(message))
        plain, _, extended = rev2_bodies(message).partition(b"\0")
        parse_body(plain or body(message), rev2=True)
        parse_body(extended or bodystructure(message), extended=True, rev2=True)
        self.assertEqual(isinstance(structure[0], tuple), message.root.kind is Kind.MULTIPART)
