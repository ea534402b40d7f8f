"""Whose mail it is: an address becomes a user and a mailbox."""

from collections.abc import Iterator

from attrs import frozen

from mailstore.errors import InvalidName, NotFound
from mailstore.interfaces import IMailAccount, IMailStore
from mailstore.model import AccountId, MailboxName, User
from mailstore.names import INBOX, mailbox_name


@frozen
class Recipient:
    """Where a message for one address goes.

    Attributes:
        address: as the sender spelled it.
        user: whose it is.
        account: the user's account.
        mailbox: the mailbox in it.

    """

    address: str
    user: str
    account: AccountId
    mailbox: MailboxName


async def addressee(store: IMailStore, local: str, domain: str, delimiter: str) -> tuple[User, str]:
    """Return who has the address, by name or alias, and its detail, empty if it has none (RFC 5233, 4); `NotFound`."""
    details = dict(_candidates(local, domain, delimiter))
    user, name = await store.addressee(*details)
    return user, details[name]


def _candidates(local: str, domain: str, delimiter: str) -> Iterator[tuple[str, str]]:
    """Yield the names that the address may mean, with the detail of each: the whole one first.

    A user whose name has no domain gets the mail of every domain: which ones come here, the sender's side has decided.
    An alias that is only a domain gets what nobody else does.
    """
    user, separator, detail = local.partition(delimiter) if delimiter else (local, "", "")
    for suffix in (f"@{domain}", "") if domain else ("",):
        yield f"{local}{suffix}", ""
        if user and separator:
            yield f"{user}{suffix}", detail
    if domain:
        yield f"@{domain}", ""


async def mailbox_of(account: IMailAccount, detail: str) -> MailboxName:
    """Return the mailbox that a detail names, in any case, for senders change it; INBOX if there is none."""
    try:
        name = mailbox_name(detail)
    except InvalidName:
        return INBOX
    try:
        return (await account.mailbox_info(name)).name
    except NotFound:
        folded = name.casefold()
        return next((info.name for info in await account.mailboxes() if info.name.casefold() == folded), INBOX)
