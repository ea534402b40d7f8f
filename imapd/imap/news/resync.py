"""What happened to a mailbox while a client was away (RFC 7162, 3.2.5)."""

from itertools import chain
from typing import Final

from attrs import frozen

from imapd.doors.turns import about, in_turns
from imapd.imap.errors import Bad
from imapd.imap.fetch.fetching import send_flags
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import STAR, NumberSet, encode_uids, sequence_set
from mailstore.model import ModSeq
from mailstore.uidset import EMPTY, MAX_UID, UidSet

RUNS_AT_ONCE: Final = 2000
"""Runs of UIDs in one VANISHED response: some 30 kB, and a millisecond or two before others have the reactor."""

_ALL: Final = UidSet([(1, MAX_UID)])


@frozen
class Remembered:
    """What a client remembers of a mailbox: the parameter QRESYNC of SELECT.

    Attributes:
        uid_validity: if it is another one now, the client remembers nothing of use.
        modseq: up to which it knows what happened.
        uids: the messages that it knows.
        sample: some sequence numbers, ascending, and the UIDs that they stood for.

    """

    uid_validity: int
    modseq: ModSeq
    uids: UidSet = _ALL
    sample: tuple[UidSet, UidSet] = (EMPTY, EMPTY)


def remembered(cursor: Cursor) -> Remembered:
    """"(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"  (RFC 7162, 7)

    seq-match-data = "(" known-sequence-set SP known-uid-set ")".  Whoever says 0 for the mod-sequence is told all.
    """
    cursor.expect(b"(")
    uid_validity = cursor.nz_number()
    cursor.space()
    modseq = ModSeq(cursor.number64())
    uids, sample = _ALL, (EMPTY, EMPTY)
    if cursor.peek(2) != b" (" and cursor.take(b" "):
        uids = _definite(cursor)
    if cursor.take(b" "):
        sample = _sample(cursor)
    cursor.expect(b")")
    return Remembered(uid_validity, modseq, uids, sample)


def _definite(cursor: Cursor) -> UidSet:
    """A sequence-set without ``*`` and ``$``, which mean nothing while no mailbox is open (RFC 7162, 7)."""
    numbers = sequence_set(cursor)
    if numbers.saved or STAR in chain.from_iterable(numbers.ranges):
        raise Bad("what is remembered of a mailbox is named by numbers, without * and $")
    return UidSet(numbers.resolve(STAR))


def _sample(cursor: Cursor) -> tuple[UidSet, UidSet]:
    cursor.expect(b"(")
    numbers = _definite(cursor)
    cursor.space()
    uids = _definite(cursor)
    cursor.expect(b")")
    if len(numbers) != len(uids):
        raise Bad("there must be as many known UIDs as known message numbers")
    return numbers, uids


async def resynchronize(session: Session, known: Remembered) -> None:
    """Tell what happened to the mailbox just selected since the client knew it."""
    view = session.selected
    changes = await session.mailbox.changes_since(known.modseq)
    agreed = _agreed(known.sample, view.uids)
    runs = changes.run_count + view.uids.run_count
    gone = await about(runs, lambda: (changes.expunged & known.uids) - UidSet([(1, agreed)]))
    await tell_vanished_earlier(session, gone)
    await send_flags(session, await about(runs, lambda: changes.changed & known.uids & view.uids), with_uid=True)


def asked_uids(session: Session, numbers: NumberSet) -> UidSet:
    """Return the UIDs that a client names, those among them that are gone; ``*`` is the last that was given."""
    view = session.selected
    return view.saved if numbers.saved else UidSet(numbers.resolve(view.uid_next - 1))


async def tell_vanished_earlier(session: Session, uids: UidSet) -> None:
    """Tell which messages are gone, but for those that this session still counts."""
    async for piece in in_turns(uids.pieces(RUNS_AT_ONCE)):
        gone = piece - session.selected.uids
        if gone:
            session.send(b"* VANISHED (EARLIER) %b\r\n" % encode_uids(gone))
            await session.drained()


def _agreed(sample: tuple[UidSet, UidSet], uids: UidSet) -> int:
    """Return the largest UID of the sample that still has its sequence number; 0 if none has.

    Up to there the client knows of every expunge, and so of those below: each pair below agrees as well.
    """
    numbers, known = sample
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high + 1) // 2
        if uids.rank(known.at(middle)) == numbers.at(middle):
            low = middle
        else:
            high = middle - 1
    return known.at(low) if low else 0
