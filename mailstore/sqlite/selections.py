"""What a fetch asks of each message: as SQL, and as columns of values."""

# ruff: noqa: S608  # what is put into statements is all our own

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from json import loads
from typing import Any, Final

from attrs import Factory, define, frozen

from mailstore.errors import Corrupt
from mailstore.interfaces import Rows, Source
from mailstore.model import Field, InternalDate
from mailstore.renderings import IfKept, Rendering
from mailstore.sqlite import uidls
from mailstore.sqlite.chunks import Chunks
from mailstore.sqlite.clock import local
from mailstore.sqlite.database import Database
from mailstore.sqlite.flagsets import FlagSets
from mailstore.sqlite.messages import BLOCK, among
from mailstore.sqlite.rendered import Rendered
from mailstore.sqlite.renderingblocks import Column, Last
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.stored import StoredMessage
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import UidSet

_FLAGSET: Final = "flagset_id"
_CONTENT: Final = "content_id"
_COLUMNS: Final = {
    Field.FLAGS: [_FLAGSET],
    Field.INTERNAL_DATE: ["received_at", "zone"],
    Field.ARRIVED: ["received_at"],
    Field.SAVE_DATE: ["saved_at"],
    Field.SIZE: ["size"],
    Field.DIGEST: ["(SELECT digest FROM content WHERE content.id = content_id)"],
    Field.MODSEQ: ["modseq"],
    Field.EMAIL_ID: ["(SELECT lower(hex(object_id)) FROM content WHERE content.id = content_id)"],
    Field.THREAD_ID: ["(SELECT lower(hex(thread_id)) FROM content WHERE content.id = content_id)"],
    Field.UIDL: [uidls.NAME_SQL],
    Field.MESSAGE: ["size", _CONTENT],
}
"""What a field is made from, in SQL."""
_NUMBERS: Final = frozenset({_CONTENT, _FLAGSET, "received_at", "zone", "saved_at", "size", "modseq"})

_ELSEWHERE: Final = "group_concat(content_id) FILTER (WHERE content_id - uid IS NOT ?)"
"""The contents as a text, but for those at a distance from the UID: mail that came in together has all at the same."""

_MANY: Final = 50
"""Messages of which SQLite's texts take less than tuples: of 500 by a third, and for one six microseconds more."""

Found = dict[str, Sequence[Any]]
"""What was found of messages, by what it is called in SQL."""


@define
class Left:
    """What one batch of a fetch has left for the next.

    Attributes:
        last: the pieces that were read last.
        distance: from a UID to the content, if the next messages are likely to have the same.

    """

    last: Last = Factory(dict)
    distance: int | None = None


@frozen
class Batch:
    """Rows of a fetch, and which content each is of; a rendering that is missing or stale is None."""

    rows: Rows
    contents: Sequence[int]


