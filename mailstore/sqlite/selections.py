"""What a fetch asks of each message: as SQL, and as columns of values."""

# ruff: noqa: S608  # what is put into statements is all our own

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

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
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.stored import StoredMessage
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import UidSet

_COLUMNS: Final = {
    Field.FLAGS: "flagset_id",
    Field.INTERNAL_DATE: "received_at, zone",
    Field.ARRIVED: "received_at",
    Field.SAVE_DATE: "saved_at",
    Field.SIZE: "size",
    Field.DIGEST: "(SELECT digest FROM content WHERE content.id = content_id)",
    Field.MODSEQ: "modseq",
    Field.EMAIL_ID: "(SELECT lower(hex(object_id)) FROM content WHERE content.id = content_id)",
    Field.THREAD_ID: "(SELECT lower(hex(thread_id)) FROM content WHERE content.id = content_id)",
    Field.UIDL: uidls.NAME_SQL,
    Field.MESSAGE: "size",
}


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
        columns = ", ".join(["uid", "content_id", *(_COLUMNS[field] for field in self._fields)])
        self._sql = f"SELECT {columns} FROM message"
        self._only_flags = self._fields == [Field.FLAGS] and not self._renderings
        self.at_once: Final = 4 * BLOCK if self._only_flags else BLOCK
        """How many messages a block has that is read."""
        made_by = [each.rendering if isinstance(each, IfKept) else each for each in self._renderings]
        self._rendered = Rendered(kinds, made_by)

    def read(self, reader: Reader, mailbox: int, block: UidSet) -> Batch | None:
        """Return the messages of a block, or as many of the first as make a batch; None if there are none."""
        if self._only_flags and (batch := self._flags_of_all(reader, mailbox, block)):
            return batch
        chosen, bindings = among(block)
        rows = reader.rows(f"{self._sql} WHERE mailbox_id = ? AND {chosen} ORDER BY uid", mailbox, *bindings)
        if not rows:
            return None
        uids, contents, *columns = zip(*rows, strict=True)
        made = self._rendered.read(reader, mailbox, uids, contents) if self._renderings else []
        if made and len(made[0]) < len(uids):
            uids, contents, *columns = (column[: len(made[0])] for column in (uids, contents, *columns))
        values = dict(self._values(reader, contents, iter(columns)))
        return Batch(Rows(uids, values | dict(zip(self._renderings, made, strict=True))), contents)

    def _flags_of_all(self, reader: Reader, mailbox: int, block: UidSet) -> Batch | None:
        """Return the flags of a block's messages in one step of SQLite's; None if not all of them are there."""
        chosen, bindings = among(block)
        column = f"SELECT flagset_id FROM message WHERE mailbox_id = ? AND {chosen} ORDER BY uid"
        gathered = reader.value(f"SELECT group_concat(flagset_id) FROM ({column})", mailbox, *bindings)
        ids = gathered.split(",") if gathered else []
        if len(ids) != len(block):
            return None
        return Batch(Rows(list(block), {Field.FLAGS: self._flagsets.of(reader, ids)}), ())

    def _values(
        self, reader: Reader, contents: Sequence[int], columns: Iterator[Sequence[Any]]
    ) -> Iterator[tuple[Source, Sequence[Any]]]:
        """Yield each field with its values, made from the columns of the SQL."""
        for field in self._fields:
            column = next(columns)
            match field:
                case Field.FLAGS:
                    yield field, self._flagsets.of(reader, column)
                case Field.INTERNAL_DATE:
                    yield field, list(map(InternalDate, column, next(columns)))
                case Field.SAVE_DATE:
                    yield field, list(map(local, column))
                case Field.MESSAGE:
                    chunks = Chunks(self._database, contents, column)
                    each = enumerate(zip(contents, column, strict=True))
                    yield field, [StoredMessage(self._database, *row, chunks, place) for place, row in each]
                case _:
                    yield field, column

