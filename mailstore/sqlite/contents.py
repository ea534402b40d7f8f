"""The octets of messages, each kept once in an account (tables ``content``, ``structure``, ``chunk``)."""

# ruff: noqa: S608  # what is put into statements is all our own

import secrets
from array import array
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Final

import apsw
from attrs import frozen

from mailstore.digests import digest
from mailstore.errors import Corrupt, Expunged
from mailstore.mime import Message, Part, pack, unpack
from mailstore.mime.references import references
from mailstore.renderings import Rendering
from mailstore.spool import MEMORY, Octets, laid_out
from mailstore.sqlite import conversations, renderings
from mailstore.sqlite.compression import CLOSE_LEVEL
from mailstore.sqlite.connections import translated
from mailstore.sqlite.dictionaries import Dictionaries, newest, unpack_chunk
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.transactions import Reader, Row, Writer

CHUNK: Final = 64 << 10
"""Octets compressed as one: of 32, 64 and 128 KiB on real mail within 1 %, and a partial fetch reads few of them."""
_NUMBERS: Final = 1 << 16
"""Chunks that a message may have: 4 GiB."""
_DAY: Final = 24 * 60 * 60


@frozen
class Derived:
    """What follows from a message's octets, and is kept because it is asked for.

    Attributes:
        sent_day: days since 1970 that its Date: field names, in its own zone.
        structure: the packed part tree.
        references: `conversations.keys` of the message ids that tie it to others.
        renderings: what each rendering made.

    """

    sent_day: int | None
    structure: bytes
    references: Sequence[int]
    renderings: Mapping[Rendering, bytes]


@frozen
class NewContent:
    """A message made ready to be kept.

    Attributes:
        size: octets of the message.
        chunks: codec and compressed octets.
        renderings: codec and octets of what each rendering made.

    """

    digest: bytes
    size: int
    chunks: Sequence[tuple[int, bytes]]
    derived: Derived
    renderings: Mapping[Rendering, tuple[int, bytes]]


@frozen
class Keeping:
    """How an account keeps what comes in.

    Attributes:
        kinds: what is rendered, and where it goes.
        packing: how octets become fewer.

    """

    kinds: Kinds
    packing: Dictionaries


def prepare(octets: Octets, keeping: Keeping) -> NewContent:
    """Scan, digest, compress and render a message; takes no lock."""
    derived = derive(octets, keeping.kinds.arriving)
    pack = keeping.packing.pack_chunk
    chunks = [pack(octets[start : start + CHUNK]) for start in range(0, len(octets), CHUNK)]
    packed = {by: keeping.packing.pack_rendering(made) for by, made in derived.renderings.items()}
    return NewContent(digest(octets), len(octets), chunks, derived, packed)


def derive(octets: Octets, renderings: Sequence[Rendering]) -> Derived:
    """Scan and render a message."""
    message = Message(octets)
    return Derived(
        sent_day=_sent_day(message),
        structure=pack(message.root),
        references=conversations.keys(references(message.header(message.root))),
        renderings={rendering: rendering.make(message) for rendering in renderings},
    )


def _sent_day(message: Message) -> int | None:
    sent = message.header(message.root).date
    return None if sent is None else (sent.seconds + sent.zone * 60) // _DAY


def keep_derived(writer: Writer, kinds: Kinds, content: int, size: int, derived: Derived) -> None:
    """Write anew what follows from the octets of a content, of which there are `size`."""
    writer.execute("UPDATE content SET size = ?, sent_day = ? WHERE id = ?", size, derived.sent_day, content)
    writer.execute("INSERT OR REPLACE INTO structure (content_id, octets) VALUES (?, ?)", content, derived.structure)
    writer.executemany(
        "INSERT OR IGNORE INTO thread_reference (id, thread_id) SELECT ?, thread_id FROM content WHERE id = ?",
        ((each, content) for each in derived.references),
    )
    pack = newest(writer).pack_rendering
    renderings.drop(writer, [content])
    renderings.keep_all(writer, kinds, content, {by: pack(derived.renderings[by]) for by in kinds.arriving})


def keep(writer: Writer, new: NewContent, kinds: Kinds) -> int:
    """Return the id of the content, which is written unless the account has it already, and whole."""
    known: int | None = writer.value("SELECT id FROM content WHERE digest = ?", new.digest)
    if known is not None:
        if whole(writer, known) is None:
            _write_chunks(writer, known, new)
            keep_derived(writer, kinds, known, new.size, new.derived)  # it may have been made of damaged octets
        return known
    object_id = secrets.token_bytes(16)
    content = writer.insert(
        "INSERT INTO content (object_id, digest, size, sent_day, thread_id) VALUES (?, ?, ?, ?, ?)",
        object_id,
        new.digest,
        new.size,
        new.derived.sent_day,
        conversations.join(writer, new.derived.references, object_id),
    )
    writer.execute("INSERT INTO structure (content_id, octets) VALUES (?, ?)", content, new.derived.structure)
    _write_chunks(writer, content, new)
    renderings.keep_all(writer, kinds, content, new.renderings)
    return content


