"""From what travelled in a body to characters: transfer encodings, charsets (RFC 2045)."""

from collections.abc import Iterator
from typing import Final

from mailstore.mime.charsets import decode_pieces
from mailstore.mime.headers import Header
from mailstore.mime.parameters import TEXT_PLAIN
from mailstore.mime.part import Part
from mailstore.mime.transfer import decode_transfer, parse_transfer_encoding
from mailstore.spool import Octets

_PIECE: Final = 1 << 16
"""Octets decoded at once."""


def decode_body(octets: Octets, part: Part, header: Header, most: int | None = None) -> Iterator[str]:
    """Yield the text of a leaf in pieces of bounded size; never fails.

    Args:
        octets: the whole message.
        part: a leaf of it.
        header: the part's own header, which names transfer encoding and charset.
        most: how many octets of the body to decode; None for all.

    """
    media = header.content_type or TEXT_PLAIN
    end = part.end if most is None else min(part.body + most, part.end)
    pieces = (octets[at : min(at + _PIECE, end)] for at in range(part.body, end, _PIECE))
    encoding = parse_transfer_encoding(header.get(b"content-transfer-encoding"))
    return decode_pieces(decode_transfer(pieces, encoding), media.get(b"charset") or b"")
