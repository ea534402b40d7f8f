import encodings
import pkgutil
from base64 import b64encode
from quopri import encodestring

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime import Message
from mailstore.mime.body import decode_body
from mailstore.mime.charsets import codec_of, decode, decode_pieces
from mailstore.mime.decode import decode_header
from mailstore.mime.transfer import decode_transfer, parse_transfer_encoding
from tests.mailstore.mime.octets import any_octets


class HeaderTests(SynchronousTestCase):
    def check(self, cases: dict[bytes, str]) -> None:
        for value, expected in cases.items():
            self.assertEqual(decode_header(value), expected, value)

    def test_the_examples_of_rfc_2047(self):
        self.check(
            {
                b"=?ISO-8859-1?Q?a?=": "a",
                b"=?ISO-8859-1?Q?a?= b": "a b",
                b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=": "ab",
                b"=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=": "ab",
                b"=?ISO-8859-1?Q?a_b?=": "a b",
                b"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=": "a b",
                b"=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>": "Keith Moore <moore@cs.utk.edu>",
                b"=?iso-8859-1?q?this=20is=20some=20text?=": "this is some text",
                b"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kLg==?=": (
                    "If you can read this you understand."
                ),
            }
        )

    def test_characters_torn_apart(self):
        self.check(
            {
                b"=?utf-8?q?=C3?= =?UTF-8?q?=A4?=": "ä",
                b"=?utf-8?b?w6Q?= =?utf-8?b?w7Y=?=": "äö",
                b"=?iso-2022-jp?b?GyRCOzNFRA==?= =?iso-2022-jp?b?GyhC?=": "山田",
            }
        )

    def test_where_they_should_not_be(self):
        self.check(
            {
                b'"=?utf-8?q?a?=" x=?utf-8?q?b?=y': '"a" xby',
                b"(=?utf-8?q?a b?=)": "(a b)",
                b"=?utf-8*en?q?a?=": "a",
            }
        )

    def test_charsets_that_lie(self):
        self.check(
            {
                b"=?utf-8?q?=E4?=": "�",
                b"=?us-ascii?q?=C3=A4?=": "ä",
                b"=?x-unknown?q?=E4?=": "ä",
                b"=?unicode_escape?q?=5Cx41?=": "\\x41",
                b"=?\0?q?a?=": "a",
                b"=?utf-8?b?!?=": "",
            }
        )

    def test_no_encoded_words(self):
        for value in b"=?utf-8?q?a", b"=?utf-8?x?a?=", b"=?utf 8?q?a?=", b"=?=?=", b"", b"plain":
            self.assertEqual(decode_header(value), value.decode())

    def test_unencoded(self):
        self.check({"ä".encode(): "ä", b"\xe4\x80": "ä€", b"\xff =?utf-8?q?a?=": "ÿ a"})

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(any_octets)
    def test_any_octets(self, octets):
        decode_header(octets).encode()


class CharsetTests(SynchronousTestCase):
    def test_names(self):
        for charset, codec in {
            b"UTF-8": "utf-8",
            b" latin1": "cp1252",
            b"Windows-1251": "cp1251",
            b"cp-850": "cp850",
            b"GB2312": "gb18030",
            b"ks_c_5601-1987": "cp949",
            b"iso-8859-8-I": "iso8859-8",
            b"us-ascii": "",
            b"zlib": "",
            b"unicode_escape": "",
            b"punycode": "",
            b"utf-7": "",
            b"a\0b": "",
            b"\xff": "",
            b"utf-8" * 100: "",
        }.items():
            self.assertEqual(codec_of(charset), codec, charset)

    def test_pieces_cut_anywhere(self):
        for charset in b"utf-8", b"utf-16", b"gb2312", b"iso-2022-jp", b"shift_jis", b"":
            text = "山田 A" * 3
            octets = text.encode(codec_of(charset) or "utf-8")
            for cut in range(len(octets)):
                self.assertEqual("".join(decode_pieces([octets[:cut], octets[cut:]], charset)), text)

    def test_undeclared_text_is_windows_1252_from_where_it_is_not_utf_8(self):
        self.assertEqual("".join(decode_pieces([b"\xc3\xa4", b"\xe4", b"\xc3\xa4"])), "ääÃ¤")
        self.assertEqual("".join(decode_pieces([b"a\xc3", b"b"])), "aÃb")
        self.assertEqual(decode(b"a\xc3"), "aÃ")

    @settings(max_examples=10, deadline=None, derandomize=True)
    @given(st.binary(max_size=40))
    def test_no_charset_fails(self, octets):
        for module in pkgutil.iter_modules(encodings.__path__):
            "".join(decode_pieces([octets, octets[:3], octets], module.name.encode()))


class TransferTests(SynchronousTestCase):
    def decoded(self, encoding: bytes, *pieces: bytes) -> bytes:
        return b"".join(decode_transfer(pieces, encoding))

    def test_names(self):
        for value, encoding in {
            None: b"7bit",
            b"": b"7bit",
            b" Base64 ": b"Base64",
            b"(a) quoted-printable (b); x": b"quoted-printable",
            b"quoted printable": b"7bit",
            b"text/html": b"7bit",
            b"x-uuencode": b"x-uuencode",
        }.items():
            self.assertEqual(parse_transfer_encoding(value), encoding, value)

    def test_base64(self):
        for octets, expected in {
            b"YWJj": b"abc",
            b"Y W\r\nJ!j": b"abc",
            b"YWI=YWJj": b"ab",
            b"YWJjYQ": b"abca",
            b"YWJjYWI": b"abcab",
            b"YWJjY": b"abc",
            b"=": b"",
        }.items():
            self.assertEqual(self.decoded(b"BASE64", octets), expected)

    def test_quoted_printable(self):
        for octets, expected in {
            b"a=3Db=\r\nc=\nd": b"a=bcd",
            b"=zz=4": b"=zz=4",
            b"a_b=e4": b"a_b\xe4",
        }.items():
            self.assertEqual(self.decoded(b"quoted-printable", octets), expected)

    def test_others_are_left_alone(self):
        for encoding in b"7bit", b"8bit", b"binary", b"x-unknown":
            self.assertEqual(self.decoded(encoding, b"a=3D", b"=\r\n"), b"a=3D=\r\n")

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.binary(), st.integers(1, 20))
    def test_pieces_cut_anywhere(self, octets, size):
        for encoding, encoded in (b"base64", b64encode(octets)), (b"quoted-printable", encodestring(octets)):
            pieces = [encoded[at : at + size] for at in range(0, len(encoded), size)]
            self.assertEqual(self.decoded(encoding, *pieces), octets)


class BodyTests(SynchronousTestCase):
    def test_transfer_encoding_and_charset(self):
        for header, body, expected in [
            (b"", b"a\xe4\r\n", "aä\r\n"),
            (b"Content-Type: text/plain; charset=koi8-r\r\n", b"\xc1", "а"),  # the Cyrillic letter
            (b"Content-Transfer-Encoding: base64\r\n", b"w6Q=", "ä"),
            (b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n", b"=C3=A4", "ä"),
        ]:
            message = Message(header + b"\r\n" + body)
            text = "".join(decode_body(message.octets, message.root, message.header(message.root)))
            self.assertEqual(text, expected)

    def test_long_bodies_come_in_pieces(self):
        message = Message(b"\r\n" + "ä".encode() * 200_000)
        pieces = list(decode_body(message.octets, message.root, message.header(message.root)))
        self.assertGreater(len(pieces), 3)
        self.assertEqual("".join(pieces), "ä" * 200_000)
