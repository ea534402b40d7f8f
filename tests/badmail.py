"""Messages as no program should write them, and some do."""

import base64
import random


def headed(body: bytes, *fields: bytes) -> bytes:
    """Return a message with a subject, some more fields, and a body."""
    return b"\r\n".join([b"Subject: odd", *fields, b"", body])


def of_parts(count: int) -> bytes:
    """Return a multipart with so many parts."""
    parts = b"".join(b"--b\r\n\r\npart %d\r\n" % number for number in range(count))
    return headed(parts + b"--b--\r\n", b"Content-Type: multipart/mixed; boundary=b")


def nested(depth: int) -> bytes:
    """Return multiparts that lie in one another."""
    head = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n'
    opening = b"".join(head % (each, each) for each in range(depth))
    closing = b"".join(b"\r\n--%d--" % each for each in reversed(range(depth)))
    return b"Subject: odd\r\n" + opening + b"\r\ninnermost needle" + closing + b"\r\n"


def with_header_of(octets: int) -> bytes:
    """Return a message whose header is so long: half of it one field, half of it many."""
    half = octets // 2
    many = b"".join(b"X-Field-%d: some value that says nothing\r\n" % number for number in range(half // 50))
    long = b"\r\n ".join([b"word" * 15] * (half // 63))
    return b"Subject: odd\r\nX-Long: %b\r\n%b\r\nbody needle" % (long, many)


def text_of(octets: int) -> bytes:
    """Return a message with so much text."""
    line = b"all work and no play makes %08d a dull needle\r\n"
    return headed(b"".join(line % number for number in range(octets // 50)))


def of_addresses(count: int) -> bytes:
    """Return a message to so many."""
    return headed(b"needle", b"To: " + b",\r\n ".join([b"A Name <a@example.org>"] * count))


def of_encoded_words(count: int) -> bytes:
    """Return a message whose subject is so many words, each of them half a character."""
    return headed(b"needle", b"Subject: " + b"\r\n ".join([b"=?utf-8?B?4p==?="] * count))


def of_one_line(octets: int) -> bytes:
    """Return a message with a line that does not end."""
    return headed(b"needle" + b"x" * octets)


def of_base64(octets: int) -> bytes:
    """Return a message whose base64 is broken everywhere."""
    return headed(b"QUJD!\r\n==" * (octets // 9), b"Content-Transfer-Encoding: base64")


def of_noise(octets: int) -> bytes:
    """Return a message with octets that are no text, and say that they are."""
    noise = random.Random(1).randbytes(octets)
    return headed(noise, b"Content-Type: text/plain; charset=iso-8859-1", b"Content-Transfer-Encoding: binary")


MESSAGES = {
    "NUL octets": headed(b"be\0fore needle\0\0after\r\n", b"X-Nul: a\0b", b"From: a\0b <a@example.org>"),
    "only NUL octets": bytes(5000),
    "bare CR": headed(b"one\rtwo\rneedle", b"X-Bare: a\rb"),
    "bare LF": b"Subject: odd\nX-Bare: yes\n\none\ntwo needle\n",
    "CR CR LF": b"Subject: odd\r\r\n\r\r\nneedle\r\r\n",
    "all bare CR": b"Subject: odd\rFrom: a@example.org\r\rneedle\r",
    "no end of the header": b"Subject: odd\r\nX-Last: needle",
    "no header": b"\r\nneedle",
    "one octet": b"\xff",
    "8-bit header": headed(b"needle", b"From: J\xf6rg \xfc <j\xf6rg@example.org>", b"To: \xff\xfe\xfd", b"\xe9: \xe9"),
    "UTF-8 header": headed(b"needle", "From: Jörg 北京 <jörg@example.org>".encode()),
    "unknown charset": headed(b"caf\xe9 needle", b"Content-Type: text/plain; charset=x-nobody-knows"),
    "charset that is none": headed(b"needle", b'Content-Type: text/plain; charset="\\"\r\n;;=\\0"'),
    "charset that is no text": headed(b"needle", b"Content-Type: text/plain; charset=base64"),
    "text that is not in its charset": headed(b"\x80\xc3 needle \xe2\x82", b"Content-Type: text/plain; charset=utf-8"),
    "truncated base64": headed(
        base64.encodebytes(b"a needle and much more")[:-5], b"Content-Transfer-Encoding: base64"
    ),
    "base64 that is none": headed(b"!!!! needle ????\r\n====", b"Content-Transfer-Encoding: base64"),
    "quoted-printable that is none": headed(b"=ZZ =\r\n = needle =4", b"Content-Transfer-Encoding: quoted-printable"),
    "unknown encoding": headed(b"needle", b"Content-Transfer-Encoding: x-uuencode"),
    "encoded words that lie": headed(
        b"needle",
        b"From: =?utf-8?B?4pyT4pyT4p?= =?us-ascii?Q?=FF=FE?= =?x-nobody?Q?a?= <a@example.org>",
        b"To: =?utf-8?B?!!!!?= =?utf-8?Q?=ZZ?= =?utf-8?X?a?= =?utf-8?Q?never ends",
        b"Cc: =?iso-2022-jp?B?GyRC?= =?utf-16?B?AA==?= <b@example.org>",
        b"X-New: =?utf-8?Q?=0D=0A_Injected:_yes=00?=",
    ),
    "addresses that are none": headed(
        b"needle", b"From: <<<>>>,,;:@@", b"To: (((((", b'Cc: "never ends', b"Date: yesterday"
    ),
    "parameters that are none": headed(
        b"needle",
        b"Content-Type: text/plain; a*0*=utf-8''%ZZ; a*2=x; a*0=y; =; ;; boundary",
        b"Content-Disposition: ;;;",
    ),
    "boundary of nothing": headed(b"--\r\n\r\nneedle\r\n----\r\n", b'Content-Type: multipart/mixed; boundary=""'),
    "no part": headed(b"needle", b"Content-Type: multipart/mixed; boundary=b"),
    "a message in a message": headed(
        headed(headed(b"needle"), b"Content-Type: message/rfc822"), b"Content-Type: message/rfc822"
    ),
    "a line without end": of_one_line(300_000),
    "a thousand addresses": of_addresses(1000),
    "10,000 parts": of_parts(10_000),
    "depth 1,000": nested(1000),
    "header of 1 MB": with_header_of(1 << 20),
}
