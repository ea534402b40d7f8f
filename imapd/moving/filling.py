"""One mailbox that messages are brought into, in batches, each message once."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from attrs import evolve

from imapd.formats.found import Identity
from imapd.moving.appending import Coming, append
from mailstore.changes import Origin
from mailstore.digests import digest
from mailstore.errors import Conflict
from mailstore.interfaces import IMailbox, NewMessage
from mailstore.model import Field, Uid
from mailstore.uidset import EMPTY, UidSet

BATCH_MESSAGES: Final = 100
BATCH_OCTETS: Final = 8 << 20
"""A batch is one commit: enough that the disk is waited for seldom, and so little that other sessions' writes need not
wait long behind it."""


class Filling:
    """A mailbox, and the batch that goes into it next.

    What it holds when it is opened stays as it is.  A message is left out if its origin says that it came already, or
    if the mailbox held the same octets then, as often as it held them.  For a message with a UID those do not count
    that came from the same place: they are known by their own, or by being read again where they have another one here.

    Attributes:
        taken: messages that were brought in.
        there: messages that were there.
        refused: messages that the store did not take.

    """

    def __init__(self, mailbox: IMailbox, tell: Callable[[str, str], None]) -> None:
        """Take the mailbox, and what to call with the source of a message that it refuses, and the reason."""
        self.taken = self.there = self.refused = 0
        self._mailbox, self._tell = mailbox, tell
        self._held: Counter[bytes] = Counter()
        self._known: Counter[bytes] = Counter()
        self._identity: Identity | None = None
        self._adopted = False
        self._least = 1
        self._brought = EMPTY
        self._batch: list[Coming] = []
        self._octets = 0
        self._noted: list[Uid] = []
        self._appended, self._appended_octets = EMPTY, 0
        self._renumbered = 0

    async def look(self) -> None:
        """Take note of what the mailbox holds; some hundred octets of memory for each message."""
        self._held = await self._digests((await self._mailbox.snapshot()).uids)

    async def _digests(self, uids: UidSet) -> Counter[bytes]:
        """Return how often the mailbox holds which octets among `uids`, by their digests."""
        found: Counter[bytes] = Counter()
        async for rows in self._mailbox.fetch(uids, [Field.DIGEST]):
            found.update(rows.columns[Field.DIGEST])
        return found

    async def begin(self, identity: Identity | None) -> str | None:
        """Go on with messages of this mailbox elsewhere; return why they cannot keep their UIDs, if they cannot."""
        self._identity, self._brought, self._renumbered, self._adopted = identity, EMPTY, 0, False
        self._known.clear()
        if identity is None:
            return None
        self._brought = await self._mailbox.brought(identity.source, identity.uid_validity)
        reason = None
        try:
            await self._mailbox.adopt(identity.uid_validity, identity.uid_next)
            self._adopted = True
        except Conflict as error:
            reason = str(error)
        snapshot = await self._mailbox.snapshot()
        self._least = snapshot.status.uid_next
        if self._adopted and self._held:
            self._known = await self._digests(snapshot.uids & self._brought)
        return reason

    def is_known(self, uid: Uid) -> bool:
        """Tell whether a message came already, and need not be read to know which of those that are here it is."""
        return uid in self._brought and (self._adopted or not self._held)

    def is_too_late(self, uid: Uid) -> bool:
        """Tell whether a message must get another UID than elsewhere, above all others: the later the better."""
        if self._identity is None or not self._adopted:
            return False
        return not self._least <= uid < self._identity.uid_next

    async def add(self, source: str, message: NewMessage) -> None:
        """Bring a message in, with the batch that it completes or a later one; its spool is closed then."""
        if message.uid is not None and message.uid in self._brought:
            self._holds(message)
            self._know(message)
            return
        if self._held and self._holds(message):
            self._noted += [] if message.uid is None else [message.uid]
            self._know(message)
            return
        self._batch.append(Coming(source, message.uid, message if self._adopted else evolve(message, uid=None)))
        self._least = max(self._least, (message.uid or 0) + 1)
        self._octets += len(message.spool)
        if len(self._batch) >= BATCH_MESSAGES or self._octets >= BATCH_OCTETS:
            await self.flush()

    def _holds(self, message: NewMessage) -> bool:
        """Tell whether the mailbox held a message, and count that it was asked for."""
        octets = digest(message.spool.octets())
        if self._held[octets] <= (0 if message.uid is None else self._known[octets]):
            return False
        self._held[octets] -= 1
        return True

    def _know(self, message: NewMessage) -> None:
        self.there += 1
        message.spool.close()

    async def flush(self) -> None:
        """Bring in what is waiting."""
        try:
            if self._noted:
                await self._mailbox.append([], self._origin(UidSet.from_uids(self._noted)))
            if self._batch:
                self._count(await append(self._mailbox, self._batch, self._origin, self._tell))
        finally:
            self.forget()

    def _origin(self, uids: UidSet) -> Origin | None:
        identity = self._identity
        return None if identity is None else Origin(identity.source, identity.uid_validity, uids)

    def _count(self, came: list[tuple[Coming, Uid]]) -> None:
        """Take note of what came of the batch."""
        self.taken += len(came)
        self.refused += len(self._batch) - len(came)
        self._appended |= UidSet.from_uids(uid for _, uid in came)
        self._appended_octets += sum(len(each.message.spool) for each, _ in came)
        self._renumbered += sum(each.message.uid not in {None, uid} for each, uid in came)

    def forget(self) -> None:
        """Drop what is waiting."""
        for each in self._batch:
            each.message.spool.close()
        self._batch.clear()
        self._noted.clear()
        self._octets = 0

    async def end(self) -> int:
        """Finish the messages of one mailbox elsewhere; return how many have other UIDs than there."""
        await self.flush()
        if self._adopted:
            await self._mailbox.finish()
        return self._renumbered

    async def verify(self) -> bool:
        """Tell whether the store has what was brought in: so many messages, of so many octets."""
        messages = octets = 0
        async for rows in self._mailbox.fetch(self._appended, [Field.SIZE]):
            messages += len(rows.uids)
            octets += sum(rows.columns[Field.SIZE])
        return (messages, octets) == (self.taken, self._appended_octets)
