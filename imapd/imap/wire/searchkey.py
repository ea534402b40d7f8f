"""The grammar of SEARCH (RFC 3501, 9, search): a table of keys, and one function for each kind of argument."""

import datetime
import re
from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad, No
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.dates import date
from imapd.imap.wire.numberset import sequence_set
from imapd.imap.wire.objectid import EMAIL, THREAD, objectid
from imapd.imap.wire.searchtree import (
    Filter,
    Fuzzy,
    Key,
    KeyAnd,
    KeyNot,
    KeyOr,
    Leaf,
    Numbers,
    Recent,
    filters,
    translate,
)
from mailstore import query
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, EmailId, Flag, ModSeq, ThreadId
from mailstore.query import Query
from mailstore.uidset import MAX_UID, Run, UidSet

__all__ = ["SEARCH_KEYS", "SearchProgram", "search_key", "search_program", "translate"]


@frozen
class SearchProgram:
    """What SEARCH was given."""

    charset: str | None
    """In capitals; None if the client named none, and its texts were taken as UTF-8."""
    key: Key


Rule = Callable[[Cursor, str], Key]
"""Reads what follows the name of a key; its texts are in the codec that is named."""

_CODECS: Final = {"US-ASCII": "ascii", "UTF-8": "utf-8"}
"""The charsets of search texts, as Python calls them."""

MAX_KEYS: Final = 2000
"""Of one search: clients look for some hundreds of Message-IDs at once.  So many take 5 ms to read."""

_ENTRY_TYPE: Final = re.compile(rb"(?i:priv|shared|all)")
_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]*")


def search_program(cursor: Cursor) -> SearchProgram:
    """``["CHARSET" SP astring SP] search-key *(SP search-key)``"""
    charset = _charset(cursor) if cursor.take(b"CHARSET ") else None
    return SearchProgram(charset, _all_of(_keys(cursor, _CODECS[charset or "UTF-8"])))


def search_criteria(cursor: Cursor) -> SearchProgram:
    """``search-criteria = charset 1*(SP search-key)``  (RFC 5256, 5)"""
    charset = _charset(cursor)
    return SearchProgram(charset, _all_of(_keys(cursor, _CODECS[charset])))


def _keys(cursor: Cursor, codec: str) -> list[Key]:
    """``search-key *(SP search-key)``"""
    keys = [search_key(cursor, codec)]
    while cursor.take(b" "):
        keys.append(search_key(cursor, codec))
    return keys


def _charset(cursor: Cursor) -> str:
    """``charset SP``"""
    charset = cursor.astring().decode("ascii", "replace").upper()
    cursor.space()
    if charset not in _CODECS:
        refusal = No("search texts are taken in these charsets only", f"BADCHARSET ({' '.join(_CODECS)})")
        raise Bad(refusal.text, refusal.code) if _has_filter(cursor) else refusal
    return charset


def _has_filter(cursor: Cursor) -> bool:
    """Tell whether a filter is used in keys whose charset is not known (RFC 5466, 3.1)."""
    try:
        return any(True for key in _keys(cursor, "latin-1") for _ in filters(key))
    except Bad:
        return False


def search_key(cursor: Cursor, codec: str) -> Key:
    """``search-key = sequence-set / "(" search-key *(SP search-key) ")" / `` a name of `SEARCH_KEYS`"""
    if cursor.count() > MAX_KEYS:
        raise Bad(f"a search has at most {MAX_KEYS} keys")
    first = cursor.peek()
    if first == b"(":
        return _all_of(cursor.parenthesized(partial(search_key, codec=codec)))
    if first in {b"*", b"$"} or first.isdigit():
        return Numbers(sequence_set(cursor), by_uid=False)
    name = cursor.match(_NAME, "a search key")[0].upper()
    rule = SEARCH_KEYS.get(name)
    if rule is None:
        raise Bad(f"SEARCH has no key {name.decode('ascii')[:40]}")
    return rule(cursor, codec)


