"""Renderings that were never made, or by an older version, are made when they are asked for, and kept."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from attrs import evolve

from mailstore.errors import StoreError
from mailstore.interfaces import Rows
from mailstore.renderings import Rendering
from mailstore.sqlite import contents, renderings
from mailstore.sqlite.database import Database
from mailstore.sqlite.renderingblocks import lacks
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.selections import Batch
from mailstore.sqlite.transactions import Reader

AT_ONCE: Final = 20
"""Messages rendered in one go in a thread: of common ones some 20 milliseconds."""


async def complete(database: Database, kinds: Kinds, batch: Batch) -> Rows:
    """Return the rows with every rendering."""
    rows = batch.rows
    for field, column in rows.columns.items():
        if isinstance(field, Rendering) and lacks(column):
            wanted = {content for content, octets in zip(batch.contents, column, strict=True) if octets is None}
            made = await _make(database, kinds, field, sorted(wanted))
            filled = [made[c] if octets is None else octets for c, octets in zip(batch.contents, column, strict=True)]
            rows = evolve(rows, columns={**rows.columns, field: filled})
    return rows


async def _make(database: Database, kinds: Kinds, rendering: Rendering, wanted: list[int]) -> Mapping[int, bytes]:
    made: dict[int, bytes] = {}
    for start in range(0, len(wanted), AT_ONCE):
        made |= await database.read_in_thread(partial(_render, rendering, wanted[start : start + AT_ONCE]))
    if not rendering.late:
        with suppress(StoreError):  # a full disk, say: they will be made again
            await database.write(lambda writer: renderings.keep_one(writer, kinds, rendering, made))
    return made


def _render(rendering: Rendering, wanted: list[int], reader: Reader) -> dict[int, bytes]:
    return {content: rendering.make(contents.message(reader, content)) for content in wanted}
