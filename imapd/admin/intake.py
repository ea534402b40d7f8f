"""Messages found in files, brought into the mailboxes of an account."""

from collections.abc import Iterable
from typing import Final, Protocol

from imapd.formats.found import Found, LeftOut
from mailstore.errors import InvalidName, NotFound, TooBig
from mailstore.interfaces import IMailAccount, IMailbox, NewMessage
from mailstore.model import MailboxName
from mailstore.names import INBOX, SEPARATOR, mailbox_name
from mailstore.spool import Spool

BATCH_MESSAGES: Final = 100
BATCH_OCTETS: Final = 8 << 20
"""A batch is one commit: enough that the disk is waited for seldom, and so little that other sessions' writes need not
wait long behind it."""


class Reporter(Protocol):
    """Who is told how the work goes on."""

    def advance(self, octets: int) -> None:
        """Take note of octets that were read."""

    def say(self, line: str) -> None:
        """Take note of something that went wrong."""


class Intake:
    """Appends messages in batches, and counts them.

    Attributes:
        taken: messages that are in the store.
        left_out: messages and files that are not.

    """

    def __init__(self, account: IMailAccount, target: MailboxName, progress: Reporter) -> None:
        """Take the account, the mailbox for messages that are in no folder, and whom to tell."""
        self.taken = 0
        self.left_out = 0
        self._account, self._target, self._progress = account, target, progress
        self._mailboxes: dict[MailboxName, IMailbox] = {}
        self._batch_name = target
        self._batch: list[tuple[Found, NewMessage]] = []
        self._batch_octets = 0

    async def take(self, found: Iterable[Found | LeftOut]) -> None:
        """Bring in all of `found`.

        What cannot be read, or is refused for itself, is left out; what the store cannot do for any message ends it
        with that `StoreError`.
        """
        try:
            for each in found:
                if isinstance(each, LeftOut):
                    self._leave_out(each.source, each.reason)
                else:
                    await self._add(each)
                    self._progress.advance(each.size)
            await self._flush()
        finally:
            self._forget()

    async def _add(self, found: Found) -> None:
        try:
            name = self._name(found.folder)
            spool = _read(found)
        except InvalidName as error:
            self._leave_out(found.source, str(error))
            return
        except OSError as error:
            self._leave_out(found.source, str(error.strerror))
            return
        if name != self._batch_name:
            await self._flush()
            self._batch_name = name
        self._batch.append((found, NewMessage(spool, found.flags, found.internal_date)))
        self._batch_octets += len(spool)
        if len(self._batch) >= BATCH_MESSAGES or self._batch_octets >= BATCH_OCTETS:
            await self._flush()

    def _name(self, folder: tuple[str, ...]) -> MailboxName:
        """Return the mailbox of a folder: below the target, unless that is INBOX."""
        if not folder:
            return self._target
        above = () if self._target == INBOX else (self._target,)
        return mailbox_name(SEPARATOR.join(above + folder))

    async def _flush(self) -> None:
        if not self._batch:
            return
        mailbox = await self._mailbox(self._batch_name)
        try:
            await mailbox.append([message for _, message in self._batch])
            self.taken += len(self._batch)
        except TooBig:
            await self._append_one_by_one(mailbox)
        self._forget()

    async def _append_one_by_one(self, mailbox: IMailbox) -> None:
        for found, message in self._batch:
            try:
                await mailbox.append([message])
                self.taken += 1
            except TooBig as error:
                self._leave_out(found.source, str(error))

    async def _mailbox(self, name: MailboxName) -> IMailbox:
        if name not in self._mailboxes:
            self._mailboxes[name] = await existing_or_new(self._account, name)
        return self._mailboxes[name]

    def _forget(self) -> None:
        for _, message in self._batch:
            message.spool.close()
        self._batch.clear()
        self._batch_octets = 0

    def _leave_out(self, source: str, reason: str) -> None:
        self.left_out += 1
        self._progress.say(f"imapd: {source}: {reason}")


async def existing_or_new(account: IMailAccount, name: MailboxName) -> IMailbox:
    """Return a mailbox, made and subscribed if it is not there."""
    try:
        return await account.mailbox(name)
    except NotFound:
        await account.create(name)
        await account.subscribe(name)
        return await account.mailbox(name)


def _read(found: Found) -> Spool:
    """Return the message's octets; the caller closes the spool.  `OSError` if they cannot be read."""
    spool = Spool()
    try:
        for octets in found.octets():
            spool.write(octets)
    except OSError:
        spool.close()
        raise
    return spool
