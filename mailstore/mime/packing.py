"""A part tree as a few octets, to be kept beside the message."""

from struct import Struct, error
from typing import Final

from mailstore.mime.part import Kind, Part

_ROW: Final = Struct("<6I")
"""Kind, header, body, end, lines, number of children, which follow in order; sizes in IMAP are of 32 bits too."""


def pack(root: Part) -> bytes:
    """Return the tree in a form that `unpack` reads on any machine: 24 octets a part, parents first."""
    rows: list[bytes] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        rows.append(_ROW.pack(part.kind, part.header, part.body, part.end, part.lines, len(part.children)))
        waiting.extend(reversed(part.children))
    return b"".join(rows)


def unpack(packed: bytes) -> Part:
    """Return the tree that was given to `pack`; `ValueError` if `packed` is not from there."""
    done: list[Part] = []
    try:
        for kind, header, body, end, lines, count in reversed(list(_ROW.iter_unpack(packed))):
            children = tuple(done.pop() for _ in range(count))
            done.append(Part(Kind(kind), header, body, end, lines, children))
        (root,) = done
    except (error, IndexError, ValueError) as wrong:
        raise ValueError("not a packed part tree") from wrong
    return root
