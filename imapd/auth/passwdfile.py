"""Dovecot's passwd-file: ``user:password:uid:gid:gecos:home:shell:extra fields``, a line for each user."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from mailstore.model import UNLIMITED, OwnQuota

_STORAGE: Final = re.compile(r"([0-9]{1,15})([bkmgt]?)", re.IGNORECASE)
_POWERS: Final = {"b": 0, "k": 1, "": 1, "m": 2, "g": 3, "t": 4}
_EVERYWHERE: Final = "*:"
_RESTRICTIONS: Final = frozenset({"nologin", "allow_nets", "nopassword", "proxy", "host"})


@frozen
class Entry:
    """One user of the file.

    Attributes:
        line: of the file, from 1.
        name: as it is written there.
        password: the password field: ``{SCHEME}hash``.
        quota: by a rule for all mailboxes; what it does not limit is None.
        restrictions: extra fields that say who may log in, or from where, by their names.

    """

    line: int
    name: str
    password: str
    quota: OwnQuota
    restrictions: tuple[str, ...]


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the users; empty lines, comments and lines without a name are passed over, as Dovecot does."""
    for number, line in enumerate(lines, 1):
        name, *rest = line.rstrip("\r\n").split(":", 7)
        if name and not name.startswith("#"):
            extra = rest[6].split() if len(rest) == 7 else []
            yield Entry(number, name, rest[0] if rest else "", _quota(extra), _restrictions(extra))


def _restrictions(extra: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_RESTRICTIONS & {field.partition("=")[0] for field in extra}))


def _quota(extra: Iterable[str]) -> OwnQuota:
    """Return what ``quota_rule=*:storage=1G:messages=1000`` says, or ``quota_storage_size=1G`` of Dovecot 2.4."""
    octets = messages = None
    for field in extra:
        key, _, value = field.removeprefix("userdb_").partition("=")
        if key == "quota_rule" and value.startswith(_EVERYWHERE):
            limits = dict(each.partition("=")[::2] for each in value.removeprefix(_EVERYWHERE).split(":"))
            octets = _octets(limits.get("storage", "")) or octets
            octets = _octets(limits.get("bytes", "") and limits["bytes"] + "b") or octets
            messages = _number(limits.get("messages", "")) or messages
        elif key == "quota_storage_size":
            octets = _octets(value) or octets
        elif key == "quota_message_count":
            messages = _number(value) or messages
    return OwnQuota(octets, messages)


def _octets(text: str) -> int | None:
    """Return a size; kilobytes if no unit is named, and unlimited if it is 0, as Dovecot has it."""
    found = _STORAGE.fullmatch(text)
    if found is None:
        return None
    return min(int(found[1]) * 1024 ** _POWERS[found[2].lower()], UNLIMITED) or UNLIMITED


def _number(text: str) -> int | None:
    return None if not (text.isascii() and text.isdigit()) else int(text[:18]) or UNLIMITED
