"""Mail from elsewhere, brought into the mailboxes of an account: all folders, and each message once however often."""

from collections.abc import Iterable
from typing import Final

from imapd.formats.found import Folder, Found, Item, LeftOut, Subscribed
from imapd.moving.filling import Filling
from imapd.moving.placing import Placing, speakable
from imapd.moving.reporter import Reporter
from mailstore.errors import InvalidName
from mailstore.interfaces import IMailAccount, NewMessage
from mailstore.model import MailboxName
from mailstore.spool import Spool

MAX_LATE: Final = 10_000
"""Messages that wait for the end of their folder: some megabytes, and more than are ever late."""


class Intake:
    """Brings messages in, folder by folder, and counts them."""

    def __init__(self, account: IMailAccount, target: MailboxName, progress: Reporter) -> None:
        """Take the account, the mailbox for messages that are in no folder, and whom to tell."""
        self._left_out = 0
        self._account, self._target, self._progress = account, target, progress
        self._placing = Placing(account)
        self._fillings: dict[MailboxName, Filling] = {}
        self._name = target
        self._folder: Folder | None = None
        self._filling: Filling | None = None
        self._late: list[Found] = []

    @property
    def taken(self) -> int:
        """Messages that are in the store because of this."""
        return sum(filling.taken for filling in self._fillings.values())

    @property
    def there(self) -> int:
        """Messages that were in the store already."""
        return sum(filling.there for filling in self._fillings.values())

    @property
    def left_out(self) -> int:
        """Messages and files that could not be brought in."""
        return self._left_out + sum(filling.refused for filling in self._fillings.values())

    async def take(self, items: Iterable[Item]) -> None:
        """Bring in all that a reader finds.

        What cannot be read, or is refused for itself, is left out; what the store cannot do for any message ends it
        with that `StoreError`.
        """
        try:
            for each in items:
                match each:
                    case LeftOut():
                        self._leave_out(each.source, each.reason)
                    case Subscribed():
                        await self._subscribe(each.levels)
                    case Folder():
                        await self._begin(each)
                    case Found():
                        await self._take(each)
                        self._progress.advance(each.size)
            await self._end()
            await self._verify()
        finally:
            for filling in self._fillings.values():
                filling.forget()

    async def _subscribe(self, levels: tuple[str, ...]) -> None:
        """Subscribe a name, whether or not it is a folder's."""
        try:
            await self._account.subscribe(speakable(levels, self._target))
        except InvalidName as error:
            self._leave_out(f"the subscription of {'/'.join(levels)}", str(error))

    async def _begin(self, folder: Folder) -> None:
        """Go on with the messages of this folder, whose UIDs ascend if they have any.

        Its mailbox is made, if there is none, as the folder wants it, and takes over its UIDVALIDITY and UIDs if it
        never held a message.
        """
        await self._end()
        self._folder = folder
        try:
            name = speakable(folder.levels, self._target)
            mailbox = await self._placing.place(name, folder)
        except InvalidName as error:
            self._leave_out(f"the folder {'/'.join(folder.levels)}", str(error))
            return
        if name not in self._fillings:
            self._fillings[name] = Filling(mailbox, self._tell)
            await self._fillings[name].look()
        self._name, self._filling = name, self._fillings[name]
        reason = await self._filling.begin(folder.identity)
        if reason is not None:
            self._progress.say(f"imapd: {name}: {reason}")

    async def _end(self) -> None:
        """Have all messages of the folder in the store."""
        if self._filling is None:
            return
        for found in self._late:
            await self._read(found, self._filling)
        self._late.clear()
        renumbered = await self._filling.end()
        if renumbered:
            self._progress.say(f"imapd: {self._name}: {renumbered} messages have new UIDs, since later ones were there")
        self._filling = self._folder = None

    async def _take(self, found: Found) -> None:
        if found.folder != self._folder:
            await self._begin(found.folder)
        if self._filling is None:
            self._left_out += 1
        elif found.uid is not None and self._filling.is_known(found.uid):
            self._filling.there += 1
        elif found.uid is not None and self._filling.is_too_late(found.uid) and len(self._late) < MAX_LATE:
            self._late.append(found)  # it comes last, or it would cost others their UIDs
        else:
            await self._read(found, self._filling)

    async def _read(self, found: Found, filling: Filling) -> None:
        """Bring in a message; its UID is the one that it has there, and its spool is closed at last."""
        spool = Spool()
        try:
            for octets in found.octets():
                spool.write(octets)
        except OSError as error:
            spool.close()
            self._leave_out(found.source, str(error.strerror))
            return
        await filling.add(found.source, NewMessage(spool, found.flags, found.internal_date, found.uid, found.uidl))

    async def _verify(self) -> None:
        """Read back how many messages came into each mailbox, and their sizes; tell what does not agree."""
        for name, filling in self._fillings.items():
            if not await filling.verify():
                self._leave_out(name, "not all that was brought is there; import again, which brings what is lacking")

    def _leave_out(self, source: str, reason: str) -> None:
        """Take note of something that cannot be brought in."""
        self._left_out += 1
        self._tell(source, reason)

    def _tell(self, source: str, reason: str) -> None:
        self._progress.say(f"imapd: {source}: {reason}")
