"""ENABLE (RFC 5161; RFC 9051, 6.3.1)."""

from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import CONDSTORE, QRESYNC, UIDONLY, UTF8_ACCEPT, Session
from imapd.imap.wire.cursor import Cursor

EXTENSIONS: Final = frozenset({CONDSTORE, QRESYNC, UIDONLY, UTF8_ACCEPT})
"""What may be enabled; a name that is not here is ignored (RFC 5161, 3.1)."""


@frozen
class Enable:
    """Names of extensions, in capitals."""

    names: tuple[bytes, ...]


def parse(cursor: Cursor) -> Enable:
    """enable = "ENABLE" 1*(SP capability)"""
    names: list[bytes] = []
    while not names or not cursor.at_end:
        cursor.space()
        names.append(cursor.keyword())
    return Enable(tuple(names))


async def run(session: Session, request: Enable) -> Done:
    """Turn on what is known and was not on; QRESYNC brings CONDSTORE with it (RFC 7162, 3.2.3)."""
    fresh = [name for name in dict.fromkeys(request.names) if name in EXTENSIONS - session.enabled]
    session.send(b" ".join([b"* ENABLED", *fresh]) + b"\r\n")
    if not {CONDSTORE, QRESYNC}.isdisjoint(fresh):
        session.enable_condstore()
    session.enabled.update(fresh)
    if session.has_selected:
        session.selected.uid_only = session.uid_only
    return Done("ENABLE completed")
