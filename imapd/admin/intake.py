"""Mail from elsewhere, brought into the mailboxes of an account: all folders, and each message once however often."""

from collections.abc import Iterable
from typing import Protocol

from imapd.admin.filling import Filling
from imapd.admin.placing import Placing, speakable
from imapd.formats.found import Folder, Found, Item, LeftOut, Subscribed
from mailstore.errors import InvalidName
from mailstore.interfaces import IMailAccount, NewMessage
from mailstore.model import MailboxName
from mailstore.spool import Spool
from mailstore.uidset import EMPTY, UidSet


class Reporter(Protocol):
    """Who is told how the work goes on."""

    def advance(self, octets: int) -> None:
        """Take note of octets that were read."""

    def say(self, line: str) -> None:
        """Take note of something that went wrong."""


class Intake:
    """Brings messages in, folder by folder, and counts them.

    Between `begin` and `end` come the messages of one folder, in ascending order of their UIDs if they have any.

    Attributes:
        left_out: messages and files that could not be brought in.

    """

    def __init__(self, account: IMailAccount, target: MailboxName, progress: Reporter) -> None:
        """Take the account, the mailbox for messages that are in no folder, and whom to tell."""
        self.left_out = 0
        self._account, self._target, self._progress = account, target, progress
        self._placing = Placing(account)
        self._fillings: dict[MailboxName, Filling] = {}
        self._name = target
        self._folder: Folder | None = None
        self._filling: Filling | None = None

    @property
    def taken(self) -> int:
        """Messages that are in the store because of this."""
        return sum(filling.taken for filling in self._fillings.values())

    @property
    def there(self) -> int:
        """Messages that were in the store already."""
        return sum(filling.there for filling in self._fillings.values())

    async def begin(self, folder: Folder) -> UidSet:
        """Go on with the messages of this folder; return those that came at an earlier time, by their UIDs there.

        Its mailbox is made, if there is none, as the folder wants it, and takes over its UIDVALIDITY and UIDs if it
        never held a message.

        Raises:
            InvalidName: no mailbox can have this name.

        """
        await self.end()
        self._name = speakable(folder.levels, self._target)
        mailbox = await self._placing.place(self._name, folder)
        self._folder = folder
        if self._name in self._fillings:
            self._filling = self._fillings[self._name]
        else:
            self._filling = self._fillings[self._name] = Filling(mailbox, self.leave_out)
            await self._filling.look()
        reason = await self._filling.begin(folder.identity)
        if reason is not None:
            self._progress.say(f"imapd: {self._name}: {reason}")
        return self._filling.brought

    async def add(self, source: str, message: NewMessage) -> None:
        """Bring in a message of the folder; its UID is the one that it has there, and its spool is closed at last.

        It may be refused for itself, and is left out then; what the store cannot do for any message is a `StoreError`.
        """
        assert self._filling is not None, "a folder was begun"
        await self._filling.add(source, message)

    async def end(self) -> None:
        """Have all messages of the folder in the store."""
        if self._filling is None:
            return
        renumbered = await self._filling.end()
        if renumbered:
            self._progress.say(f"imapd: {self._name}: {renumbered} messages have new UIDs, since later ones were there")
        self._filling = self._folder = None

    async def subscribe(self, levels: tuple[str, ...]) -> None:
        """Subscribe a name, whether or not it is a folder's."""
        await self._account.subscribe(speakable(levels, self._target))

    async def verify(self) -> None:
        """Read back how many messages came into each mailbox, and their sizes; tell what does not agree."""
        for name, filling in self._fillings.items():
            if not await filling.verify():
                self.leave_out(name, "not all that was brought in is there; import again, which brings what is lacking")

    def leave_out(self, source: str, reason: str) -> None:
        """Take note of something that cannot be brought in."""
        self.left_out += 1
        self._progress.say(f"imapd: {source}: {reason}")

    async def take(self, items: Iterable[Item]) -> None:
        """Bring in all that a reader finds.

        What cannot be read, or is refused for itself, is left out; what the store cannot do for any message ends it
        with that `StoreError`.
        """
        try:
            for each in items:
                match each:
                    case LeftOut():
                        self.leave_out(each.source, each.reason)
                    case Subscribed():
                        await self._subscribe(each.levels)
                    case Folder():
                        await self._begin(each)
                    case Found():
                        await self._take(each)
                        self._progress.advance(each.size)
            await self.end()
            await self.verify()
        finally:
            for filling in self._fillings.values():
                filling.forget()

    async def _subscribe(self, levels: tuple[str, ...]) -> None:
        try:
            await self.subscribe(levels)
        except InvalidName as error:
            self.leave_out(f"the subscription of {'/'.join(levels)}", str(error))

    async def _begin(self, folder: Folder) -> UidSet:
        try:
            return await self.begin(folder)
        except InvalidName as error:
            self._folder = folder
            self.leave_out(f"the folder {'/'.join(folder.levels)}", str(error))
            return EMPTY

    async def _take(self, found: Found) -> None:
        if found.folder != self._folder:
            await self._begin(found.folder)
        if self._filling is None:
            self.left_out += 1
        elif found.uid is not None and found.uid in self._filling.brought:
            self._filling.there += 1
        else:
            await self._read(found)

    async def _read(self, found: Found) -> None:
        spool = Spool()
        try:
            for octets in found.octets():
                spool.write(octets)
        except OSError as error:
            spool.close()
            self.leave_out(found.source, str(error.strerror))
            return
        await self.add(found.source, NewMessage(spool, found.flags, found.internal_date, found.uid, found.uidl))
