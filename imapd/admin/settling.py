"""What mailboxes are for, and which are subscribed, as they were elsewhere."""

from collections.abc import Iterable

from imapd.remote.folders import Folder
from mailstore.interfaces import IMailAccount
from mailstore.model import MailboxName, SpecialUse
from mailstore.names import INBOX


async def settle(account: IMailAccount, folders: Iterable[Folder]) -> None:
    """Give the mailboxes of `folders` their uses and subscriptions; of several with one use the first has it.

    A mailbox that every account begins with, that has never held a message and now loses its use to one that came,
    goes: nobody wants "Sent" beside "Gesendet".
    """
    found = list(folders)
    for folder in found:
        if folder.subscribed:
            await account.subscribe(folder.name)
    names = {folder.name for folder in found}
    before = {each.special_use: each.name for each in await account.mailboxes() if each.special_use}
    useful = (folder for folder in reversed(found) if folder.name != INBOX)
    for use, name in {folder.special_use: folder.name for folder in useful}.items():
        if use is not None:
            await _give_use(account, name, use, before.get(use), names)


async def _give_use(
    account: IMailAccount, name: MailboxName, use: SpecialUse, before: MailboxName | None, names: set[MailboxName]
) -> None:
    """Give a mailbox a use that another may have had `before`."""
    if before == name:
        return
    idle = before is not None and before not in names and (await account.status(before)).uid_next == 1
    if before is not None and before not in names and not idle:
        return  # somebody uses it here
    await account.annotate(name, {}, {use})
    if before is not None and idle and not (await account.listed(before)).has_children:
        await account.delete(before)
        await account.unsubscribe(before)
