"""Passwords: a type that nothing can print, and argon2id hashes of them (RFC 9106).

A hash that was made elsewhere is verified too, and is outdated (`imapd.auth.schemes`).
"""

import unicodedata
from base64 import b64encode
from secrets import token_bytes
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError

from imapd.auth import schemes

_SALT_OCTETS: Final = 16
_HASH_OCTETS: Final = 32
_HASHER: Final = PasswordHasher(
    time_cost=2,
    memory_cost=19 * 1024,  # KiB: the least that OWASP advises, so that a burst of logins stays within tens of MB
    parallelism=1,
    hash_len=_HASH_OCTETS,
    salt_len=_SALT_OCTETS,
)


class UnreadableHashError(ValueError):
    """What is to be a hash is none.  It says nothing, since it may be a password in the clear."""


class Password:
    """A password's octets.  Logs, tracebacks and ``repr`` show only that there is one."""

    __slots__ = ("_octets",)

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def reveal(self) -> bytes:
        """Return the octets as they were given; for the one place that compares or hashes them."""
        return self._octets

    def __repr__(self) -> str:
        return "<password>"

    def __reduce__(self) -> str:
        raise TypeError("a password is not to be pickled")


def hash_password(password: Password) -> str:
    """Return an argon2id hash of `password`, its parameters and salt within.  Takes tens of milliseconds."""
    return _HASHER.hash(_prepared(password))


def verify(password: Password, hashed: str) -> bool:
    """Tell whether `password` is the one that was hashed.  Takes tens of milliseconds.

    Raises:
        UnreadableHashError: `hashed` is not a hash: the register is damaged.
        MemoryError: there is not enough to compute it.

    """
    try:
        return _matches(password, hashed)
    except (ValueError, LookupError, VerificationError):
        if is_readable(hashed):
            raise MemoryError from None
        raise UnreadableHashError from None  # the others hold the hash


def _matches(password: Password, hashed: str) -> bool:
    if schemes.is_foreign(hashed):
        return any(schemes.matches(octets, hashed) for octets in {password.reveal(), _prepared(password)})
    try:
        return _HASHER.verify(hashed, _prepared(password))
    except VerifyMismatchError:
        return False


def is_readable(hashed: str) -> bool:
    """Tell whether `verify` can read a hash of the register."""
    try:
        schemes.taken_over(hashed if schemes.is_foreign(hashed) else f"{{ARGON2ID}}{hashed}")
    except schemes.UnusableHashError:
        return False
    return True


def is_outdated(hashed: str) -> bool:
    """Tell whether `hashed` was made elsewhere, or with other parameters than today's."""
    return schemes.is_foreign(hashed) or _HASHER.check_needs_rehash(hashed)


def unmatchable_hash() -> str:
    """Return a hash that no password matches, and that takes as long to verify as a real one."""
    salt, digest = (b64encode(token_bytes(size)).rstrip(b"=").decode() for size in (_SALT_OCTETS, _HASH_OCTETS))
    return f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${salt}${digest}"


def _prepared(password: Password) -> bytes:
    """Prepare a password as an OpaqueString (RFC 8265, 4.2): NFC, and one kind of space.

    The same accented letter is sent in two ways by different systems.  Octets that are not UTF-8 (an old client's
    Latin-1) stay as they are.
    """
    octets = password.reveal()
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return octets
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in text)
    return unicodedata.normalize("NFC", spaced).encode()
