"""CANCELUPDATE (RFC 5267, 4.3.5)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor


@frozen
class CancelUpdate:
    """The tags of searches."""

    tags: tuple[bytes, ...]


def parse(cursor: Cursor) -> CancelUpdate:
    """cancelupdate = "CANCELUPDATE" 1*(SP quoted)"""
    tags: list[bytes] = []
    while not tags or not cursor.at_end:
        cursor.space()
        tags.append(cursor.quoted())
    return CancelUpdate(tuple(tags))


async def run(session: Session, request: CancelUpdate) -> Done:
    """Tell no more how the results of these searches change."""
    contexts = session.selected.contexts
    unknown = [tag for tag in request.tags if contexts.pop(tag, None) is None]
    if unknown:
        tag = unknown[0].decode("ascii", "replace")[:40]
        raise No(f"no search of the tag {tag} was kept up to date", "NONEXISTENT")
    return Done("CANCELUPDATE completed")
