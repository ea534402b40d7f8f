"""Hashes that were made elsewhere, as Dovecot's password files write them: ``{SCHEME}hash``.

They are matched as they are, until the next login puts one of our own in their place (`imapd.auth.passwords`).
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import new as new_digest
from hmac import compare_digest
from types import MappingProxyType
from typing import Final

import bcrypt
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerificationError, VerifyMismatchError
from attrs import frozen
from passlib.hash import md5_crypt, sha256_crypt, sha512_crypt

_MAX_ROUNDS: Final = 1_000_000
"""Of SHA512-CRYPT: half a second of a core; 5,000 are usual."""
_MAX_COST: Final = 14
"""Of bcrypt, a power of two: a second of a core; 5 to 12 are usual."""
_MAX_PASSES: Final = 16
_MAX_MEMORY: Final = 256 * 1024
"""Of argon2, in KiB, for each of the threads that check passwords; Dovecot makes hashes with 64 MiB and 3 passes."""
_MAX_OCTETS: Final = 4096
"""A password that is longer matches nothing: nobody has one, and a hash of megabytes takes long."""
_BCRYPT_OCTETS: Final = 72
"""As many octets of a password as bcrypt ever looked at."""

_SCHEME: Final = re.compile(r"\{([A-Za-z0-9-]+)(?:\.([A-Za-z0-9]+))?\}")
_ARGON2_COST: Final = re.compile(r"\$m=\d+,t=\d+,p=\d+\$")
_BCRYPT: Final = re.compile(r"\$2[abxy]\$([0-9]{2})\$[./A-Za-z0-9]{53}")


class UnusableHashError(ValueError):
    """A hash that cannot be taken over; the text says why, and holds nothing of the hash."""


@frozen
class _Scheme:
    """How hashes of one scheme are read.

    Attributes:
        check: raises `ValueError` if a hash is none, `UnusableHashError` if it takes too long.
        matches: tells whether octets are the password of a hash that `check` let pass.

    """

    check: Callable[[str], object]
    matches: Callable[[bytes, str], bool]


def is_foreign(hashed: str) -> bool:
    """Tell whether a hash of the register is one of those here."""
    return hashed.startswith("{")


def taken_over(text: str) -> str:
    """Return what the register keeps of a password field: ``{SCHEME}`` in capitals, and the hash.

    A field without a scheme is one of crypt(3), as Dovecot has it.

    Raises:
        UnusableHashError: it is no hash, or of a scheme that is not known, or it would take too long to verify.

    """
    found = _SCHEME.match(text)
    scheme = found[1].upper() if found else "CRYPT"
    hashed = text[found.end() :] if found else text
    if found and found[2] and found[2].upper() not in {"B64", "BASE64"}:
        raise UnusableHashError(f"the encoding .{found[2]} is not known")
    if scheme == "CRYPT":
        scheme = _crypt_scheme(hashed)
    if scheme not in _SCHEMES:
        raise UnusableHashError(f"the scheme {scheme} is not known")
    try:
        _SCHEMES[scheme].check(hashed)
    except UnusableHashError:
        raise
    except (ValueError, VerificationError):
        raise UnusableHashError(f"it is no hash of {scheme}") from None
    return f"{{{scheme}}}{hashed}"


def clear_password(text: str) -> bytes | None:
    """Return the password of a field that holds it as it is, or None."""
    found = _SCHEME.match(text)
    if found is None or found[2] or found[1].upper() not in {"PLAIN", "CLEAR", "CLEARTEXT"}:
        return None
    return text[found.end() :].encode(errors="surrogateescape")


def matches(octets: bytes, hashed: str) -> bool:
    """Tell whether `octets` are the password of what `taken_over` returned.  Takes up to a second."""
    if b"\0" in octets or len(octets) > _MAX_OCTETS:
        return False
    scheme, _, rest = hashed.removeprefix("{").partition("}")
    return _SCHEMES[scheme].matches(octets, rest)


def _crypt_scheme(hashed: str) -> str:
    for prefix, scheme in (("$2", "BLF-CRYPT"), ("$6$", "SHA512-CRYPT"), ("$5$", "SHA256-CRYPT"), ("$1$", "MD5-CRYPT")):
        if hashed.startswith(prefix):
            return scheme
    if not hashed or hashed.startswith(("!", "*")):
        raise UnusableHashError("there is no password")
    raise UnusableHashError("it is a hash of crypt(3) that is not known")


def _crypt(kind: type[md5_crypt | sha256_crypt | sha512_crypt]) -> _Scheme:
    kind.set_backend("builtin")  # the system's crypt(3) holds the interpreter's lock from its beginning to its end

    def check(hashed: str) -> None:
        read = kind.from_string(hashed)
        if not read.checksum:
            raise ValueError
        if getattr(read, "rounds", 0) > _MAX_ROUNDS:
            raise UnusableHashError(f"it has more than {_MAX_ROUNDS:,} rounds")

    return _Scheme(check, kind.verify)


def _check_bcrypt(hashed: str) -> None:
    found = _BCRYPT.fullmatch(hashed)
    if not found:
        raise ValueError
    if int(found[1]) > _MAX_COST:
        raise UnusableHashError(f"its cost is more than {_MAX_COST}")
    bcrypt.checkpw(b"", f"$2b$04{hashed[6:]}".encode())


def _matches_bcrypt(octets: bytes, hashed: str) -> bool:
    return bcrypt.checkpw(octets[:_BCRYPT_OCTETS], hashed.encode())


def _check_argon2(hashed: str) -> None:
    read = extract_parameters(hashed)
    if read.memory_cost > _MAX_MEMORY or read.time_cost > _MAX_PASSES:
        raise UnusableHashError(f"it takes more than {_MAX_MEMORY >> 10} MiB or {_MAX_PASSES} passes")
    with suppress(VerifyMismatchError):
        PasswordHasher().verify(_ARGON2_COST.sub("$m=8,t=1,p=1$", hashed), b"")


def _matches_argon2(octets: bytes, hashed: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, octets)
    except VerifyMismatchError:
        return False


def _salted(digest: str, size: int) -> _Scheme:
    """Return the scheme of a digest of `size` octets of password and salt, base64 of it with the salt behind."""

    def check(hashed: str) -> None:
        if len(b64decode(hashed, validate=True)) < size:
            raise ValueError

    def matches(octets: bytes, hashed: str) -> bool:
        both = b64decode(hashed)
        return compare_digest(new_digest(digest, octets + both[size:]).digest(), both[:size])

    return _Scheme(check, matches)


_ARGON2: Final = _Scheme(_check_argon2, _matches_argon2)
_SCHEMES: Final[Mapping[str, _Scheme]] = MappingProxyType(
    {
        "BLF-CRYPT": _Scheme(_check_bcrypt, _matches_bcrypt),
        "SHA512-CRYPT": _crypt(sha512_crypt),
        "SHA256-CRYPT": _crypt(sha256_crypt),
        "MD5-CRYPT": _crypt(md5_crypt),
        "ARGON2ID": _ARGON2,
        "ARGON2I": _ARGON2,
        "SSHA512": _salted("sha512", 64),
        "SSHA256": _salted("sha256", 32),
        "SSHA": _salted("sha1", 20),
    }
)
