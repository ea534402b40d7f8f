"""Which mailbox a folder from elsewhere becomes."""

import unicodedata
from typing import Final

from imapd.formats.found import Folder
from mailstore.errors import NotFound
from mailstore.interfaces import IMailAccount, IMailbox
from mailstore.model import MailboxInfo, MailboxName, SpecialUse
from mailstore.names import FORBIDDEN, INBOX, SEPARATOR, mailbox_name

_INSTEAD: Final = "_"
"""Stands for what no mailbox name may hold."""


def speakable(levels: tuple[str, ...], target: MailboxName) -> MailboxName:
    """Return the mailbox of a folder: below the target, unless that is INBOX.

    What no level of a name may hold becomes ``_``.  `InvalidName` if it is too long or too deep.
    """
    if not levels:
        return target
    above = () if target == INBOX else (target,)
    return mailbox_name(SEPARATOR.join((*above, *map(_speakable, levels))))


def _speakable(level: str) -> str:
    chars = (_INSTEAD if char == SEPARATOR or unicodedata.category(char) in FORBIDDEN else char for char in level)
    return "".join(chars) or _INSTEAD


async def existing_or_new(account: IMailAccount, name: MailboxName) -> IMailbox:
    """Return a mailbox, made and subscribed if it is not there."""
    return await place(account, name, Folder())


async def place(account: IMailAccount, name: MailboxName, folder: Folder) -> IMailbox:
    """Return the mailbox that a folder becomes, made if it is not there, with its special use and subscription.

    The user's own arrangement goes before that of elsewhere: only a mailbox that never held a message changes.
    """
    try:
        mailbox = await account.mailbox(name)
        is_new = await _is_unused(account, name)
    except NotFound:
        await account.create(name)
        mailbox, is_new = await account.mailbox(name), True
        if folder.subscribed is not False:
            await account.subscribe(name)
    if is_new and folder.subscribed is not None:
        await (account.subscribe(name) if folder.subscribed else account.unsubscribe(name))
    if is_new and folder.special_use is not None:
        await _give_use(account, name, folder.special_use)
    return mailbox


async def _is_unused(account: IMailAccount, name: MailboxName) -> bool:
    return (await account.status(name)).uid_next == 1


async def _give_use(account: IMailAccount, name: MailboxName, use: SpecialUse) -> None:
    """Let a mailbox have a special use, unless a mailbox that was used already has it.

    One that had it and was never used gives way altogether: it came with the account, and nobody wants two for Sent.
    """
    other = next((each for each in await account.mailboxes() if each.special_use is use), None)
    if other is None:
        await account.annotate(name, {}, {use})
    elif other.name != name and await _is_unused(account, other.name):
        await account.annotate(name, {}, {use})
        await _give_way(account, other)


async def _give_way(account: IMailAccount, other: MailboxInfo) -> None:
    if not (await account.listed(other.name)).has_children:
        await account.unsubscribe(other.name)
        await account.delete(other.name)
