"""Which folders are subscribed: Dovecot's file ``subscriptions``, and Courier's ``courierimapsubscribed``."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from imapd.formats.maildirnames import decoded, encoded

_SECOND: Final = "V\t2"
"""What the second version of Dovecot's file begins with: levels after tabs, instead of one name a line."""
_ESCAPED: Final = (("\x01t", "\t"), ("\x01n", "\n"), ("\x01r", "\r"), ("\x011", "\x01"))


def read(root: Path, separator: str) -> list[tuple[str, ...]] | None:
    """Return the levels of each subscribed name, in the order of the file; None if there is none.

    Args:
        root: the Maildir that the folders are below.
        separator: what is between levels in the first version of Dovecot's file.

    """
    if (lines := _lines(root / "subscriptions")) is not None:
        return _dovecot(lines, separator)
    if (lines := _lines(root / "courierimapsubscribed")) is not None:
        return [_courier(line) for line in lines]
    return None


def read_hidden(root: Path) -> list[tuple[str, ...]] | None:
    """Return the same of a directory with mboxes, where Dovecot calls the file ``.subscriptions``."""
    lines = _lines(root / ".subscriptions")
    return None if lines is None else _dovecot(lines, "/")


def _lines(path: Path) -> list[str] | None:
    try:
        return [line for line in path.read_text("utf-8", "surrogateescape").split("\n") if line]
    except OSError:
        return None


def _dovecot(lines: list[str], separator: str) -> list[tuple[str, ...]]:
    if lines[:1] == [_SECOND]:
        return [tuple(map(_unescaped, line.split("\t"))) for line in lines[1:]]
    return [_levels(line.split(separator)) for line in lines]


def _unescaped(level: str) -> str:
    for escaped, plain in _ESCAPED:
        level = level.replace(escaped, plain)
    return decoded(level)


def _courier(line: str) -> tuple[str, ...]:
    """Return the levels of a name below ``INBOX.``, which other servers do without."""
    levels = _levels(line.split("."))
    return levels[1:] if levels[:1] == ("INBOX",) and len(levels) > 1 else levels


def _levels(levels: list[str]) -> tuple[str, ...]:
    return tuple(decoded(level) for level in levels if level)


def write(root: Path, subscribed: Iterable[tuple[str, ...]]) -> None:
    """Write Dovecot's file; `OSError`."""
    lines = ["\t".join(map(encoded, levels)) + "\n" for levels in subscribed]  # no level holds what must be escaped
    (root / "subscriptions").write_text("".join([f"{_SECOND}\n\n", *lines]), "ascii")


def write_hidden(root: Path, subscribed: Iterable[tuple[str, ...]]) -> None:
    """Write the same beside mboxes."""
    lines = ["/".join(map(encoded, levels)) + "\n" for levels in subscribed]
    (root / ".subscriptions").write_text("".join(lines), "ascii")
