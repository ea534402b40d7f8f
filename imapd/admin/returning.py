"""Messages of a backup, brought back into the mailboxes of an account that is in use."""

import hashlib
from contextlib import suppress
from typing import Final

import click
from attrs import frozen

from imapd.admin.progress import MessageBar
from imapd.moving.filling import BATCH_MESSAGES, BATCH_OCTETS
from imapd.moving.placing import Placing
from mailstore.errors import Corrupt, Expunged
from mailstore.interfaces import IMailAccount, IMailbox, IStoredMessage, NewMessage
from mailstore.model import DELETED, EmailId, Field, Flags, InternalDate, MailboxName, Uid
from mailstore.query import Header
from mailstore.spool import Spool
from mailstore.uidset import MAX_UID, UidSet

_FIELDS: Final = (Field.MESSAGE, Field.EMAIL_ID, Field.FLAGS, Field.INTERNAL_DATE, Field.UIDL)


@frozen
class Wanted:
    """Which messages.

    Attributes:
        mailbox: those of this one; None for all.
        message: the one with this UID or Message-ID; None for all.
        into: where they go; None for mailboxes of the same names.

    """

    mailbox: MailboxName | None
    message: str | None
    into: MailboxName | None

    @property
    def uid(self) -> Uid | None:
        """The UID, if `message` is one."""
        if self.message is None or not (self.message.isascii() and self.message.isdigit()):
            return None
        return Uid(min(int(self.message), MAX_UID))


class Return:
    """Appends what an account lacks, in batches, and counts.

    Attributes:
        brought: messages that are back.
        there: messages that were there.
        damaged: messages whose octets the backup has no more.

    """

    def __init__(self, account: IMailAccount, wanted: Wanted) -> None:
        """Take the account, and what is wanted for it."""
        self.brought = self.there = self.damaged = 0
        self._account, self._wanted = account, wanted
        self._batch: list[NewMessage] = []
        self._octets = 0

    async def bring(self, kept: IMailAccount) -> None:
        """Bring back what is wanted of an account in a backup.

        What the store refuses ends it with a `StoreError`; batches before that stay.
        """
        chosen = await self._choose(kept)
        if not any(chosen.values()) and (self._wanted.message or not chosen):
            raise click.ClickException("there is no such message or mailbox in the backup")
        with MessageBar() as bar:
            for name, uids in chosen.items():
                if uids:
                    await self._bring(await kept.mailbox(name), name, uids, bar)

    async def _choose(self, kept: IMailAccount) -> dict[MailboxName, UidSet]:
        """Return the mailboxes that are asked for, and the messages of each."""
        names = [each.name for each in await kept.mailboxes() if self._wanted.mailbox in {None, each.name}]
        return {name: await self._chosen(await kept.mailbox(name)) for name in names}

    async def _chosen(self, mailbox: IMailbox) -> UidSet:
        living = (await mailbox.snapshot()).uids
        if self._wanted.message is None:
            return living
        if self._wanted.uid is not None:
            return living & UidSet.of(self._wanted.uid)
        message_id = self._wanted.message.strip("<> ")
        return await mailbox.search(Header("message-id", f"<{message_id}>"), living)

    async def _bring(self, mailbox: IMailbox, name: MailboxName, uids: UidSet, bar: MessageBar) -> None:
        target = await Placing(self._account).place(self._wanted.into or name)
        present = _Present(target)
        await present.look()
        progress, done = bar.of(name), 0
        try:
            async for rows in mailbox.fetch(uids, _FIELDS):
                columns = map(rows.columns.__getitem__, _FIELDS)
                for uid, message, email_id, flags, date, uidl in zip(rows.uids, *columns, strict=True):
                    try:
                        await self._add(present, message, email_id, flags=flags, date=date, uidl=uidl)
                    except (Corrupt, Expunged):
                        bar.say(f"imapd: {name}, UID {uid}: it is damaged in the backup")
                        self.damaged += 1
                    if len(self._batch) >= BATCH_MESSAGES or self._octets >= BATCH_OCTETS:
                        await self._flush(target)
                    done += 1
                    progress(done, len(uids))
            await self._flush(target)
        finally:
            self._forget()

    async def _add(
        self,
        present: "_Present",
        message: IStoredMessage,
        email_id: EmailId,
        *,
        flags: Flags,
        date: InternalDate,
        uidl: str,
    ) -> None:
        """Add a message to the batch unless it is there; `Corrupt`, `Expunged`."""
        if await present.has(message, email_id):
            self.there += 1
            return
        spool = Spool()
        self._batch.append(NewMessage(spool, flags - {DELETED}, date, uidl=uidl))
        try:
            async for octets in message.stream(0, message.size):
                spool.write(octets)
        except BaseException:
            self._batch.pop().spool.close()
            raise
        self._octets += message.size

    async def _flush(self, target: IMailbox) -> None:
        if self._batch:
            await target.append(self._batch)
            self.brought += len(self._batch)
        self._forget()

    def _forget(self) -> None:
        for message in self._batch:
            message.spool.close()
        self._batch.clear()
        self._octets = 0


class _Present:
    """What is in a mailbox before anything is brought back."""

    def __init__(self, mailbox: IMailbox) -> None:
        self._mailbox = mailbox
        self._ids: set[EmailId] = set()
        self._by_size: dict[int, list[Uid]] = {}
        self._digests: dict[Uid, bytes] = {}

    async def look(self) -> None:
        """Take note of every message."""
        uids = (await self._mailbox.snapshot()).uids
        async for rows in self._mailbox.fetch(uids, [Field.EMAIL_ID, Field.SIZE]):
            self._ids.update(rows.columns[Field.EMAIL_ID])
            for uid, size in zip(rows.uids, rows.columns[Field.SIZE], strict=True):
                self._by_size.setdefault(size, []).append(uid)

    async def has(self, message: IStoredMessage, email_id: EmailId) -> bool:
        """Tell whether there is a message with the same octets; `Corrupt`, `Expunged`.

        One that came back once has another id than in the backup; only then octets are compared.
        """
        if email_id in self._ids:
            return True
        others = self._by_size.get(message.size, [])
        if not others:
            return False
        digest = await _digest(message)
        return any([await self._digest(uid) == digest for uid in others])

    async def _digest(self, uid: Uid) -> bytes:
        if uid not in self._digests:
            self._digests[uid] = b""
            async for rows in self._mailbox.fetch(UidSet.of(uid), [Field.MESSAGE]):
                with suppress(Corrupt, Expunged):  # as if it were not there
                    self._digests[uid] = await _digest(rows.columns[Field.MESSAGE][0])
        return self._digests[uid]


async def _digest(message: IStoredMessage) -> bytes:
    digest = hashlib.blake2b()
    async for octets in message.stream(0, message.size):
        digest.update(octets)
    return digest.digest()
