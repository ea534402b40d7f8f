"""The messages of a folder elsewhere: which there are, and what they are (RFC 3501, 6.4.5)."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from attrs import Factory, define, frozen

from imapd.formats.status import keyword
from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.dates import date_time
from imapd.imap.wire.encode import quoted
from imapd.imap.wire.numberset import encode_uids
from imapd.remote.answers import Value, fetched, number, octets
from imapd.remote.connection import Connection
from imapd.remote.errors import LostError, RefusedError
from mailstore.model import SYSTEM_FLAGS, Flags, InternalDate, Uid
from mailstore.spool import Spool
from mailstore.uidset import MAX_UID, UidSet

SURVEYED_AT_ONCE: Final = 5000
"""Messages whose sizes or flags are asked for at once: an answer of half a megabyte."""
BATCH_OCTETS: Final = 8 << 20
"""Of the messages that are fetched at once: what is held in memory, while as much is stored."""
BATCH_MESSAGES: Final = 200
PART_OCTETS: Final = 4 << 20
"""Of a message that is larger than a batch, and comes in parts."""
MESSAGE_OCTETS: Final = 1 << 32
"""More than any account takes, in a message to which the server sends part after part."""
_OVERHEAD: Final = 1 << 20
"""Octets of a batch's answer beside the messages that were promised."""

_HEADER_OCTETS: Final = 256 << 10
"""Of one header: more than any mail server adds."""
_BODY: Final = b"BODY[]"
_HEADER: Final = b"BODY[HEADER]"
_SYSTEM: Final = {each.lower(): each for each in SYSTEM_FLAGS}


@define
class Survey:
    """What a folder has.

    Attributes:
        uid_validity: of the folder.
        uid_next: above all UIDs that were given out.
        uids: of its messages, ascending.
        sizes: of each, in octets, as the server says.

    """

    uid_validity: int
    uid_next: Uid
    uids: "array[int]" = Factory(lambda: array("L"))
    sizes: "array[int]" = Factory(lambda: array("Q"))

    def only(self, wanted: UidSet) -> "tuple[array[int], array[int]]":
        """Return the UIDs and sizes of those messages that are `wanted`."""
        uids, sizes = array("L"), array("Q")
        for first, last in wanted.runs:
            run = slice(bisect_left(self.uids, first), bisect_right(self.uids, last))
            uids += self.uids[run]
            sizes += self.sizes[run]
        return uids, sizes


@frozen
class Arrival:
    """A message that was fetched; `spool` is the receiver's to close.

    Attributes:
        uid: elsewhere.
        spool: its octets.
        flags: without those that cannot be kept.
        internal_date: None if the server does not say, or nonsense.

    """

    uid: Uid
    spool: Spool
    flags: Flags
    internal_date: InternalDate | None


def survey(connection: Connection, uid_validity: int, uid_next: int, messages: int) -> Survey:
    """Return the UIDs and sizes of the first so many `messages` of the folder that was examined."""
    found: dict[int, int] = {}
    for first in range(1, messages + 1, SURVEYED_AT_ONCE):
        numbers = f"{first}:{min(first + SURVEYED_AT_ONCE - 1, messages)}"
        for response in connection.ask("FETCH", numbers, "(UID RFC822.SIZE)", answer="FETCH"):
            items = fetched(response)
            if b"UID" in items and b"RFC822.SIZE" in items:
                found[_uid(items[b"UID"])] = number(items[b"RFC822.SIZE"])
        if len(found) > messages:
            raise LostError("the server answers with more messages than it has")
    uids = array("L", sorted(found))
    following = max(uid_next, uids[-1] + 1 if uids else 1)
    return Survey(uid_validity, Uid(following), uids, array("Q", map(found.__getitem__, uids)))


def flags(connection: Connection, first: int, last: int) -> dict[Uid, tuple[Flags, int]]:
    """Return the flags and sizes of the messages of the folder from one UID to another, some thousand, by UID."""
    answers = map(fetched, connection.ask("UID", "FETCH", f"{first}:{last}", "(UID FLAGS RFC822.SIZE)", answer="FETCH"))
    return {
        _uid(items[b"UID"]): (kept_flags(items[b"FLAGS"]), number(items[b"RFC822.SIZE"]))
        for items in answers
        if items.keys() >= {b"UID", b"FLAGS", b"RFC822.SIZE"} and isinstance(items[b"FLAGS"], list)
    }


