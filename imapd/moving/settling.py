"""What mailboxes are for, and which are subscribed, as they were elsewhere."""

from collections.abc import Container, Iterable

from imapd.remote.folders import Folder
from mailstore.interfaces import IMailAccount
from mailstore.model import MailboxName, SpecialUse
from mailstore.names import INBOX


async def settle(account: IMailAccount, folders: Iterable[Folder]) -> None:
    """Give the mailboxes of `folders` their uses and subscriptions; of several with one use the first has it."""
    found = list(folders)
    for folder in found:
        if folder.subscribed:
            await account.subscribe(folder.name)
    names = {folder.name for folder in found}
    useful = (folder for folder in reversed(found) if folder.name != INBOX)
    for use, name in {folder.special_use: folder.name for folder in useful}.items():
        if use is not None:
            await give_use(account, name, use, names)


async def give_use(account: IMailAccount, name: MailboxName, use: SpecialUse, brought: Container[MailboxName]) -> None:
    """Let a mailbox have a special use, unless one that is used here already has it.

    One that was `brought` from elsewhere too has not got it there, and stays without.  Any other that has it and never
    held a message goes altogether: it came with the account, and nobody wants "Sent" beside "Gesendet".
    """
    holder = next((each.name for each in await account.mailboxes() if each.special_use is use), None)
    if holder == name:
        return
    if holder is None or holder in brought:
        await account.annotate(name, {}, {use})
    elif await is_unused(account, holder):
        await account.annotate(name, {}, {use})
        if not (await account.listed(holder)).has_children:
            await account.unsubscribe(holder)
            await account.delete(holder)


async def is_unused(account: IMailAccount, name: MailboxName) -> bool:
    """Tell whether a mailbox never held a message; `NotFound`."""
    return (await account.status(name)).uid_next == 1
