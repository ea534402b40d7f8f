"""Which conversation a message belongs to (table ``thread_reference``)."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence

import apsw

from mailstore.sqlite.transactions import Writer


def keys(message_ids: Iterable[bytes]) -> list[int]:
    """Return what message ids are kept as, each once: signed numbers of 64 bits."""
    digests = (hashlib.blake2b(each, digest_size=8).digest() for each in message_ids)
    return list(dict.fromkeys(int.from_bytes(digest, "big", signed=True) for digest in digests))


def join(writer: Writer, references: Sequence[int], new: bytes) -> bytes:
    """Return the thread of the first of `references` that is known, else `new`; the others belong to it from now on.

    A message that ties two threads together joins one of them, and they stay apart: what was told of a message must
    not change (RFC 8474, 5.2).
    """
    if not references:
        return new
    among = apsw.carray(array("q", references))
    known: dict[int, bytes] = dict(
        writer.rows("SELECT id, thread_id FROM thread_reference WHERE id IN carray(?)", among)
    )
    thread: bytes = next((known[each] for each in references if each in known), new)
    unknown = ((each, thread) for each in references if each not in known)
    writer.executemany("INSERT INTO thread_reference (id, thread_id) VALUES (?, ?)", unknown)
    return thread