def headers(connection: Connection, uids: Sequence[int]) -> dict[int, bytes]:
    """Return the headers of some hundred messages of the folder, by UID."""
    wanted = encode_uids(UidSet.from_uids(uids)).decode()
    allowance = len(uids) * _HEADER_OCTETS + _OVERHEAD
    answers = connection.ask("UID", "FETCH", wanted, "(UID BODY.PEEK[HEADER])", answer="FETCH", allowance=allowance)
    return {
        _uid(items[b"UID"]): octets(items[_HEADER])
        for items in map(fetched, answers)
        if items.keys() >= {b"UID", _HEADER}
    }


def batch(connection: Connection, uids: Sequence[int], octets_in_all: int) -> list[Arrival]:
    """Return messages, ascending; those that the server does not give are missing.  Errors as of `Connection.ask`."""
    allowance = octets_in_all + octets_in_all // 4 + _OVERHEAD
    items = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
    wanted = UidSet.from_uids(uids)
    answers = connection.ask("UID", "FETCH", encode_uids(wanted).decode(), items, answer="FETCH", allowance=allowance)
    found: dict[Uid, tuple[bytes, tuple[Flags, InternalDate | None]]] = {}
    for each in map(fetched, answers):
        body = each.get(_BODY)
        if isinstance(body, bytes) and b"UID" in each:
            found.setdefault(_uid(each[b"UID"]), (body, (kept_flags(each.get(b"FLAGS", [])), _date(each))))
    return [Arrival(uid, Spool(body), *about) for uid, (body, about) in sorted(found.items()) if uid in wanted]


def in_parts(connection: Connection, uid: int) -> Arrival | None:
    """Return one message, however large, or None if the server does not give it.

    It ends where a part comes shorter than asked for, whatever the server said of its size.
    """
    spool = Spool()
    try:
        first = _part(connection, uid, 0, "UID FLAGS INTERNALDATE ")
        part = first.get(_BODY + b"<0>", first.get(_BODY))
        while isinstance(part, bytes) and part:
            spool.write(part)
            if len(spool) > MESSAGE_OCTETS:
                raise RefusedError("the server sends more of it than any message can have")
            if len(part) < PART_OCTETS:
                break
            part = _part(connection, uid, len(spool)).get(_BODY + b"<%d>" % len(spool))
        else:
            if part is None:
                spool.close()
                return None
        return Arrival(Uid(uid), spool, kept_flags(first.get(b"FLAGS", [])), _date(first))
    except BaseException:
        spool.close()
        raise


def _part(connection: Connection, uid: int, at: int, also: str = "") -> dict[bytes, Value]:
    items = f"({also}BODY.PEEK[]<{at}.{PART_OCTETS}>)"
    merged: dict[bytes, Value] = {}
    answers = connection.ask("UID", "FETCH", str(uid), items, answer="FETCH", allowance=PART_OCTETS + _OVERHEAD)
    for each in map(fetched, answers):
        if any(name.startswith(_BODY) for name in each):
            merged.update(each)
    return merged


def kept_flags(value: Value) -> Flags:
    """Return the flags that can be kept: what is no flag of ours, nor a keyword, nor even a word, is dropped."""
    kept = {}
    words = [word for word in value if isinstance(word, bytes)] if isinstance(value, list) else []
    for name in (word.decode("ascii", "replace") for word in words):
        each = _SYSTEM.get(name.lower()) or keyword(name)
        if each is not None:
            kept[each.lower()] = each
    return frozenset(kept.values())


def _date(items: dict[bytes, Value]) -> InternalDate | None:
    value = items.get(b"INTERNALDATE")
    try:
        return date_time(Cursor([quoted(octets(value))])) if value else None
    except Bad:
        return None


def _uid(value: Value) -> Uid:
    uid = number(value)
    if not 0 < uid <= MAX_UID:
        raise LostError("the server's answer has a UID that is none")
    return Uid(uid)
