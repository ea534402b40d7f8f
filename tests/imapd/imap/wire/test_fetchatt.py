from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.fetchatt import (
    MAX_FIELDS,
    MAX_ITEMS,
    MAX_PATH,
    Binary,
    BinarySize,
    FetchItem,
    Item,
    Section,
    SectionText,
    _known,
    fetch_items,
)
from imapd.imap.wire.framing import Literal
from tests.imapd.imap.wire.parsing import parse, refusal


def section(
    label: bytes,
    text: SectionText = SectionText.WHOLE,
    path: tuple[int, ...] = (),
    fields: tuple[bytes, ...] = (),
    partial: tuple[int, int] | None = None,
    *,
    peek: bool = False,
) -> Section:
    return Section(path, text, fields, partial, peek, label)


FAST = (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE)

ITEMS: dict[bytes, tuple[FetchItem, ...]] = {
    b"FAST": FAST,
    b"all": (*FAST, Item.ENVELOPE),
    b"Full": (*FAST, Item.ENVELOPE, Item.BODY),
    b"UID": (Item.UID,),
    b"flags": (Item.FLAGS,),
    b"BODY": (Item.BODY,),
    b"(BODY)": (Item.BODY,),
    b"BODYSTRUCTURE": (Item.BODYSTRUCTURE,),
    b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)": (Item.UID, *FAST, Item.ENVELOPE),
    b"(UID FLAGS uid)": (Item.UID, Item.FLAGS),
    b"RFC822": (section(b"RFC822"),),
    b"rfc822.header": (section(b"RFC822.HEADER", SectionText.HEADER, peek=True),),
    b"RFC822.TEXT": (section(b"RFC822.TEXT", SectionText.TEXT),),
    b"BODY[]": (section(b"BODY[]"),),
    b"body.peek[]": (section(b"BODY[]", peek=True),),
    b"BODY[]<0.2048>": (section(b"BODY[]<0>", partial=(0, 2048)),),
    b"BODY.PEEK[1]<7.9223372036854775807>": (
        section(b"BODY[1]<7>", path=(1,), partial=(7, (1 << 63) - 1), peek=True),
    ),
    b"BODY[HEADER]": (section(b"BODY[HEADER]", SectionText.HEADER),),
    b"BODY[text]": (section(b"BODY[TEXT]", SectionText.TEXT),),
    b"BODY[1.2.3]": (section(b"BODY[1.2.3]", path=(1, 2, 3)),),
    b"BODY[1.MIME]": (section(b"BODY[1.MIME]", SectionText.MIME, (1,)),),
    b"BODY[4.2.HEADER]": (section(b"BODY[4.2.HEADER]", SectionText.HEADER, (4, 2)),),
    b"BODY[4.2.TEXT]": (section(b"BODY[4.2.TEXT]", SectionText.TEXT, (4, 2)),),
    b"BODY[HEADER.FIELDS (Date From)]": (
        section(b"BODY[HEADER.FIELDS (Date From)]", SectionText.HEADER_FIELDS, fields=(b"Date", b"From")),
    ),
    b'BODY.PEEK[1.2.HEADER.FIELDS.NOT ("X a" {4+}\r\nDate "NIL")]<5.10>': (
        section(
            b'BODY[1.2.HEADER.FIELDS.NOT ("X a" Date "NIL")]<5>',
            SectionText.HEADER_FIELDS_NOT,
            (1, 2),
            (b"X a", b"Date", b"NIL"),
            (5, 10),
            peek=True,
        ),
    ),
    b"(FLAGS BODY[HEADER.FIELDS (DATE FROM)])": (  # RFC 3501, 6.4.5
        Item.FLAGS,
        section(b"BODY[HEADER.FIELDS (DATE FROM)]", SectionText.HEADER_FIELDS, fields=(b"DATE", b"FROM")),
    ),
    b"preview": (Item.PREVIEW,),
    b"PREVIEW (lazy)": (Item.LAZY_PREVIEW,),
    b"(PREVIEW (LAZY LAZY) UID)": (Item.LAZY_PREVIEW, Item.UID),
    b"(PREVIEW (LAZY) PREVIEW)": (Item.PREVIEW,),
    b"BINARY[]": (Binary((), None, peek=False, label=b"BINARY[]"),),
    b"binary.peek[1.2]<3.4>": (Binary((1, 2), (3, 4), peek=True, label=b"BINARY[1.2]<3>"),),
    b"(BINARY.PEEK[1] BINARY[1])": (Binary((1,), None, peek=False, label=b"BINARY[1]"),),
    b"Binary.Size[01.2]": (BinarySize((1, 2), b"BINARY.SIZE[1.2]"),),
}

