"""What a fetch asks of each message: as SQL, and as columns of values."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from mailstore.interfaces import Rows, Source
from mailstore.model import Field, InternalDate
from mailstore.renderings import IfKept, Rendering
from mailstore.sqlite import dictionaries, uidls
from mailstore.sqlite.clock import local
from mailstore.sqlite.database import Database
from mailstore.sqlite.flagsets import FlagSets
from mailstore.sqlite.messages import among
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.stored import StoredMessage
from mailstore.sqlite.transactions import Reader, Row
from mailstore.uidset import UidSet

BATCH_OCTETS: Final = 1 << 20
"""Of renderings in one batch, and one row more: some milliseconds for who encodes them.  Packed ones are small."""

_COLUMNS: Final = {
    Field.FLAGS: "flagset_id",
    Field.INTERNAL_DATE: "received_at, zone",
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
        self._sql = _sql(self._fields, self._renderings, kinds)

    def read(self, reader: Reader, mailbox: int, block: UidSet) -> Batch | None:
        """Return the messages of a block, or as many of the first as make a batch; None if there are none."""
        chosen, bindings = among(block)
        cursor = reader.each(f"{self._sql} WHERE mailbox_id = ? AND {chosen} ORDER BY uid", mailbox, *bindings)
        rows = _bounded(cursor, len(self._renderings)) if self._renderings else list(cursor)
        if not rows:
            return None
        uids, contents, *columns = zip(*rows, strict=True)
        values = self._values(reader, contents, iter(columns))
        return Batch(Rows(uids, dict(values)), contents)

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
                    made = (StoredMessage(self._database, *each) for each in zip(contents, column, strict=True))
                    yield field, list(made)
                case _:
                    yield field, column
        packed = list(columns)
        for rendering, codecs, octets in zip(self._renderings, packed[::2], packed[1::2], strict=True):
            yield rendering, dictionaries.unpack_renderings(reader, codecs, octets)


def _sql(fields: Iterable[Field], renderings: Sequence[Rendering | IfKept], kinds: Kinds) -> str:
    """Return a SELECT of UID, content, the columns of the fields, and codec and octets of the renderings."""
    columns = ["uid", "content_id", *(_COLUMNS[field] for field in fields)]
    columns += (f"r{number}.codec, r{number}.octets" for number in range(len(renderings)))
    joins = (
        f" LEFT JOIN rendering r{number}"
        f" ON r{number}.id = {kinds.row_id_sql(rendering)} AND r{number}.version = {rendering.version}"
        for number, rendering in enumerate(each.rendering if isinstance(each, IfKept) else each for each in renderings)
    )
    return f"SELECT {', '.join(columns)} FROM message{''.join(joins)}"  # noqa: S608  # our own names and numbers


def _bounded(cursor: Iterable[Row], renderings: int) -> list[Row]:
    """Return rows until the octets of their `renderings`, every other one of the last columns, are enough."""
    rows: list[Row] = []
    octets = 0
    places = range(1 - 2 * renderings, 0, 2)
    for row in cursor:
        rows.append(row)
        for place in places:
            octets += len(row[place] or b"")
        if octets >= BATCH_OCTETS:
            break
    return rows
