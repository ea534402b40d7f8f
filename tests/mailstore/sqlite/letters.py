"""Messages and strings of every kind that a search may trip over."""

import base64
import quopri

from mailstore.mime import Message
from mailstore.mime.text import body_text, header_text

WORDS = [
    "straße", "STRASSE", "STRAẞE", "İstanbul", "ISPARTA", "ısı", "ΟΔΥΣΣΕΥΣ", "Ὀδυσσεύς", "σοφός", "Ελλάς",
    "naïve", "naïve", "Å", "Å", "Å", "ﬁsh", "ﬀ", "Ǆ", "ǆ", "東京都", "日本", "北京", "中文", "ありがとう",
    "ガギグ", "ｶﾞ", "한국어", "각", "🙂", "👩‍👩‍👧", "🇩🇰🇸🇪", "привет", "МИР", "שלום", "سلام", "ท่าน",
    "the", "The", "report", "re", "a", "c++", "1.0", "x@example.org", "100%", "“quoted”", "K",
    "½", "²", "é", "\u0301", "ạ́", "ạ́", "\ufffd", "𝖺", "İ", "ǰ",
]  # fmt: skip
CHARSETS = {
    "utf-8": WORDS,
    "iso-8859-1": ["straße", "naïve", "é", "½", "the", "a"],
    "iso-8859-7": ["Ελλάς", "the", "a"],
    "koi8-r": ["привет", "МИР", "c++"],
    "iso-2022-jp": ["東京都", "日本", "ありがとう"],
    "gb18030": ["北京", "中文", "1.0"],
    "euc-kr": ["한국어", "report"],
    "shift_jis": ["日本", "ガギグ"],
    "utf-16": ["🙂", "the", "straße"],
    "windows-1254": ["İ", "ısı"],
}


def _text(chance, words, most=12):
    return chance.choice([" ", "", "\r\n", ", "]).join(chance.choices(words, k=chance.randint(0, most)))


def _word(text, charset, chance):
    octets = text.encode(charset)
    if chance.random() < 0.5:
        return b"=?%b?B?%b?=" % (charset.encode(), base64.b64encode(octets))
    return b"=?%b?Q?%b?=" % (charset.encode(), b"".join(b"=%02X" % octet for octet in octets))


def _value(chance):
    """Return a field's value: encoded, raw, folded, or with what no value should have."""
    charset = chance.choice(sorted(CHARSETS))
    text = _text(chance, CHARSETS[charset], 4).replace("\r\n", " ")
    return chance.choice([
        _word(text, charset, chance),
        text.encode(),
        b"\r\n ".join(map(str.encode, chance.choices(WORDS, k=2))),
        b"=?utf-8?q?new=0Aline=00nul?= " + text.encode(),
        b"",
        b"\xff\xfe " + text.encode(),
    ])  # fmt: skip


def _part(chance):
    charset = chance.choice(sorted(CHARSETS))
    octets = _text(chance, CHARSETS[charset]).encode(charset)
    if chance.random() < 0.2:
        octets += bytes(chance.choices([0, 10, 13, 32, 65, 128, 254, 255], k=6))
    encoding = chance.choice(["base64", "quoted-printable", "8bit"])
    if encoding == "base64":
        octets = base64.encodebytes(octets)
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets)
    kind = chance.choice(["text/plain", "text/plain", "text/html", "application/octet-stream"])
    head = f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return head.encode(), octets


def letter(chance, number):
    """Return the octets of a message like no other."""
    names = [b"Subject", b"From", b"To", b"X-Odd", b"Cc", b"subject", b"X-Odd-Too"]
    fields = [b"%b: %b\r\n" % (chance.choice(names), _value(chance)) for _ in range(chance.randint(0, 6))]
    fields.append(b"Message-ID: <%d@example.org>\r\n" % number)
    if chance.random() < 0.1:
        fields.append(b"no field at all\r\n")
    if chance.random() < 0.4:
        parts = (b"--b\r\n%b\r\n%b\r\n" % _part(chance) for _ in range(chance.randint(0, 3)))
        return b"".join([*fields, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", *parts, b"--b--\r\n"])
    head, octets = _part(chance)
    return b"".join([*fields, head, b"\r\n", octets])


def needle(chance, octets):
    """Return something to look for: mostly a piece of a message's text, often short, sometimes across its seams."""
    if chance.random() < 0.15:
        return chance.choice([*WORDS, "", "zz", "\0", "\n", "\r\n", ": ", "\ufffe", "\uffff", "no such"])
    message = Message(octets)
    header = [f"{name}: {value}" for name, value in header_text(message)]
    text = chance.choice(["\n".join(header), "".join(body_text(message)), chance.choice(header).partition(": ")[2]])
    at = chance.randint(0, max(len(text) - 1, 0))
    piece = text[at : at + chance.choice([1, 1, 2, 2, 3, 3, 4, 6, 15])]
    return chance.choice([piece, piece.swapcase(), piece.upper(), piece.lower()])
