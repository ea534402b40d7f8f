"""Mailboxes of an account, written into files."""

from collections.abc import Sequence
from contextlib import closing
from typing import Final

from imapd.formats.exported import Place
from imapd.formats.outgoing import Export, Outgoing
from imapd.moving.reporter import Reporter
from mailstore.errors import Corrupt, Expunged
from mailstore.interfaces import IMailAccount
from mailstore.model import Field, MailboxInfo, MailboxName
from mailstore.spool import Spool

_FIELDS: Final = (Field.FLAGS, Field.INTERNAL_DATE, Field.UIDL, Field.MESSAGE)


class Outflow:
    """Writes mailboxes into files, and counts messages.

    Attributes:
        written: messages that are in files.
        left_out: messages that are damaged.

    """

    def __init__(self, account: IMailAccount, files: Export, progress: Reporter) -> None:
        self.written = self.left_out = 0
        self._account, self._files, self._progress = account, files, progress

    async def write(self, info: MailboxInfo) -> None:
        """Write what a mailbox holds at this moment."""
        mailbox = await self._account.mailbox(info.name)
        snapshot = await mailbox.snapshot()
        self._files.begin(snapshot.status, Place(info.name, info.special_use))
        async for rows in mailbox.fetch(snapshot.uids, _FIELDS):
            for uid, row in zip(rows.uids, zip(*map(rows.columns.__getitem__, _FIELDS), strict=True), strict=True):
                await self._write(info.name, Outgoing(uid, *row))
        self._tell([f"{info.name}: {line}" for line in self._files.end()])

    async def _write(self, name: MailboxName, message: Outgoing) -> None:
        with closing(Spool()) as spool:
            try:
                self._files.add(message, await message.content(spool))
                self.written += 1
            except (Corrupt, Expunged) as error:
                self.left_out += 1
                self._progress.say(f"imapd: {name}, UID {message.uid}: {error}")
        self._progress.advance(message.stored.size)

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._progress.say(f"imapd: {line}")

    def finish(self, subscribed: Sequence[MailboxName]) -> None:
        """Write what concerns all mailboxes."""
        self._tell(self._files.finish(subscribed))