def _write_chunks(writer: Writer, content: int, new: NewContent) -> None:
    """Write the octets of a content, in the place of damaged ones if there are some."""
    writer.executemany(
        "INSERT OR REPLACE INTO chunk (id, codec, octets) VALUES (?, ?, ?)",
        ((chunk_id(content, number), *chunk) for number, chunk in enumerate(new.chunks)),
    )


def read(reader: Reader, content: int, start: int, stop: int, size: int | None = None) -> bytes:
    """Return the octets of a message from `start` up to `stop`, both within it; `Expunged` if it is gone, `Corrupt`.

    If somebody says that the message has `size` octets, it is `Corrupt` unless the chunks agree.
    """
    if start >= stop:
        return b""
    first, last = start // CHUNK, (stop - 1) // CHUNK
    if (last + 1) * CHUNK == size:
        last += 1  # which must not be there
    rows = reader.rows(
        "SELECT codec, octets FROM chunk WHERE id BETWEEN ? AND ?",
        chunk_id(content, first),
        chunk_id(content, last),
    )
    if not rows:
        raise _missing(reader, content)
    octets = _unpacked(reader, rows)
    wanted = octets[start - first * CHUNK : stop - first * CHUNK]
    there = None if size is None else min((last + 1) * CHUNK, size) - first * CHUNK
    if len(wanted) != stop - start or there not in (None, len(octets)):
        raise Corrupt("the message is damaged, an administrator must look")
    return wanted


def _unpacked(reader: Reader, rows: Sequence[Row]) -> bytes:
    """Return the octets of chunks, of which there is one at least; `Corrupt`."""
    pieces = (unpack_chunk(reader, codec, chunk, CHUNK) for codec, chunk in rows)
    if len(rows) == 1:
        return b"".join(pieces)  # the piece itself, if it is octets
    octets = BytesIO()  # a list of pieces and what is joined of them would be twice the message
    octets.writelines(pieces)
    return octets.getvalue()


def _missing(reader: Reader, content: int) -> Expunged | Corrupt:
    """Return what it means that something of a content is not there."""
    if reader.row("SELECT 1 FROM content WHERE id = ?", content) is None:
        return Expunged("the message is gone for good")
    return Corrupt("the message is damaged, an administrator must look")


def whole(reader: Reader, content: int) -> bytes | None:
    """Return the octets of a message, whatever its size is said to be; None if they are not those that came in."""
    octets = gathered(reader, content)
    expected = reader.value("SELECT digest FROM content WHERE id = ?", content)
    return octets if octets is not None and digest(octets) == expected else None


def gathered(reader: Reader, content: int) -> bytes | None:
    """Return all octets that there are of a content; None if some cannot be read, or are missing between others."""
    first = chunk_id(content, 0)
    rows = reader.each("SELECT id, codec, octets FROM chunk WHERE id BETWEEN ? AND ?", first, first + _NUMBERS - 1)
    octets = BytesIO()
    try:
        for expected, (chunk, codec, packed) in enumerate(rows, first):
            if chunk != expected:
                return None
            octets.write(unpack_chunk(reader, codec, packed, CHUNK))
    except (Corrupt, TypeError):  # a damaged row may hold anything
        return None
    return octets.getvalue()


def is_damaged(reader: Reader, content: int) -> bool:
    """Tell whether a content that is there has other octets than came in."""
    there = reader.row("SELECT 1 FROM content WHERE id = ?", content) is not None
    return there and whole(reader, content) is None


def beginning(reader: Reader, content: int, octets: int) -> bytes:
    """Return at most the first `octets` of a message, at most a chunk; `Corrupt`."""
    row = reader.row("SELECT codec, octets FROM chunk WHERE id = ?", chunk_id(content, 0))
    return b"" if row is None else unpack_chunk(reader, row[0], row[1], CHUNK)[:octets]


def chunk_id(content: int, number: int) -> int:
    """Return the id of a content's chunk; the first has the number 0."""
    return content * _NUMBERS + number


def chunks(reader: Reader, ids: Sequence[int]) -> list[Row]:
    """Return id, codec and packed octets of those chunks that are there; `Corrupt`."""
    rows = reader.rows("SELECT id, codec, octets FROM chunk WHERE id IN carray(?)", apsw.carray(array("q", ids)))
    if {type(octets) for _, _, octets in rows} - {bytes}:  # a damaged row may hold anything
        raise Corrupt("the message is damaged, an administrator must look")
    return rows


