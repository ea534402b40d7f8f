"""What the octets of messages are known by."""

from hashlib import blake2b
from typing import Final

from mailstore.spool import Octets

DIGEST_OCTETS: Final = 32


def digest(octets: Octets) -> bytes:
    """Return what `Field.DIGEST` is of a message of these octets."""
    return blake2b(octets, digest_size=DIGEST_OCTETS).digest()