BROKEN = (
    b"", b"()", b"(", b"(UID", b"(UID )", b"( UID)", b"UID FLAGS", b"(UID, FLAGS)", b"FOO", b"(ALL)", b"(UID FAST)",
    b"BODY.PEEK", b"(BODY.PEEK)", b"BODY [", b"BODY[", b"BODY[]x", b"BODY[1", b"BODY[1.]", b"BODY[.1]", b"BODY[0]",
    b"BODY[1.0]", b"BODY[1 ]", b"BODY[ ]", b"BODY[FOO]", b"BODY[MIME]", b"BODY[1MIME]", b"BODY[TEXT.1]",
    b"BODY[HEADER (Date)]", b"BODY[HEADER.FIELDS]", b"BODY[HEADER.FIELDS ()]", b"BODY[HEADER.FIELDS (Date]",
    b"BODY[HEADER.FIELDS Date]", b"BODY[HEADER.FIELDS  (Date)]", b"BODY[HEADER.FIELDS.NOT.X (Date)]", b"BODY[]<0>",
    b"BODY[]<0.0>", b"BODY[]<.1>", b"BODY[]<-1.1>", b"BODY[]<0.1", b"BODY[]<0.9223372036854775808>",
    b"BODYSTRUCTURE[]", b"RFC822[]", b"RFC822.SIZE<0.1>", b"ENVELOPE.PEEK", b"1", b"{3+}\r\nUID", b'"UID"',
    b"BINARY", b"BINARY[TEXT]", b"BINARY[1.MIME]", b"BINARY[0]", b"BINARY.SIZE[1]<0.1>", b"BINARY.SIZE",
    b"BINARY[1]<0>",
)


