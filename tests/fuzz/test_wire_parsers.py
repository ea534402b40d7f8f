"""Whatever a client sends, a parser returns a value or refuses with an error that is meant for the client."""

import contextlib  # not its suppress alone: trial takes a module's attribute of that name for its own
from collections.abc import Callable
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import CommandError
from imapd.imap.wire import names, searchopts
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.dates import date, date_time
from imapd.imap.wire.fetchatt import fetch_items
from imapd.imap.wire.flags import flag_list, flags_or_list
from imapd.imap.wire.framing import Literal, Piece, SpooledLiteral
from imapd.imap.wire.listopts import patterns, return_options, selection_options
from imapd.imap.wire.metadata import entries, entry_values, get_options, subject
from imapd.imap.wire.numberset import NumberSet, sequence_set
from imapd.imap.wire.objectid import objectid
from imapd.imap.wire.partial import partial_range
from imapd.imap.wire.searchkey import SEARCH_KEYS, search_criteria, search_program
from imapd.imap.wire.searchtree import Recent, filters, inserted, translate
from imapd.imap.wire.sortcriteria import sort_criteria
from imapd.imap.wire.specialuse import use_attr, use_attrs
from imapd.imap.wire.statusatt import status_items
from mailstore.errors import InvalidName
from mailstore.spool import Spool
from mailstore.uidset import EMPTY, UidSet

WORDS: Final = [
    *(b"%c" % octet for octet in b' ()[]<>{}"\\%*+-.,:&=$/~\0\r\n\t\x7f\x80\xc3\xff'),
    *(b"", b"0", b"1", b"4294967295", b"4294967296", b"9" * 25, b"1:*", b"{3}", b"{3+}", b"NIL", b"UTF-8", b"US-ASCII"),
    *(b"BODY", b"BODY.PEEK[", b"HEADER", b".FIELDS", b".NOT", b" (", b".MIME", b"RFC822.SIZE", b"FULL", b"<0.1>"),
    *(b"\\Seen", b"\\Recent", b"$Junk", b"INBOX", b"&AOQ-", b"&2D0-", b"&", b"%", b'"x"', b'"\\\\"', b"K\xc3\xb6ln"),
    *(b'" 1-Jan-2024 00:00:00 +0000"', b"31-Dec-9999", b"1-Jan-0000", b"1-Feb-1994", b"CHARSET ", b"HEADER x "),
    *(b"RETURN (", b"SUBSCRIBED", b"RECURSIVEMATCH", b"SPECIAL-USE", b"STATUS (", b"MESSAGES", b"USE (", b"\\Sent"),
    *(b"/private/comment", b"(MAXSIZE 9) ", b"(DEPTH infinity)", b"/shared/vendor", b"(/private/a "),
    *SEARCH_KEYS,
]

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(b" ".join) | st.lists(st.sampled_from(WORDS)).map(b"".join)
literals = st.builds(Literal, texts | st.binary(max_size=8), st.booleans())
spooled = st.builds(lambda octets: SpooledLiteral(Spool(octets), len(octets)), st.binary(max_size=8))


@st.composite
def commands(draw: st.DrawFn) -> list[Piece]:
    """Draw the pieces of a command: text and literals by turns."""
    pieces: list[Piece] = [draw(texts)]
    for _ in range(draw(st.integers(0, 3))):
        pieces += [draw(literals | spooled), draw(texts)]
    return pieces


def resolve(numbers: NumberSet, by_uid: bool) -> UidSet:
    return UidSet(numbers.resolve(9))


def search(at: Cursor) -> object:
    key = search_program(at).key
    return translate(inserted(key, dict.fromkeys(filters(key), Recent())), resolve, EMPTY)


def sort(at: Cursor) -> object:
    options = searchopts.return_options(at)
    criteria = sort_criteria(at)
    at.space()
    return options, criteria, search_criteria(at)


def list_names(at: Cursor) -> object:
    reference = names.reference(at)
    at.space()
    return names.ListPattern(reference, names.list_mailbox(at)).matches("INBOX/Work")


def get_metadata(at: Cursor) -> object:
    options = get_options(at)
    mailbox = subject(at)
    at.space()
    return options, mailbox, entries(at, bare=True)


def list_options(at: Cursor) -> object:
    selection = selection_options(at)
    at.space()
    asked = patterns(at)
    at.space()
    return selection, asked, return_options(at)


RULES: Final[list[Callable[[Cursor], object]]] = [
    partial_range,
    sort_criteria,
    sort,
    Cursor.tag,
    Cursor.atom,
    Cursor.keyword,
    Cursor.number,
    Cursor.nz_number,
    Cursor.number64,
    Cursor.space,
    Cursor.end,
    Cursor.rest,
    Cursor.quoted,
    Cursor.string,
    Cursor.nstring,
    Cursor.astring,
    Cursor.list_mailbox,
    Cursor.message_literal,
    lambda at: at.parenthesized(Cursor.astring, empty=True),
    names.mailbox,
    names.create_mailbox,
    list_names,
    sequence_set,
    date,
    date_time,
    flag_list,
    flags_or_list,
    fetch_items,
    search,
    list_options,
    get_metadata,
    entry_values,
    lambda at: use_attrs(at.rest()),
    status_items,
    use_attr,
    objectid,
]


class ParserTests(SynchronousTestCase):
    @settings(max_examples=600, deadline=None, derandomize=True)
    @given(commands(), st.booleans())
    def test_any_command_is_read_or_refused(self, pieces: list[Piece], utf8: bool) -> None:
        for rule in RULES:
            at = Cursor(pieces, utf8=utf8)
            try:
                rule(at)
                at.end()
            except CommandError as error:
                self.assertRegex(error.text, r"\A[ -~]{1,200}\Z")
            except InvalidName:
                pass

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(commands())
    def test_one_rule_behind_another(self, pieces: list[Piece]) -> None:
        at = Cursor(pieces)
        for rule in RULES:
            with contextlib.suppress(CommandError, InvalidName):
                rule(at)