def _all_of(keys: list[Key]) -> Key:
    return keys[0] if len(keys) == 1 else KeyAnd(tuple(keys))


def _one(key: Key) -> Rule:
    """Return the rule of a key without arguments."""
    return lambda cursor, codec: key


def _with_text(ask: Callable[[str], Query]) -> Rule:
    """``SP astring``"""
    return lambda cursor, codec: Leaf(ask(_text(cursor, codec)))


def _with_day(ask: Callable[[datetime.date], Query]) -> Rule:
    """``SP date``"""

    def rule(cursor: Cursor, codec: str) -> Key:
        cursor.space()
        return Leaf(ask(date(cursor)))

    return rule


def _with_size(ask: Callable[[int], Query]) -> Rule:
    """``SP number``, of 63 bits as in RFC 9051."""

    def rule(cursor: Cursor, codec: str) -> Key:
        cursor.space()
        return Leaf(ask(cursor.number64()))

    return rule


def _with_interval(ask: Callable[[int], Query]) -> Rule:
    """``SP nz-number``, seconds (RFC 5032, 3)."""

    def rule(cursor: Cursor, codec: str) -> Key:
        cursor.space()
        return Leaf(ask(cursor.nz_number()))

    return rule


def _with_id(letter: str, ask: Callable[[str], Query]) -> Rule:
    """``SP objectid`` (RFC 8474, 7); an id of another kind is nobody's."""

    def rule(cursor: Cursor, codec: str) -> Key:
        cursor.space()
        found = objectid(cursor)
        return Leaf(ask(found.removeprefix(letter)) if found.startswith(letter) else query.Or(()))

    return rule


def _text(cursor: Cursor, codec: str) -> str:
    cursor.space()
    try:
        return cursor.astring().decode(codec)
    except UnicodeDecodeError:
        raise Bad(f"a search text is not valid {codec.upper()}") from None


def _keyword(cursor: Cursor, codec: str) -> Key:
    """``SP flag-keyword``"""
    cursor.space()
    return _flag(Flag(cursor.atom().decode("ascii")))


def _filter(cursor: Cursor, codec: str) -> Key:
    """``SP filter-name``; ``filter-name = 1*<any ATOM-CHAR except "/">``  (RFC 5466, 4); names compare without case"""
    cursor.space()
    name = cursor.atom()
    if b"/" in name:
        raise Bad("the name of a filter has no /")
    return Filter(name.decode("ascii").lower())


def _header(cursor: Cursor, codec: str) -> Key:
    """``SP header-fld-name SP astring``"""
    field = _text(cursor, "ascii").lower()
    return Leaf(query.Header(field, _text(cursor, codec)))


def _uid(cursor: Cursor, codec: str) -> Key:
    """``SP sequence-set``"""
    cursor.space()
    return Numbers(sequence_set(cursor), by_uid=True)


def _with_uid(run: Callable[[int], Run]) -> Rule:
    """``SP uniqueid`` (RFC 9738, 3.2)"""

    def rule(cursor: Cursor, codec: str) -> Key:
        cursor.space()
        return Leaf(query.Among(UidSet([run(cursor.nz_number())])))

    return rule


def _modseq(cursor: Cursor, codec: str) -> Key:
    """``[SP entry-name SP entry-type-req] SP mod-sequence-valzer``  (RFC 7162, 3.1.5)

    Mod-sequences are kept for messages, not for single flags, so the entry is read and passed over.
    """
    cursor.space()
    if cursor.peek() == b'"':
        cursor.quoted()
        cursor.space()
        cursor.match(_ENTRY_TYPE, "priv, shared or all")
        cursor.space()
    return Leaf(query.ChangedSince(ModSeq(cursor.number64())))


def _another(cursor: Cursor, codec: str) -> Key:
    """``SP search-key``, one level deeper."""
    cursor.space()
    return cursor.nested(partial(search_key, codec=codec))


def _or(cursor: Cursor, codec: str) -> Key:
    """``SP search-key SP search-key``"""
    return KeyOr((_another(cursor, codec), _another(cursor, codec)))


