"""What renderings made of the messages of a fetch: from blocks as far as it is there, the rest one by one."""

# ruff: noqa: S608  # what is put into statements is all our own

from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any, Final

from mailstore.model import Uid
from mailstore.renderings import Rendering
from mailstore.sqlite import dictionaries, renderingblocks
from mailstore.sqlite.messages import among
from mailstore.sqlite.renderingblocks import Column, Last, lacks
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.transactions import Reader, Row
from mailstore.uidset import UidSet

BATCH_OCTETS: Final = 1 << 20
"""Of each rendering in one batch, and one row or block more: some milliseconds for who encodes them."""


class Rendered:
    """Some renderings, ready to be asked of any number of messages."""

    def __init__(self, kinds: Kinds, renderings: Sequence[Rendering]) -> None:
        self._kinds = [(kinds.number(each), each.version) for each in renderings]
        self._arriving = [not each.late for each in renderings]
        self._sound = [each.sound for each in renderings if not each.late]
        arriving = [each for each in renderings if not each.late]
        columns = ", ".join(f"r{number}.codec, r{number}.octets" for number in range(len(arriving)))
        joins = "".join(
            f" LEFT JOIN rendering r{number}"
            f" ON r{number}.id = {kinds.row_id_sql(each)} AND r{number}.version = {each.version}"
            for number, each in enumerate(arriving)
        )
        self._sql = f"SELECT {columns} FROM message{joins}"

    def read(
        self, reader: Reader, mailbox: int, uids: Sequence[Uid], contents: Sequence[int], last: Last
    ) -> list[Column]:
        """Return what each rendering made of messages, None where it is missing, stale or damaged; `Corrupt`.

        The columns are as long as there are messages, or as make a batch.
        """
        columns = [renderingblocks.made(reader, *kind, contents, BATCH_OCTETS, last=last) for kind in self._kinds]
        count = min(map(len, columns))
        for column in columns:
            del column[count:]
        arriving = list(compress(columns, self._arriving))
        if any(map(lacks, arriving)):
            lacking = [place for place, row in enumerate(zip(*arriving, strict=True)) if None in row]
            rows = self._single(reader, mailbox, [uids[place] for place in lacking])
            for column in columns if len(rows) < len(lacking) else ():
                del column[lacking[len(rows)] :]
            for column, sound, codecs, octets in zip(arriving, self._sound, *_pairs(rows), strict=True):
                single = dictionaries.unpack_renderings(reader, codecs, octets)
                if sound is not None:
                    single = [each if each is None or sound(each) else None for each in single]
                for place, each in zip(lacking, single, strict=False):
                    column[place] = each if column[place] is None else column[place]
        return columns

    def _single(self, reader: Reader, mailbox: int, uids: Iterable[Uid]) -> list[Row]:
        """Return codec and octets of what was made of messages, of all or of as many of the first as make a batch."""
        chosen, bindings = among(UidSet.from_uids(uids))
        rows: list[Row] = []
        octets = 0
        for row in reader.each(f"{self._sql} WHERE mailbox_id = ? AND {chosen} ORDER BY uid", mailbox, *bindings):
            rows.append(row)
            octets += sum(map(len, filter(None, row[1::2])))
            if octets >= BATCH_OCTETS:
                break
        return rows


def _pairs(rows: Sequence[Row]) -> tuple[list[Sequence[int | None]], list[Sequence[bytes | None]]]:
    """Return the columns of codecs and of octets."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    return columns[::2], columns[1::2]
