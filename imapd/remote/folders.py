"""The folders of an account elsewhere: their names, uses and subscriptions (RFC 3501, 6.3.8; RFC 2342; RFC 6154)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from attrs import evolve, frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.encode import quoted
from imapd.imap.wire.names import decode_utf7
from imapd.remote.answers import Value, octets, values, words
from imapd.remote.connection import Connection
from imapd.remote.errors import LostError, RefusedError
from mailstore.errors import InvalidName
from mailstore.model import MailboxName, SpecialUse
from mailstore.names import INBOX, MAX_LEVELS, MAX_NAME_OCTETS, SEPARATOR, mailbox_name, speakable_level

_USES: Final = {f"\\{use.value}".upper().encode(): use for use in SpecialUse}
_VIRTUAL: Final = frozenset({b"\\ALL", b"\\FLAGGED", b"\\IMPORTANT"})
"""Folders that show messages of others (RFC 6154, 2; RFC 8457)."""
_NO_FOLDER: Final = frozenset({b"\\NOSELECT", b"\\NONEXISTENT"})
_RETURN: Final = "RETURN (SUBSCRIBED SPECIAL-USE)"


@frozen
class Folder:
    """A folder elsewhere.

    Attributes:
        raw: its name as that server spells it.
        text: its name there, whole.
        name: what it is called here.
        special_use: its use, if it is one of ours.
        virtual: whether it shows what is in other folders.
        subscribed: whether it is.

    """

    raw: bytes
    text: str
    name: MailboxName
    special_use: SpecialUse | None
    virtual: bool
    subscribed: bool


@frozen
class Namespaces:
    """Where names begin: one's own, and what is others' (RFC 2342)."""

    personal: bytes
    others: tuple[bytes, ...]


def folders(connection: Connection) -> list[Folder]:
    """Return every folder of the account that can hold messages, INBOX first; errors as of `Connection.ask`."""
    where = _namespaces(connection)
    listed = _listed(connection, where)
    subscribed = _subscribed(connection, where, listed)
    found = {
        raw: Folder(
            raw,
            decoded(raw, utf8=connection.utf8),
            local_name(decoded(raw.removeprefix(where.personal), utf8=connection.utf8), separator),
            next((_USES[attribute] for attribute in attributes - _VIRTUAL if attribute in _USES), None),
            bool(attributes & _VIRTUAL),
            raw in subscribed,
        )
        for attributes, separator, raw in listed
        if not attributes & _NO_FOLDER and not raw.startswith(where.others)
    }
    if not subscribed:  # who never subscribed sees all folders, and should here too
        found = {raw: evolve(folder, subscribed=True) for raw, folder in found.items()}
    return sorted(found.values(), key=lambda folder: (folder.name != INBOX, folder.virtual, folder.name))


def _namespaces(connection: Connection) -> Namespaces:
    if "NAMESPACE" not in connection.capabilities:
        return Namespaces(b"", ())
    (answer,) = connection.ask("NAMESPACE", answer="NAMESPACE")[-1:] or [[]]
    personal, *others = [_prefixes(each) for each in (*answer, None, None, None)[:3]]
    return Namespaces(personal[0] if personal else b"", tuple(prefix for each in others for prefix in each if prefix))


def _prefixes(value: Value) -> list[bytes]:
    return (
        [octets(each[0]) for each in value or () if isinstance(each, list) and each]
        if not isinstance(value, bytes)
        else []
    )


_Line = tuple[frozenset[bytes], bytes, bytes]


def _listed(connection: Connection, where: Namespaces) -> list[_Line]:
    """Return attributes, separator and name of all that is listed."""
    extended = (
        [_RETURN] if "LIST-EXTENDED" in connection.capabilities and "SPECIAL-USE" in connection.capabilities else []
    )
    patterns = [b"*"] if not where.personal else [INBOX.encode(), where.personal + b"*"]
    lines = []
    for pattern in patterns:
        for answer in connection.ask("LIST", '""', quoted(pattern).decode(), *extended, answer="LIST"):
            lines.append(_line(answer))
    return lines


def _line(answer: Sequence[Value]) -> _Line:
    """``"(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox``"""
    if len(answer) < 3:
        raise LostError("the server's LIST response is malformed")
    attributes = frozenset(word.upper() for word in words(answer[0]))
    raw = octets(answer[2])
    return (
        attributes,
        octets(answer[1]) if answer[1] is not None else b"",
        INBOX.encode() if raw.upper() == b"INBOX" else raw,
    )


def _subscribed(connection: Connection, where: Namespaces, listed: Iterable[_Line]) -> set[bytes]:
    if any(b"\\SUBSCRIBED" in attributes for attributes, _, _ in listed):
        return {raw for attributes, _, raw in listed if b"\\SUBSCRIBED" in attributes}
    return {_line(answer)[2] for answer in connection.ask("LSUB", '""', '"*"', answer="LSUB")}


def decoded(raw: bytes, *, utf8: bool = False) -> str:
    """Return a name as text: it should be in modified UTF-7, or in UTF-8 once that is enabled."""
    if not utf8:
        with suppress(Bad):
            return decode_utf7(raw)
    return raw.decode("utf-8", "backslashreplace")


def local_name(text: str, separator: bytes) -> MailboxName:
    """Return what a folder is called here: what no name may hold becomes ``_``, so that no folder is left behind."""
    levels = text.split(separator.decode("ascii", "replace")) if separator else [text]
    levels = [speakable_level(level) for level in levels]
    try:
        return mailbox_name(SEPARATOR.join(levels))
    except InvalidName:
        return _shortened(levels)


def _shortened(levels: Sequence[str]) -> MailboxName:
    """Return a name of few levels and characters."""
    text = SEPARATOR.join([*levels[: MAX_LEVELS - 1], "_".join(levels[MAX_LEVELS - 1 :])]).rstrip(SEPARATOR)
    cut = text.encode()[: MAX_NAME_OCTETS - 1].decode("utf-8", "ignore").rstrip(SEPARATOR)
    return mailbox_name(cut)


def examine(connection: Connection, folder: Folder) -> tuple[int, int, int]:
    """Look into a folder without changing it; return UIDVALIDITY, UIDNEXT (0 if not told) and how many messages it has.

    Raises:
        RefusedError: there is no such folder any more, or no reading it; or it has no UIDs.
        LostError: as ever.

    """
    name = [quoted(folder.raw).decode()] if folder.raw.isascii() and folder.raw.decode().isprintable() else []
    connection.ask("EXAMINE", *name, answer="OK", literal=None if name else folder.raw)
    validity, following, exists = (_last(connection, code) for code in ("UIDVALIDITY", "UIDNEXT", "EXISTS"))
    if not validity:
        raise RefusedError("the server gives the folder no UIDVALIDITY")
    return validity, following, exists


def _last(connection: Connection, code: str) -> int:
    told = connection.told(code)
    digits = told[-1] if told else b""
    found = values([digits])
    word = found[0] if found else None
    return int(word) if isinstance(word, bytes) and word.isdigit() and len(word) < 11 else 0
