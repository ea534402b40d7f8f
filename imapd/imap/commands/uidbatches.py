"""UIDBATCHES (RFC 10022): ranges of UIDs with as many messages each, from the newest on.

The RFC has servers refuse to be asked again before much has changed, since theirs may have to count.  Here a range
costs a microsecond, so everybody is answered, whatever the number of messages.
"""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from imapd.doors.turns import batched
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.sending import send_in_turns
from imapd.imap.session import Session
from imapd.imap.wire.cursor import MAX_NUMBER, Cursor
from mailstore.uidset import UidSet

MIN_SIZE: Final = 500
"""Messages of a batch: fewer would give away message numbers to who has given them up (RFC 10022, 3.3)."""


@frozen
class UidBatches:
    """How many messages make a batch, and which batches are asked for, from the `first` to the `last`."""

    size: int
    first: int = 1
    last: int = MAX_NUMBER


def parse(cursor: Cursor) -> UidBatches:
    """message-batches = "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]"""
    cursor.space()
    size = cursor.nz_number()
    if not cursor.take(b" "):
        return UidBatches(size)
    first = cursor.nz_number()
    cursor.expect(b":")
    last = cursor.nz_number()
    if first > last:
        raise Bad("batches are asked for from the lower number to the higher", "CLIENTBUG")
    return UidBatches(size, first, last)


async def run(session: Session, request: UidBatches) -> Done:
    """uidbatches-response = "UIDBATCHES" search-correlator [SP uid-range *("," uid-range)]"""
    if request.size < MIN_SIZE:
        raise No(f"a batch has at least {MIN_SIZE} messages", "TOOFEW")
    with session.response():
        session.send(b'* UIDBATCHES (TAG "%b")' % session.tag)
        await send_in_turns(session, _spelled(ranges(session.selected.uids, request)))
        session.send(b"\r\n")
    return Done("UIDBATCHES completed")


def ranges(uids: UidSet, request: UidBatches) -> Iterator[tuple[int, int]]:
    """Yield the highest and the lowest UID of each batch; together they have every UID from the last one down to 1."""

    def lowest(number: int) -> int:
        rank = len(uids) - number * request.size + 1
        return uids.at(rank) if rank > 1 else 1

    count = -(-len(uids) // request.size)
    for number in range(request.first, min(request.last, count) + 1):
        yield uids.last if number == 1 else lowest(number - 1) - 1, lowest(number)


def _spelled(found: Iterator[tuple[int, int]]) -> Iterator[bytes]:
    separator = b" "
    for some in batched(found, 500):
        yield separator + b",".join([b"%d:%d" % each for each in some])
        separator = b","
