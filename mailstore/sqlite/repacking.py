"""What was packed in haste, or without the newest dictionary, is packed again, closer; a little at a time."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from mailstore.errors import Corrupt
from mailstore.mime import Message
from mailstore.renderings import Rendering
from mailstore.sqlite import contents, dictionaries, renderingblocks, renderings
from mailstore.sqlite.compression import PLAIN
from mailstore.sqlite.connections import DAMAGE
from mailstore.sqlite.database import Database
from mailstore.sqlite.dictionaries import Dictionaries, Trained
from mailstore.sqlite.renderingblocks import Made
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.transactions import Reader, Row, Writer

SAMPLES: Final = 3000
SAMPLE_OCTETS: Final = 20_000
"""Of the beginning of each message: some 20 MB of memory, and a second of one thread.  With a third of it, real mail
packs 7 % worse."""
AT_ONCE: Final = 20
"""Contents in one transaction: some 20 milliseconds of work before it, and few to write."""
LATE_OCTETS: Final = 1 << 20
"""Of messages that are read in one go for late renderings, and one message more: some milliseconds."""
PAUSE_SECONDS: Final = 0.02
"""Between two of them, for everyone else."""


async def repack(database: Database, kinds: Kinds) -> None:
    """Train a dictionary if it is time, and pack what was not packed with the newest one as close as may be."""
    await _repack_chunks(database, kinds)
    await _settle_renderings(database, kinds)


async def _repack_chunks(database: Database, kinds: Kinds) -> None:
    if await database.read(dictionaries.perhaps_wanted):
        trained = await database.read_in_thread(partial(_trained, kinds=kinds))
        if trained is not None:
            await database.write(partial(dictionaries.add, new=trained))
    if await database.read(dictionaries.newest_codec) == PLAIN:
        return
    while ids := await database.read(_due):
        await database.write(await database.read_in_thread(partial(_packed, ids=ids)))
        await database.pause(PAUSE_SECONDS)


async def _settle_renderings(database: Database, kinds: Kinds) -> None:
    """Gather in blocks what renderings made, and what late ones make of the same messages."""
    first = 0
    while (block := await database.read(partial(renderings.next_unsettled, kinds=kinds, first=first))) is not None:
        with suppress(Corrupt):  # who asks for it is told; the blocks behind it are none the worse
            late = await _late(database, kinds, block)
            await database.write(partial(renderings.settle, kinds=kinds, block=block, late=late))
        await database.pause(PAUSE_SECONDS)
        first = block + 1


async def _late(database: Database, kinds: Kinds, block: int) -> list[Made]:
    """Return what late renderings make of the contents of a block, as far as it is not there; `Corrupt`."""
    made: list[Made] = []
    for by in kinds.late:
        kind, version = kinds.number(by), by.version
        lacking = partial(renderingblocks.lacking, kind=kind, version=version, block=block)
        left = await database.read_in_thread(lacking)
        while left:
            octets, left = await database.read_in_thread(partial(_rendered, by=by, wanted=left))
            made += (Made(kind, version, content, each) for content, each in octets.items())
    return made


def _rendered(reader: Reader, by: Rendering, wanted: list[int]) -> tuple[dict[int, bytes], list[int]]:
    """Return what is made of some of the contents, of those that are whole and it is not too large, and which are left.

    It is made of no other octets than came in: who asks for it later does not see what it was made of.
    """
    made: dict[int, bytes] = {}
    read = count = 0
    while count < len(wanted) and read < LATE_OCTETS:
        with suppress(*DAMAGE):  # who asks for it is told
            octets = contents.whole(reader, wanted[count])
            if octets is not None:
                read += len(octets)
                made[wanted[count]] = by.make(Message(octets))
        count += 1
    small = {content: each for content, each in made.items() if len(each) <= dictionaries.LARGEST_RENDERING}
    return small, wanted[count:]


def _trained(reader: Reader, kinds: Kinds) -> Trained | None:
    """Train a pair on some of the account's mail, if there is enough."""
    if not dictionaries.wanted(reader):
        return None
    ids = [content for (content,) in reader.rows("SELECT id FROM content")]
    some = random.sample(ids, min(SAMPLES, len(ids)))
    chunks: list[bytes] = []
    rendered: list[bytes] = []
    for content in some:
        with suppress(*DAMAGE):
            chunks.append(contents.beginning(reader, content, SAMPLE_OCTETS))
            rendered += renderings.arrived(reader, kinds, content)
    return dictionaries.trained(chunks, rendered, len(ids))


def _due(reader: Reader) -> list[int]:
    """Return some of the contents that the newest dictionary has not packed again."""
    packed = reader.value("SELECT packed FROM dictionary ORDER BY id DESC LIMIT 1")
    return [row[0] for row in reader.rows("SELECT id FROM content WHERE id > ? ORDER BY id LIMIT ?", packed, AT_ONCE)]


def _packed(reader: Reader, ids: list[int]) -> Callable[[Writer], None]:
    """Pack contents anew, but for damaged ones; return the change that keeps what is smaller so."""
    newest = dictionaries.newest(reader)
    chunks: list[Row] = []
    for content in ids:
        with suppress(*DAMAGE):
            chunks += contents.repacked(reader, content, newest)
    return partial(_keep, newest=newest, chunks=chunks, upto=ids[-1])


def _keep(writer: Writer, newest: Dictionaries, chunks: list[Row], upto: int) -> None:
    contents.replace_chunks(writer, chunks)
    writer.execute("UPDATE dictionary SET packed = ? WHERE id = ?", upto, newest.chunks.codec - PLAIN)
