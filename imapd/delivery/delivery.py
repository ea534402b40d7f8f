"""Messages into mailboxes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from typing import Final

from imapd.delivery.recipients import Recipient, addressee, mailbox_of
from imapd.doors.turns import beside
from mailstore.errors import NotFound, Unavailable
from mailstore.interfaces import IMailAccount, IMailStore, NewMessage
from mailstore.model import AccountId, MailboxName, Usage
from mailstore.names import INBOX
from mailstore.spool import Spool

_PIECE: Final = 1 << 20
"""Octets copied in one go; a message of no more is copied at once, a larger one in a thread."""


class Delivery:
    """Takes messages for users."""

    def __init__(self, delimiter: str) -> None:
        """Take what stands between a user and a detail in an address; empty for none."""
        self._delimiter = delimiter
        self._store: IMailStore | None = None

    def open(self, store: IMailStore) -> None:
        """Deliver into `store` from here on."""
        self._store = store

    @property
    def _opened(self) -> IMailStore:
        if self._store is None:
            raise Unavailable("the server is starting")
        return self._store

    async def recipient(self, address: str, local: str, domain: str, size: int = 0) -> Recipient:
        """Return where a message of about `size` octets for an address goes; what counts is what `deliver` says.

        Raises:
            NotFound: there is nobody of this address.
            OverQuota: the account may not hold it.
            Busy, Unavailable, Corrupt: nobody can say.

        """
        user, detail = await addressee(self._opened, local, domain, self._delimiter)
        async with self._account(user.account) as account:
            mailbox = await mailbox_of(account, detail) if detail else INBOX
            account.foresee_append(mailbox, Usage(max(size, 1), 1))
        return Recipient(address, user.name, user.account, mailbox)

    async def deliver(self, recipient: Recipient, fields: bytes, content: Spool) -> None:
        """Store a message with `fields` above it; when this returns it is on disk.

        Raises:
            NotFound: the user is gone.
            OverQuota, TooBig: it does not go in.
            Busy, Unavailable, Corrupt: it is not stored now.

        """
        async with self._account(recipient.account) as account:
            with closing(Spool()) as spool:
                await _fill(spool, fields, content)
                await _append_or_to_inbox(account, recipient.mailbox, [NewMessage(spool)])

    @asynccontextmanager
    async def _account(self, account_id: AccountId) -> AsyncIterator[IMailAccount]:
        account = await self._opened.account(account_id)
        try:
            yield account
        finally:
            await account.release()


async def _append_or_to_inbox(account: IMailAccount, name: MailboxName, messages: Sequence[NewMessage]) -> None:
    """Add messages to a mailbox, which may have gone meanwhile."""
    try:
        await account.append(name, messages)
    except NotFound:
        await account.append(INBOX, messages)


async def _fill(spool: Spool, fields: bytes, content: Spool) -> None:
    """Write what is stored; `Unavailable` if the disk has no room."""

    def fill() -> None:
        spool.write(fields)
        octets = content.octets()
        for start in range(0, len(octets), _PIECE):
            spool.write(octets[start : start + _PIECE])

    try:
        await beside(fill) if len(content) > _PIECE else fill()
    except OSError as error:
        raise Unavailable("no room to receive a message") from error
