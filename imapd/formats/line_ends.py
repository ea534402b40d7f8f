"""Line ends: a Unix file's lone LF becomes CRLF (RFC 5322, 2.3), and nothing else is touched."""

from collections.abc import Iterable, Iterator


def to_crlf(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield `pieces` with each LF that has no CR before it made CRLF; a CRLF and a lone CR stay as they are."""
    held = b""  # a CR at the end of a piece may belong to a LF at the beginning of the next
    for piece in pieces:
        octets = held + piece
        held = b"\r" if octets.endswith(b"\r") else b""
        octets = octets[: len(octets) - len(held)]
        yield octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield held
