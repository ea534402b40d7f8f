"""A maildrop: INBOX as it was when a session began, and what the session did to it (RFC 1939, 4 and 5)."""

import time
from array import array
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, Final, TypeVar

from attrs import Factory, define

from imapd.doors import brokenoff
from imapd.doors.turns import about, in_turns
from imapd.pop3.errors import LOGIN_DELAY, Refused
from mailstore.errors import Expunged, StoreError
from mailstore.interfaces import ILock, IMailAccount, IMailbox, IStoredMessage
from mailstore.model import SEEN, Field, StoreFlags, Uid
from mailstore.names import INBOX
from mailstore.uidset import UidSet

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

BLOCK: Final = 1000
"""Messages of a listing that are sent as one."""
AHEAD: Final = 64
"""Messages that are looked up together: who takes one takes the next."""


@define(eq=False)
class Maildrop:
    """The messages are called by numbers, 1 for the oldest; numbers and sizes stay whatever happens to INBOX meanwhile.

    Attributes:
        uids: those of the messages, in the order of their numbers.
        sizes: their octets.
        octets: of all that are not marked as deleted.

    """

    _lock: ILock
    _mailbox: IMailbox
    uids: UidSet
    sizes: "array[int]"
    octets: int
    _marked: set[int] = Factory(set)
    _taken: set[int] = Factory(set)
    _ahead: Mapping[int, IStoredMessage] = Factory(dict)

    @property
    def count(self) -> int:
        """How many messages are not marked as deleted."""
        return len(self.sizes) - len(self._marked)

    def size(self, number: int) -> int:
        """Return the octets of a message that is not marked; `Refused` if there is none of this number."""
        if not 1 <= number <= len(self.sizes):
            raise Refused("there is no such message")
        if number in self._marked:
            raise Refused("the message is marked as deleted")
        return self.sizes[number - 1]

    def mark(self, number: int) -> None:
        """Mark a message as deleted; `Refused`."""
        self.octets -= self.size(number)
        self._marked.add(number)

    def unmark_all(self) -> None:
        """Mark no message any more."""
        self._marked.clear()
        self.octets = sum(self.sizes)

    async def message(self, number: int) -> IStoredMessage:
        """Return a message that is not marked, though it may be expunged by now; `Refused`, `Expunged`."""
        self.size(number)
        if number not in self._ahead:
            self._ahead = await self._messages(self.uids.between_ranks(number, number + AHEAD - 1), number)
        return _there(self._ahead, number)

    async def _messages(self, uids: UidSet, first: int) -> dict[int, IStoredMessage]:
        """Return those messages that are not gone for good, by their numbers, of which this is the first."""
        found = await self._values(uids, Field.MESSAGE)
        return {number: found[uid] for number, uid in enumerate(uids, first) if uid in found}

    def take(self, number: int) -> None:
        """Note that the client has a message."""
        self._taken.add(number)

    async def sound(self, number: int, read: Callable[[], AsyncIterator[bytes]]) -> AsyncIterator[bytes]:
        """Yield what `read` does of a message; if an answer with it broke off, only when it can be read to its end."""
        message = self._mailbox.id, self.uids.at(number)
        if brokenoff.broke_off(*message):
            await brokenoff.read_through(read())
        with brokenoff.noting(*message):
            async for piece in read():
                yield piece

    async def uidl(self, number: int) -> str:
        """Return what a message that is not marked is called; `Refused`, `Expunged`."""
        self.size(number)
        uid = self.uids.at(number)
        names: Mapping[Uid, str] = await self._values(UidSet.of(uid), Field.UIDL)
        return _there(names, uid)

    async def _values(self, uids: UidSet, field: Field) -> dict[Uid, Any]:
        """Return what a field is of each message that is not gone for good."""
        values: dict[Uid, Any] = {}
        async for rows in self._mailbox.fetch(uids, [field]):
            values.update(zip(rows.uids, rows.columns[field], strict=True))
        return values

    async def size_lines(self) -> AsyncIterator[bytes]:
        """Yield the lines of LIST."""
        async for start in in_turns(range(0, len(self.sizes), BLOCK)):
            sizes = self.sizes[start : start + BLOCK]
            yield self._lines(b"%d %d\r\n", range(start + 1, start + 1 + len(sizes)), sizes)

    async def uidl_lines(self) -> AsyncIterator[bytes]:
        """Yield the lines of UIDL."""
        async for rows in self._mailbox.fetch(self.uids, [Field.UIDL]):
            names = [name.encode() for name in rows.columns[Field.UIDL]]
            yield self._lines(b"%d %b\r\n", self._numbers(rows.uids), names)

    def _numbers(self, uids: Sequence[Uid]) -> Iterable[int]:
        """Return the numbers of messages whose UIDs ascend: all between the first and the last, or some are gone."""
        first, last = map(self.uids.rank, (uids[0], uids[-1]))
        assert first is not None
        assert last is not None
        return range(first, last + 1) if last - first < len(uids) else map(self.uids.rank, uids)  # type: ignore[arg-type]  # all are there

    def _lines(self, line: bytes, numbers: Iterable[int], values: Iterable[object]) -> bytes:
        """Return a line for each message that is not marked."""
        pairs: Iterable[tuple[int, object]] = zip(numbers, values, strict=True)
        if self._marked:
            pairs = (pair for pair in pairs if pair[0] not in self._marked)
        flat = tuple(chain.from_iterable(pairs))
        return line * (len(flat) // 2) % flat

    async def commit(self) -> None:
        """Expunge what is marked, in one transaction; errors as of `IMailbox.remove`."""
        if self._marked:
            await self._mailbox.remove(await self._uids(self._marked))
        self._taken -= self._marked

    async def end(self) -> None:
        """Let go of the maildrop; messages that were taken are seen, if that can be stored; what is marked stays."""
        await self._lock.release()
        with suppress(StoreError):
            if self._taken:
                await self._mailbox.store(await self._uids(self._taken), StoreFlags.ADD, frozenset({SEEN}))

    async def _uids(self, numbers: Collection[int]) -> UidSet:
        return await about(len(numbers), lambda: self.uids.at_ranks(UidSet.from_uids(numbers).runs))


def _there(values: Mapping[_Key, _Value], key: _Key) -> _Value:
    """Return what a message has; `Expunged` if it has nothing any more."""
    if key not in values:
        raise Expunged("the message is gone for good")
    return values[key]


async def open_maildrop(account: IMailAccount, delay: int) -> Maildrop:
    """Lock and read an account's maildrop.

    Raises:
        Conflict: another session has it.
        Refused: one had it less than `delay` seconds ago.

    """
    lock = await account.lock_maildrop()
    try:
        await _keep_delay(lock, delay)
        mailbox: IMailbox = await account.mailbox(INBOX)
        while True:
            snapshot = await mailbox.snapshot()
            sizes = await _sizes(mailbox, snapshot.uids)
            if len(sizes) == len(snapshot.uids):  # else some are gone for good since
                return Maildrop(lock, mailbox, snapshot.uids, sizes, sum(sizes))
    except BaseException:
        await lock.release()
        raise


async def _keep_delay(lock: ILock, delay: int) -> None:
    """Make sure that the session before began long enough ago, and note that this one begins."""
    if delay:
        if time.time() - lock.last < delay:
            raise Refused("wait longer between two logins", LOGIN_DELAY)
        await lock.note()


async def _sizes(mailbox: IMailbox, uids: UidSet) -> "array[int]":
    sizes = array("Q")
    async for rows in mailbox.fetch(uids, [Field.SIZE]):
        sizes.extend(rows.columns[Field.SIZE])
    return sizes