def _flag(flag: Flag) -> Key:
    return Leaf(query.HasFlag(flag))


def _in_header(field: str) -> Rule:
    return _with_text(partial(query.Header, field))


def _received_since(day: datetime.date) -> Query:
    return query.Not(query.ReceivedBefore(day))


def _younger_than(seconds: int) -> Query:
    return query.Not(query.OlderThan(seconds + 1))


def _saved_since(day: datetime.date) -> Query:
    return query.Not(query.SavedBefore(day))


def _sent_since(day: datetime.date) -> Query:
    return query.And((query.HasSentDate(), query.Not(query.SentBefore(day))))


def _on(since: Callable[[datetime.date], Query], before: Callable[[datetime.date], Query]) -> Rule:
    def on(day: datetime.date) -> Query:
        if day == datetime.date.max:
            return since(day)
        return query.And((since(day), before(day + datetime.timedelta(days=1))))

    return _with_day(on)


SEARCH_KEYS: Final[dict[bytes, Rule]] = {
    b"ALL": _one(Leaf(query.All())),
    b"ANSWERED": _one(_flag(ANSWERED)),
    b"BCC": _in_header("bcc"),
    b"BEFORE": _with_day(query.ReceivedBefore),
    b"BODY": _with_text(query.Body),
    b"CC": _in_header("cc"),
    b"DELETED": _one(_flag(DELETED)),
    b"DRAFT": _one(_flag(DRAFT)),
    b"EMAILID": _with_id(EMAIL, lambda found: query.HasEmailId(EmailId(found))),
    b"FILTER": _filter,
    b"FLAGGED": _one(_flag(FLAGGED)),
    b"FROM": _in_header("from"),
    b"FUZZY": lambda cursor, codec: Fuzzy(_another(cursor, codec)),
    b"HEADER": _header,
    b"KEYWORD": _keyword,
    b"LARGER": _with_size(query.Larger),
    b"MODSEQ": _modseq,
    b"NEW": _one(KeyAnd((Recent(), KeyNot(_flag(SEEN))))),
    b"NOT": lambda cursor, codec: KeyNot(_another(cursor, codec)),
    b"OLD": _one(KeyNot(Recent())),
    b"OLDER": _with_interval(query.OlderThan),
    b"ON": _on(_received_since, query.ReceivedBefore),
    b"OR": _or,
    b"RECENT": _one(Recent()),
    b"SAVEDATESUPPORTED": _one(Leaf(query.All())),
    b"SAVEDBEFORE": _with_day(query.SavedBefore),
    b"SAVEDON": _on(_saved_since, query.SavedBefore),
    b"SAVEDSINCE": _with_day(_saved_since),
    b"SEEN": _one(_flag(SEEN)),
    b"SENTBEFORE": _with_day(query.SentBefore),
    b"SENTON": _on(_sent_since, query.SentBefore),
    b"SENTSINCE": _with_day(_sent_since),
    b"SINCE": _with_day(_received_since),
    b"SMALLER": _with_size(query.Smaller),
    b"SUBJECT": _in_header("subject"),
    b"TEXT": _with_text(query.Text),
    b"THREADID": _with_id(THREAD, lambda found: query.InThread(ThreadId(found))),
    b"TO": _in_header("to"),
    b"UID": _uid,
    b"UIDAFTER": _with_uid(lambda uid: (uid + 1, MAX_UID)),
    b"UIDBEFORE": _with_uid(lambda uid: (1, uid - 1)),
    b"UNANSWERED": _one(KeyNot(_flag(ANSWERED))),
    b"UNDELETED": _one(KeyNot(_flag(DELETED))),
    b"UNDRAFT": _one(KeyNot(_flag(DRAFT))),
    b"UNFLAGGED": _one(KeyNot(_flag(FLAGGED))),
    b"UNKEYWORD": lambda cursor, codec: KeyNot(_keyword(cursor, codec)),
    b"UNSEEN": _one(KeyNot(_flag(SEEN))),
    b"YOUNGER": _with_interval(_younger_than),
}
