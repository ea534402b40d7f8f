"""The file of blocks is made shorter when most of it is in use no more: what is moves up to the beginning."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from twisted.internet.defer import Deferred

from mailstore.sqlite import blockfile, renderingblocks
from mailstore.sqlite.blockfile import Piece
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.sqlite.writing import GATHERED_OCTETS

T = TypeVar("T")

SPARE_OCTETS: Final = 1 << 20
"""Of the file that may be in use no more, besides a share of those in use."""
AT_ONCE: Final = 100
AT_ONCE_OCTETS: Final = 1 << 20
"""Pieces moved in one transaction, or as many as have so many octets, so that nobody waits long behind it."""
PAUSE_SECONDS: Final = 0.02


async def condense(database: Database, spare: float = 1.0) -> None:
    """Move pieces to the beginning of the file, in their order, a little at a time, if there is much between them.

    Much is more octets than the `spare` share of those in use: if that is 1, the file becomes half as long.

    If the file was lost, so is what was in it, and all is forgotten, lest what is late be taken for tried.
    """
    if await database.read_in_thread(_is_lost):
        await database.write(renderingblocks.forget)
    if await database.read_in_thread(partial(_is_dense, spare=spare)):
        return
    first: int | None = 0
    while first is not None:
        first = await _by_itself(database, partial(_move, first=first))
        await database.pause(PAUSE_SECONDS)
    await _by_itself(database, _cut)


def _is_lost(reader: Reader) -> bool:
    """Tell whether the file is shorter than it was, or another, which has nothing at its beginning."""
    file = blockfile.of(reader)
    return file.size() < renderingblocks.end_of_file(reader) or renderingblocks.is_another(reader)


def _is_dense(reader: Reader, spare: float) -> bool:
    used = reader.value("SELECT total(length) FROM rendering_block")
    return bool(blockfile.of(reader).on_disk() <= used + spare * used + SPARE_OCTETS)


def _by_itself(database: Database, change: Callable[[Writer], T]) -> "Deferred[T]":
    """Make a change in a transaction of its own, which is not lost when another change fails."""
    return database.write_prepared(lambda: change, GATHERED_OCTETS + 1)


def _move(writer: Writer, first: int) -> int | None:
    """Move the next pieces from `first` on; return where the ones behind them begin, None if there were none.

    What cannot be read is forgotten.  If the transaction is lost, so is what it wrote over.
    """
    file = blockfile.of(writer)
    start = to = renderingblocks.end_of_file(writer, first)  # there may be more than was moved: others write meanwhile
    sql = "SELECT id, place, length, mark FROM rendering_block WHERE place >= ? ORDER BY place LIMIT ?"
    rows = writer.rows(sql, first, AT_ONCE)
    for row, *where in rows:
        piece = Piece(*where)
        octets = file.read(piece)
        if not octets or len(octets) < piece.length:
            writer.execute("DELETE FROM rendering_block WHERE id = ?", row)
            continue
        if piece.place > to:
            file.write(octets, to)
            writer.execute("UPDATE rendering_block SET place = ? WHERE id = ?", to, row)
        first, to = piece.place + piece.length, to + piece.length
        if to - start >= AT_ONCE_OCTETS:
            break
    return first if rows else None


def _cut(writer: Writer) -> None:
    blockfile.of(writer).cut(renderingblocks.end_of_file(writer))