def repacked(reader: Reader, content: int, into: Dictionaries) -> list[Row]:
    """Pack the chunks of a content as close as may be; return the id, new codec and octets of each; `Corrupt`."""
    first = chunk_id(content, 0)
    rows = reader.rows("SELECT id, codec, octets FROM chunk WHERE id BETWEEN ? AND ?", first, first + _NUMBERS - 1)
    return [
        (chunk, *into.pack_chunk(unpack_chunk(reader, codec, octets, CHUNK), CLOSE_LEVEL))
        for chunk, codec, octets in rows
    ]


def replace_chunks(writer: Writer, rows: Sequence[Row]) -> None:
    """Write what `repacked` returned, of chunks that are still there, so that they fill their pages anew."""
    there = [row for row in rows if writer.execute("DELETE FROM chunk WHERE id = ?", row[0])]
    writer.executemany("INSERT INTO chunk (id, codec, octets) VALUES (?, ?, ?)", there)


def structure(reader: Reader, content: int, size: int | None = None) -> Part:
    """Return the part tree of a message; `Expunged` if it is gone, `Corrupt` if it cannot be read.

    If somebody says that the message has `size` octets, it is `Corrupt` unless all parts are within them.
    """
    packed = reader.value("SELECT octets FROM structure WHERE content_id = ?", content)
    if packed is None:
        raise _missing(reader, content)
    try:
        root = unpack(packed)
        if size is not None and not (root.header == 0 and root.end == size and _is_sound(root)):
            raise ValueError("not the parts of this message")
    except ValueError as error:
        raise Corrupt("the message is damaged, an administrator must look") from error
    return root


def _is_sound(root: Part) -> bool:
    """Tell whether each part is within the message, and its body behind its header.

    A child may end behind the part that has it: earlier versions made such trees where a boundary is missing.
    """
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if not part.header <= part.body <= part.end <= root.end:
            return False
        waiting += part.children
    return True


def message(reader: Reader, content: int) -> Message:
    """Return a whole message, which takes no memory of its own if it is large; `Expunged`, `Corrupt`, `Unavailable`."""
    size = reader.value("SELECT size FROM content WHERE id = ?", content) or 0
    root = structure(reader, content, size)
    small = 0 < size <= MEMORY  # what says that it has none is looked at
    return Message(read(reader, content, 0, size, size) if small else _large(reader, content, size), root)


@translated()
def _large(reader: Reader, content: int, size: int) -> Octets:
    first = chunk_id(content, 0)
    sql = "SELECT codec, octets FROM chunk WHERE id BETWEEN ? AND ?"
    chunks = reader.each(sql, first, first + _NUMBERS - 1)
    octets = laid_out(unpack_chunk(reader, codec, chunk, CHUNK) for codec, chunk in chunks)
    if len(octets) != size:
        raise Corrupt("the message is damaged, an administrator must look")
    return octets


def drop_unreferenced(writer: Writer, contents: Sequence[int]) -> None:
    """Forget those of `contents` that no message has."""
    sql = "SELECT 1 FROM message WHERE content_id = ? LIMIT 1"
    drop(writer, [content for content in contents if writer.row(sql, content) is None])


def drop(writer: Writer, contents: Sequence[int]) -> None:
    """Forget contents."""
    for content in contents:
        first = chunk_id(content, 0)
        writer.execute("DELETE FROM chunk WHERE id BETWEEN ? AND ?", first, first + _NUMBERS - 1)
        writer.execute("DELETE FROM structure WHERE content_id = ?", content)
        writer.execute("DELETE FROM content WHERE id = ?", content)
    renderings.drop(writer, contents)


def differences(reader: Reader, schema: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Compare with the file attached as `schema`; return the ids that it lacks, and id and size of those lacking here.

    Only for a file of the same account: an id and a digest say that all else is the same.
    """
    ours = f"SELECT id FROM main.content AS our WHERE {_LACKING.format(schema)}"
    theirs = f"SELECT id, size FROM {schema}.content AS our WHERE {_LACKING.format('main')} ORDER BY id"
    return [content for (content,) in reader.rows(ours)], [(content, size) for content, size in reader.rows(theirs)]


_LACKING: Final = "NOT EXISTS (SELECT 1 FROM {}.content AS other WHERE other.id = our.id AND other.digest = our.digest)"


def bring(reader: Reader, schema: str, writer: Writer, content: int) -> None:
    """Write a content, under the same id, as `reader` finds it in `schema`; nothing if it is gone there."""
    first = chunk_id(content, 0)
    for table, where in (
        ("content", f"id = {content}"),
        ("structure", f"content_id = {content}"),
        ("chunk", f"id BETWEEN {first} AND {first + _NUMBERS - 1}"),
    ):
        rows = reader.rows(f"SELECT * FROM {schema}.{table} WHERE {where}")
        for row in rows:
            writer.execute(f"INSERT OR REPLACE INTO main.{table} VALUES ({', '.join('?' * len(row))})", *row)
