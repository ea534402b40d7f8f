"""A message that a client takes in pieces, one FETCH after the other, is looked for once.

What was found stays until a command asks for something else; with it are as many octets as are read ahead of who takes
a message: at most 256 KB.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from imapd.imap.fetch import legacy
from imapd.imap.session import Session
from imapd.imap.wire.fetchatt import BinarySize, FromOctets
from mailstore.interfaces import Rows, Source
from mailstore.model import Field
from mailstore.uidset import UidSet

_LASTING: Final = {Field.MESSAGE, Field.SIZE}
"""What never changes, and all that those commands ask for."""


def fetch(
    session: Session, uids: UidSet, sources: Sequence[Source], sections: Sequence[FromOctets]
) -> AsyncIterator[Rows]:
    """Yield what `legacy.fetch` does."""
    in_pieces = all(not isinstance(section, BinarySize) and section.partial for section in sections)
    if in_pieces and len(uids) == 1 and _LASTING.issuperset(sources):
        return _fetch_one(session, uids, sources)
    return legacy.fetch(session, uids, sources)


async def _fetch_one(session: Session, uids: UidSet, sources: Sequence[Source]) -> AsyncIterator[Rows]:
    asked = uids, frozenset(sources), session.reads_utf8
    if session.found_before is not None and session.found_before[0] == asked:
        session.found = session.found_before
        yield session.found[1]
        return
    async for rows in legacy.fetch(session, uids, sources):
        session.found = asked, rows
        yield rows
