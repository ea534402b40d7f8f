"""What clients see as metadata: annotations of the store, special uses, what the configuration says of the server."""

from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from attrs import frozen

from imapd.imap.mailboxes.listing import batches
from imapd.imap.session import Session
from imapd.imap.wire.metadata import Asked, Pair, encode_changed
from imapd.imap.wire.specialuse import SPELLINGS
from mailstore.annotations import MAX_VALUE_OCTETS, PRIVATE, SHARED, SPECIAL_USE, Annotation, Branches, EntryName
from mailstore.model import MailboxInfo, MailboxName

Subject = MailboxInfo | None
"""What is asked about: a mailbox, or the server."""

_EVERYTHING: Final = Branches(frozenset({PRIVATE, SHARED}), None)


@frozen
class Part:
    """A part of the answer about a mailbox or the server.

    Attributes:
        mailbox: None for the server.
        pairs: entries with their values, None for those that have none; may be empty.
        longest: octets of the largest value that was left out for its size; 0 if none was.

    """

    mailbox: MailboxName | None
    pairs: list[Pair]
    longest: int = 0


async def answer(
    session: Session,
    subjects: Sequence[Subject],
    asked: Asked,
    levels: int | None = 0,
    largest: int = MAX_VALUE_OCTETS,
) -> AsyncIterator[Part]:
    """Yield what is asked of each of `subjects`, in their order: one part at least, and all of bounded size.

    An entry that has nothing at or below it is told without a value.

    Args:
        session: whose client asks.
        subjects: some hundred, each once.
        asked: the entries.
        levels: how many levels below them are asked for too; None for all.
        largest: octets; larger values are left out.

    """
    answering = _Answering(session, asked, levels, largest)
    remaining = deque(subjects)
    names = [_name(each) for each in subjects]
    begun: Part | None = None
    async for batch in session.account.annotations(names, answering.branches, largest):
        for mailbox, found in groupby(batch, attrgetter("mailbox")):
            while _name(remaining[0]) != mailbox:
                yield answering.last(remaining.popleft(), begun)
                begun = None
            if begun is not None:
                yield begun
            begun = answering.part(mailbox, list(found))
    while remaining:
        yield answering.last(remaining.popleft(), begun)
        begun = None


async def tell_all(session: Session) -> None:
    """Tell which annotations there are: any of them may have changed (RFC 5465, 5.6)."""
    subjects = [None, *(info.name for info in await session.account.mailboxes())]
    for some in batches(subjects):
        async for batch in session.account.annotations(some, _EVERYTHING, 0):
            for mailbox, found in groupby(batch, attrgetter("mailbox")):
                session.send(encode_changed(session.spell_mailbox(mailbox or ""), [each.entry for each in found]))
            await session.drained()


class _Answering:
    """Makes the parts, subject by subject, and knows what of the current one was told."""

    def __init__(self, session: Session, asked: Asked, levels: int | None, largest: int) -> None:
        self.branches = asked.branches(levels)
        self._session = session
        self._asked = asked
        self._largest = largest
        self._met: set[EntryName] = set()

    def part(self, mailbox: MailboxName | None, found: Sequence[Annotation]) -> Part:
        """Return the part that tells what was found."""
        self._met.update(root for each in found for root in self.branches.holding(each.entry))
        pairs = [(each.entry, each.value) for each in found if each.size <= self._largest]
        longest = max((each.size for each in found if each.size > self._largest), default=0)
        return Part(mailbox, pairs, longest)

    def last(self, subject: Subject, begun: Part | None) -> Part:
        """Return the last part about `subject`: with what the store does not keep, and what is not there at all."""
        computed = [each for each in self._computed(subject) if each.entry in self.branches]
        part = self.part(_name(subject), computed)
        missing: list[Pair] = [(entry, None) for entry in self._asked.spellings if entry not in self._met]
        self._met.clear()
        if begun is None:
            return Part(part.mailbox, part.pairs + missing, part.longest)
        return Part(part.mailbox, begun.pairs + part.pairs + missing, max(begun.longest, part.longest))

    def _computed(self, subject: Subject) -> Iterator[Annotation]:
        if subject is None:
            for entry, text in self._session.config.metadata.items():
                yield _annotation(None, entry, text.encode())
        elif subject.special_use is not None:
            yield _annotation(subject.name, SPECIAL_USE, SPELLINGS[subject.special_use])


def _annotation(mailbox: MailboxName | None, entry: EntryName, value: bytes) -> Annotation:
    return Annotation(mailbox, entry, len(value), value)


def _name(subject: Subject) -> MailboxName | None:
    return None if subject is None else subject.name
