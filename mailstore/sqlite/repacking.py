"""What was packed in haste, or without the newest dictionary, is packed again, closer; a little at a time."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from mailstore.errors import Corrupt
from mailstore.sqlite import contents, dictionaries, renderingblocks, renderings
from mailstore.sqlite.compression import PLAIN
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
        late = await database.read_in_thread(partial(_late, kinds=kinds, block=block))
        await database.write(partial(renderings.settle, kinds=kinds, block=block, late=late))
        await database.pause(PAUSE_SECONDS)
        first = block + 1


def _late(reader: Reader, kinds: Kinds, block: int) -> list[Made]:
    """Return what late renderings make of the contents of a block, as far as it is not there; `Corrupt`."""
    made: list[Made] = []
    for by in kinds.late:
        kind = kinds.number(by), by.version
        for content in renderingblocks.lacking(reader, *kind, block):
            with suppress(Corrupt):  # who asks for it is told
                octets = by.make(contents.message(reader, content))
                made += [Made(*kind, content, octets)] if len(octets) <= dictionaries.LARGEST_RENDERING else []
    return made


def _trained(reader: Reader, kinds: Kinds) -> Trained | None:
    """Train a pair on some of the account's mail, if there is enough."""
    if not dictionaries.wanted(reader):
        return None
    ids = [content for (content,) in reader.rows("SELECT id FROM content")]
    some = random.sample(ids, min(SAMPLES, len(ids)))
    chunks = [contents.beginning(reader, content, SAMPLE_OCTETS) for content in some]
    rendered = [octets for content in some for octets in renderings.arrived(reader, kinds, content)]
    return dictionaries.trained(chunks, rendered, len(ids))


def _due(reader: Reader) -> list[int]:
    """Return some of the contents that the newest dictionary has not packed again."""
    packed = reader.value("SELECT packed FROM dictionary ORDER BY id DESC LIMIT 1")
    return [row[0] for row in reader.rows("SELECT id FROM content WHERE id > ? ORDER BY id LIMIT ?", packed, AT_ONCE)]


def _packed(reader: Reader, ids: list[int]) -> Callable[[Writer], None]:
    """Pack contents anew; return the change that keeps what is smaller so."""
    newest = dictionaries.newest(reader)
    chunks = [row for content in ids for row in contents.repacked(reader, content, newest)]
    return partial(_keep, newest=newest, chunks=chunks, upto=ids[-1])


def _keep(writer: Writer, newest: Dictionaries, chunks: list[Row], upto: int) -> None:
    contents.replace_chunks(writer, chunks)
    writer.execute("UPDATE dictionary SET packed = ? WHERE id = ?", upto, newest.chunks.codec - PLAIN)
