"""What a search can tell of messages without their text: which it finds for certain, and which perhaps."""

import time
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from attrs import frozen

from mailstore import query as q
from mailstore.model import Uid
from mailstore.query import Query
from mailstore.sqlite import clock, flagsets, messages
from mailstore.sqlite.index.lookup import Candidates, Textual
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import EMPTY, UidSet

if TYPE_CHECKING:
    from mailstore.sqlite.transactions import Binding

Rowwise = (
    q.HasFlag | q.ReceivedBefore | q.OlderThan | q.SavedBefore | q.SentBefore | q.HasSentDate | q.Larger | q.Smaller
    | q.ChangedSince | q.HasEmailId | q.InThread
)
"""Keys that the rows of messages answer."""
_DAY: Final = 24 * 60 * 60
_EPOCH: Final = date(1970, 1, 1)
_LARGEST: Final = (1 << 63) - 1
"""Of SQLite's numbers; what a client may name is larger."""


@frozen
class Bounds:
    """A query finds all of `sure` and none that is not in `possible`."""

    sure: UidSet
    possible: UidSet


class Block:
    """Some messages, to be looked at in one transaction.

    Attributes:
        found: the messages that each key finds that was looked for.

    """

    def __init__(
        self, reader: Reader, mailbox: int, uids: UidSet, hints: Mapping[Textual, Bounds | Candidates]
    ) -> None:
        """Take the messages, and what the index says of keys."""
        self._reader = reader
        self._mailbox = mailbox
        self._hints = hints
        self._uids = messages.kept(reader, mailbox, uids)
        self.found: dict[Rowwise, UidSet] = {}

    def find(self, key: Rowwise) -> UidSet:
        """Return the messages that a key finds."""
        if key not in self.found:
            condition, binding = _condition(self._reader, key)
            self.found[key] = messages.having(self._reader, self._mailbox, self._uids, condition, *binding)
        return self.found[key]

    def bounds(self, query: Query) -> Bounds:  # noqa: PLR0911  # a table
        """Return what can be told of a query without reading text."""
        match query:
            case q.All():
                return Bounds(self._uids, self._uids)
            case q.Among(uids):
                return Bounds(self._uids & uids, self._uids & uids)
            case q.Header() | q.Body() | q.Text():
                return self._hinted(query)
            case q.Not(inner):
                bounds = self.bounds(inner)
                return Bounds(self._uids - bounds.possible, self._uids - bounds.sure)
            case q.And(queries):
                return self._all_of(self.bounds(each) for each in queries)
            case q.Or(queries):
                return _any_of(self.bounds(each) for each in queries)
            case _:
                return Bounds(self.find(query), self.find(query))

    def _hinted(self, key: Textual) -> Bounds:
        """Return what the index says."""
        hint = self._hints.get(key)
        match hint:
            case Candidates():
                sure = UidSet.from_uids(uid for uid, content in self._contents if hint.surely(content))
                perhaps = UidSet.from_uids(uid for uid, content in self._contents if hint.perhaps(content))
                return Bounds(sure, perhaps)
            case Bounds():
                return Bounds(hint.sure & self._uids, hint.possible & self._uids)
            case _:
                return Bounds(EMPTY, self._uids)

    @cached_property
    def _contents(self) -> list[tuple[Uid, int]]:
        return messages.contents_of(self._reader, self._mailbox, self._uids)

    def _all_of(self, every: Iterable[Bounds]) -> Bounds:
        sure = possible = self._uids
        for bounds in every:
            sure, possible = sure & bounds.sure, possible & bounds.possible
        return Bounds(sure, possible)


def _any_of(every: Iterable[Bounds]) -> Bounds:
    sure = possible = EMPTY
    for bounds in every:
        sure, possible = sure | bounds.sure, possible | bounds.possible
    return Bounds(sure, possible)


def _condition(reader: Reader, key: Rowwise) -> tuple[str, tuple["Binding", ...]]:  # noqa: PLR0911  # a table
    """Return a key as an SQL condition, and what is bound in it."""
    match key:
        case q.HasFlag(flag):
            has_flag = "flagset_id IN (SELECT id FROM flagset WHERE instr(' ' || flags || ' ', ?))"
            return has_flag, (f" {flagsets.spelling(reader, flag)} ",)
        case q.ReceivedBefore(day):
            return "received_at + zone * 60 < ?", (_days(day) * _DAY,)
        case q.OlderThan(seconds):
            return "received_at <= ?", (int(time.time()) - seconds,)
        case q.SavedBefore(day):
            return "saved_at < ?", (clock.begin(day),)
        case q.SentBefore(day):
            return "(SELECT sent_day FROM content WHERE id = content_id) < ?", (_days(day),)
        case q.HasSentDate():
            return "(SELECT sent_day FROM content WHERE id = content_id) IS NOT NULL", ()
        case q.Larger(octets):
            return "size > ?", (min(octets, _LARGEST),)
        case q.Smaller(octets):
            return "size < ?", (min(octets, _LARGEST),)
        case q.ChangedSince(modseq):
            return "modseq >= ?", (min(modseq, _LARGEST),)
        case q.HasEmailId(email_id):
            return "(SELECT lower(hex(object_id)) FROM content WHERE id = content_id) = ?", (email_id,)
        case q.InThread(thread_id):
            return "(SELECT lower(hex(thread_id)) FROM content WHERE id = content_id) = ?", (thread_id,)


def _days(day: date) -> int:
    return (day - _EPOCH).days
