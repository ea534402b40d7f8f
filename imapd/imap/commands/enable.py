"""ENABLE (RFC 5161; RFC 9051, 6.3.1)."""

from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.news.notifying import metadata_watch
from imapd.imap.session import CONDSTORE, IMAP4REV2, METADATA, QRESYNC, UIDONLY, UTF8_ACCEPT, Session
from imapd.imap.wire.cursor import Cursor

EXTENSIONS: Final = {
    CONDSTORE: CONDSTORE,
    IMAP4REV2: b"IMAP4rev2",
    METADATA: METADATA,
    QRESYNC: QRESYNC,
    UIDONLY: UIDONLY,
    UTF8_ACCEPT: UTF8_ACCEPT,
}
"""What may be enabled, and how it is spelled; a name that is not here is ignored (RFC 5161, 3.1)."""


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
    fresh = [name for name in dict.fromkeys(request.names) if name in EXTENSIONS.keys() - session.enabled]
    session.send(b" ".join([b"* ENABLED", *map(EXTENSIONS.__getitem__, fresh)]) + b"\r\n")
    if not {CONDSTORE, QRESYNC}.isdisjoint(fresh):
        session.enable_condstore()
    if METADATA in fresh and session.watch is None:
        session.watch = metadata_watch(await session.account.state())
    session.enabled |= frozenset(fresh)
    if session.has_selected:
        if session.uid_only:
            session.selected.call_by_uid()
        if session.rev2:
            session.selected.forget_recent()
    return Done("ENABLE completed")