class Selection:
    """Some fields, ready to be asked of any number of messages."""

    def __init__(
        self, database: Database, flagsets: FlagSets, kinds: Kinds, fields: Iterable[Source]
    ) -> None:
        self._database = database
        self._flagsets = flagsets
        self.kinds = kinds
        self._fields = [field for field in fields if isinstance(field, Field)]
        self._renderings = [field for field in fields if isinstance(field, Rendering | IfKept)]
        needed = chain.from_iterable(_COLUMNS[field] for field in self._fields)
        made_from = [_CONTENT] if self._renderings else []
        self._columns = list(dict.fromkeys([*needed, *made_from])) or ["size"]  # one that all have
        self._are_numbers = _NUMBERS.issuperset(self._columns)
        self._named = ", ".join(self._columns)
        self._texts = ", ".join(_ELSEWHERE if each == _CONTENT else f"group_concat({each})" for each in self._columns)
        only_flags = self._fields == [Field.FLAGS] and not self._renderings
        self.at_once: Final = 4 * BLOCK if only_flags else BLOCK
        """How many messages a block has that is read."""
        made_by = [each.rendering if isinstance(each, IfKept) else each for each in self._renderings]
        self._rendered = Rendered(kinds, made_by)

    def read(self, reader: Reader, mailbox: int, block: UidSet, left: Left) -> Batch | None:
        """Return the messages of a block, or as many of the first as make a batch; None if there are none; `Corrupt`.

        Args:
            left: by the batch before this one, and by this one for the next.

        """
        found = self._all(reader, mailbox, block, left.distance) or self._there(reader, mailbox, block)
        if not found:
            return None
        if min(found.get("size", (1,))) < 1:
            _require_empty(reader, mailbox, block)
        made: list[Column] = []
        if self._renderings:
            left.distance = _distance(found["uid"], found[_CONTENT])
            made = self._rendered.read(reader, mailbox, found["uid"], found[_CONTENT], left.last)
            if len(made[0]) < len(found["uid"]):
                found = {name: column[: len(made[0])] for name, column in found.items()}
        columns = dict(self._values(reader, found)) | dict(zip(self._renderings, made, strict=True))
        return Batch(Rows(found["uid"], columns), found.get(_CONTENT, ()))

    def _all(self, reader: Reader, mailbox: int, block: UidSet, distance: int | None) -> Found:
        """Return what is asked of a block's messages, each column as one text of SQLite's, which is split in C.

        Nothing if a message is not there, if something is not a number, if they are few, or if some contents are at
        `distance` from the UIDs and others are not.
        """
        if len(block) < _MANY or not self._are_numbers:
            return {}
        chosen, bindings = among(block)
        rows = f"SELECT uid, {self._named} FROM message WHERE mailbox_id = ? AND {chosen} ORDER BY uid"
        before = (distance,) if _CONTENT in self._columns else ()
        sql = f"SELECT count({_CONTENT if before else '*'}), {self._texts} FROM ({rows})"
        count, *gathered = reader.rows(sql, *before, mailbox, *bindings)[0]
        if count != len(block):
            return {}
        found: Found = {"uid": list(block)}
        for column, text in zip(self._columns, gathered, strict=True):
            if text is not None:
                found[column] = text.split(",") if column == _FLAGSET else loads(f"[{text}]")
            elif column == _CONTENT and distance is not None:
                found[column] = _at(distance, block)
            else:
                return {}
        return found if set(map(len, found.values())) == {count} else {}

    def _there(self, reader: Reader, mailbox: int, block: UidSet) -> Found:
        """Return what is asked of those messages of a block that are there."""
        chosen, bindings = among(block)
        sql = f"SELECT uid, {self._named} FROM message WHERE mailbox_id = ? AND {chosen} ORDER BY uid"
        rows = reader.rows(sql, mailbox, *bindings)
        return dict(zip(("uid", *self._columns), zip(*rows, strict=True), strict=False))

    def _values(self, reader: Reader, found: Found) -> Iterator[tuple[Source, Sequence[Any]]]:
        """Yield each field with its values."""
        for field in self._fields:
            column = found[_COLUMNS[field][0]]
            match field:
                case Field.FLAGS:
                    yield field, self._flagsets.of(reader, column)
                case Field.INTERNAL_DATE:
                    yield field, list(map(InternalDate, column, found["zone"]))
                case Field.SAVE_DATE:
                    yield field, list(map(local, column))
                case Field.MESSAGE:
                    contents = found[_CONTENT]
                    chunks = Chunks(self._database, contents, column)
                    each = enumerate(zip(contents, column, strict=True))
                    yield field, [StoredMessage(self._database, *row, chunks, place) for place, row in each]
                case _:
                    yield field, column


def _distance(uids: Sequence[int], contents: Sequence[int]) -> int | None:
    """Return how far contents are from the UIDs, if that is the same for the first and the last."""
    first, last = contents[0] - uids[0], contents[-1] - uids[-1]
    return first if first == last else None


def _at(distance: int, block: UidSet) -> Sequence[int]:
    """Return the contents at a distance from the UIDs of a block."""
    if block.run_count == 1:
        return range(block.first + distance, block.last + distance + 1)
    return [uid + distance for uid in block]


def _require_empty(reader: Reader, mailbox: int, block: UidSet) -> None:
    """Make sure that messages without octets came so; `Corrupt`."""
    chosen, bindings = among(block)
    sql = f"""
        SELECT 1 FROM message LEFT JOIN content ON content.id = content_id
        WHERE mailbox_id = ? AND {chosen} AND (message.size < 0 OR message.size = 0 AND content.size IS NOT 0)"""
    if reader.row(sql, mailbox, *bindings) is not None:
        raise Corrupt("the account is damaged, an administrator must look")
