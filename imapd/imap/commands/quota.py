"""GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208, 4.1)."""

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.quota import ROOT, encode_quota, encode_quota_root
from mailstore.model import MailboxName


def parse_get(cursor: Cursor) -> bytes:
    """getquota = "GETQUOTA" SP quota-root-name"""
    cursor.space()
    return cursor.astring()


def parse_get_root(cursor: Cursor) -> MailboxName:
    """getquotaroot = "GETQUOTAROOT" SP mailbox"""
    cursor.space()
    return names.mailbox(cursor)


def parse_set(cursor: Cursor) -> bytes:
    """setquota = "SETQUOTA" SP quota-root-name SP "(" [setquota-resource *(SP setquota-resource)] ")" """
    root = parse_get(cursor)
    cursor.space()
    cursor.parenthesized(_resource, empty=True)
    return root


def _resource(cursor: Cursor) -> None:
    """setquota-resource = resource-name SP resource-limit"""
    cursor.atom()
    cursor.space()
    cursor.number64()


async def run_get(session: Session, root: bytes) -> Done:
    """Tell how much of the quota root is used."""
    _require(root)
    await _tell(session)
    return Done("GETQUOTA completed")


async def run_get_root(session: Session, mailbox: MailboxName) -> Done:
    """Tell the quota root of a mailbox, which need not exist, and how much of it is used."""
    session.send(encode_quota_root(session.spell_mailbox(mailbox)))
    await _tell(session)
    return Done("GETQUOTAROOT completed")


async def run_set(_: Session, root: bytes) -> Done:
    """Refuse: nobody sets limits for themselves, which is why QUOTASET is not offered."""
    _require(root)
    raise No("only the administrator sets quotas", "NOPERM")


def _require(root: bytes) -> None:
    if root != ROOT:
        raise No("there is no such quota root; GETQUOTAROOT names that of a mailbox", "NONEXISTENT")


async def _tell(session: Session) -> None:
    session.send(encode_quota(await session.account.usage(), await session.account.quota()))