class FetchItemsTests(SynchronousTestCase):
    def test_items(self):
        for octets, items in ITEMS.items():
            self.assertEqual(parse(fetch_items, octets), items, octets)

    def test_what_is_none(self):
        for octets in BROKEN:
            refusal(fetch_items, octets)

    def test_what_was_read_lately_is_the_same(self):
        for text, items in [(text, items) for text, items in ITEMS.items() if b"{" not in text] * 2:
            cursor = Cursor([text + b" (CHANGEDSINCE 7)"])
            self.assertEqual(fetch_items(cursor), items, text)
            self.assertEqual(cursor.rest(), b" (CHANGEDSINCE 7)")

    def test_whether_the_client_has_enabled_utf8_counts(self):
        text = b'BODY[HEADER.FIELDS ("\xff")]'
        self.assertEqual(len(fetch_items(Cursor([text]))), 1)
        with self.assertRaises(Bad):
            fetch_items(Cursor([text], utf8=True))

    def test_behind_the_same_text_there_may_be_a_literal(self):
        text = b"BODY[HEADER.FIELDS ("
        for name in (b"From", b"To"):
            with self.assertRaises(Bad):
                fetch_items(Cursor([text]))
            [section] = fetch_items(Cursor([text, Literal(name), b")]"]))
            self.assertEqual(section.fields, (name,))

    def test_of_pieces_of_a_section_the_section_is_remembered(self):
        _known.cache_clear()
        for origin in 0, 5, 10:
            (piece,) = parse(fetch_items, b"(BODY.PEEK[2.TEXT]<%d.5>)" % origin)
            self.assertEqual((piece.partial, piece.label), ((origin, 5), b"BODY[2.TEXT]<%d>" % origin))
        self.assertEqual(_known.cache_info().currsize, 1)

    def test_what_is_like_a_piece(self):
        for sections in b"BODY[1] BODY[]", b"BODY[] BODY[]", b"BODY.PEEK[TEXT] BODY.PEEK[TEXT]", b"BODY.PEEK[] BODY[]":
            self.assertEqual(len(parse(fetch_items, b"(%b<0.5>)" % sections)), 2)
        for text in b"(BODY[]<0.5>", b"BODY[]<0.5>)", b"BODY[1]]<0.5>", b"RFC822]<0.5>", b"UID]<0.5>", b"BODY[1<0.5>":
            refusal(fetch_items, text)

    def test_long_texts_are_not_remembered(self):
        text = b"(BODY[HEADER.FIELDS (%b)] UID)" % b" ".join(b"X-%d" % number for number in range(100))
        known = _known.cache_info().currsize
        section, uid = fetch_items(Cursor([text]))
        self.assertEqual((len(section.fields), uid, _known.cache_info().currsize), (100, Item.UID, known))

    def test_an_unknown_item_is_named(self):
        self.assertEqual(refusal(fetch_items, b"(UID X-GM-LABELS)"), "FETCH has no item X-GM-LABELS")

    def test_an_item_alone_is_the_same_in_parentheses(self):
        for octets, items in ITEMS.items():
            if len(items) == 1 and not octets.startswith(b"("):
                self.assertEqual(parse(fetch_items, b"(%b)" % octets), items, octets)

    def test_a_label_names_the_same_section(self):
        for items in ITEMS.values():
            for item in items:
                if isinstance(item, Section) and item.label.startswith(b"BODY"):
                    again = parse(fetch_items, item.label.partition(b"<")[0])[0]
                    assert isinstance(again, Section)
                    self.assertEqual((again.path, again.text, again.fields), (item.path, item.text, item.fields))

    def test_the_same_section_twice(self):
        self.assertEqual(parse(fetch_items, b"(BODY[] BODY[])"), (section(b"BODY[]"),))
        first = section(b"BODY[1]", path=(1,), peek=True)
        self.assertEqual(parse(fetch_items, b"(BODY.PEEK[1] UID BODY.PEEK[1])"), (first, Item.UID))

    def test_peeking_and_not(self):
        for octets in (b"(BODY.PEEK[] UID BODY[])", b"(BODY[] UID BODY.PEEK[])"):
            self.assertEqual(parse(fetch_items, octets), (section(b"BODY[]"), Item.UID))

    def test_different_parts_of_one_section(self):
        self.assertEqual(len(parse(fetch_items, b"(BODY[]<0.5> BODY[]<0.6> BODY[]<5.5>)")), 3)

    def test_an_unusual_field_name_is_a_string_in_the_label(self):
        [item] = parse(fetch_items, b"BODY[HEADER.FIELDS ({4+}\r\na\r\nb)]")
        assert isinstance(item, Section)
        self.assertEqual(item.label, b"BODY[HEADER.FIELDS ({4}\r\na\r\nb)]")

    def test_limits(self):
        parse(fetch_items, b"BODY[%b]" % b".".join([b"1"] * MAX_PATH))
        refusal(fetch_items, b"BODY[%b]" % b".".join([b"1"] * (MAX_PATH + 1)))
        parse(fetch_items, b"BODY[HEADER.FIELDS (%b)]" % b" ".join([b"a"] * MAX_FIELDS))
        refusal(fetch_items, b"BODY[HEADER.FIELDS (%b)]" % b" ".join([b"a"] * (MAX_FIELDS + 1)))
        parse(fetch_items, b"(%b)" % b" ".join(b"BODY[%d]" % number for number in range(1, MAX_ITEMS + 1)))
        refusal(fetch_items, b"(%b)" % b" ".join(b"BODY[%d]" % number for number in range(1, MAX_ITEMS + 2)))
