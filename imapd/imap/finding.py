"""What SEARCH, SORT and THREAD have in common: finding messages among those that the client was told of."""

from collections.abc import Iterator
from contextlib import contextmanager

from imapd.imap.errors import Bad, No
from imapd.imap.session import UTF8_ACCEPT, Session
from imapd.imap.wire.numberset import NumberSet
from imapd.imap.wire.searchkey import SearchProgram, translate
from imapd.imap.wire.searchtree import asks_modseq
from mailstore.errors import StoreError
from mailstore.model import Field
from mailstore.uidset import EMPTY, UidSet


async def find(session: Session, program: SearchProgram | No) -> UidSet:
    """Return the messages that a program finds; a refused one is raised."""
    if UTF8_ACCEPT in session.enabled:
        _require_utf8(program)
    if isinstance(program, No):
        raise program
    if asks_modseq(program.key):
        session.enable_condstore()
    view = session.selected

    def resolve(numbers: NumberSet, by_uid: bool) -> UidSet:
        return view.named(numbers, by_uid=by_uid)

    return await session.mailbox.search(translate(program.key, resolve, view.recent), view.uids)


def _require_utf8(program: SearchProgram | No) -> None:
    """Make sure that texts are not in two charsets (RFC 6855, 3, and its erratum 4029, for SORT and THREAD too).

    The RFC would have CHARSET UTF-8 refused as well; but it contradicts nothing, and clients that know no better send
    it whatever they have enabled.

    Raises:
        Bad: they are.

    """
    if isinstance(program, No) or program.charset == "US-ASCII":
        raise Bad("with UTF8=ACCEPT enabled, search texts are in UTF-8")


@contextmanager
def saving(session: Session, options: frozenset[bytes] | None) -> Iterator[None]:
    """Empty ``$`` if the results were to be saved and there are none, because of an error (RFC 5182, 2.1)."""
    try:
        yield
    except (No, StoreError):
        if options is not None and b"SAVE" in options:
            session.selected.saved = EMPTY
        raise


async def highest_modseq(session: Session, program: SearchProgram | No, found: UidSet) -> int | None:
    """Return the highest mod-sequence of `found`, with which the answer ends if MODSEQ was searched for."""
    if isinstance(program, No) or not found or not asks_modseq(program.key):
        return None
    highest = 0
    async for rows in session.mailbox.fetch(found, [Field.MODSEQ]):
        highest = max(highest, *rows.columns[Field.MODSEQ])
    return highest
