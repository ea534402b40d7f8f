"""Which mailboxes folders from elsewhere become."""

from imapd.formats.found import ROOT, Folder
from imapd.moving.settling import give_use, is_unused
from mailstore.errors import NotFound
from mailstore.interfaces import IMailAccount, IMailbox
from mailstore.model import MailboxName, SpecialUse
from mailstore.names import INBOX, SEPARATOR, mailbox_name, speakable_level


def speakable(levels: tuple[str, ...], target: MailboxName) -> MailboxName:
    """Return the mailbox of a folder: below the target, unless that is INBOX.

    What no level of a name may hold becomes ``_``.  `InvalidName` if it is too long or too deep.
    """
    if not levels:
        return target
    above = () if target == INBOX else (target,)
    return mailbox_name(SEPARATOR.join((*above, *map(speakable_level, levels))))


class Placing:
    """Makes the mailboxes that folders become, with special uses and subscriptions.

    The user's own arrangement goes before that of elsewhere: only a mailbox that never held a message changes.  Of
    several folders with one use the first has it.
    """

    def __init__(self, account: IMailAccount) -> None:
        self._account = account
        self._new: set[MailboxName] = set()
        self._given: set[SpecialUse] = set()

    async def place(self, name: MailboxName, folder: Folder = ROOT) -> IMailbox:
        """Return the mailbox that a folder becomes, made if it is not there."""
        try:
            mailbox = await self._account.mailbox(name)
            is_new = await is_unused(self._account, name)
        except NotFound:
            await self._account.create(name)
            mailbox, is_new = await self._account.mailbox(name), True
            if folder.subscribed is not False:
                await self._account.subscribe(name)
        if is_new:
            await self._arrange(name, folder)
        return mailbox

    async def _arrange(self, name: MailboxName, folder: Folder) -> None:
        """Give a mailbox what its folder has."""
        self._new.add(name)
        if folder.subscribed is not None:
            await (self._account.subscribe(name) if folder.subscribed else self._account.unsubscribe(name))
        if folder.special_use is not None and folder.special_use not in self._given:
            self._given.add(folder.special_use)
            await give_use(self._account, name, folder.special_use, self._new)
