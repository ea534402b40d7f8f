"""Mailboxes come, go and change their names; subscriptions (table ``subscription``)."""

from typing import Final

from mailstore.changes import (
    Created,
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    SubscriptionChanged,
)
from mailstore.errors import AlreadyExists, HasChildren, NotFound, NotPermitted, TooBig
from mailstore.model import Listed, MailboxName, ModSeq, SpecialUse
from mailstore.names import INBOX, is_below, mailbox_name
from mailstore.sqlite import adopting, annotations, changelog, copying, mailboxes, messages, uidruns
from mailstore.sqlite.transactions import Reader, Writer

MAX_SUBSCRIPTIONS: Final = 100_000
"""As many as there may be mailboxes."""

USUAL_FOLDERS: Final[dict[MailboxName, SpecialUse | None]] = {
    INBOX: None,
    MailboxName("Drafts"): SpecialUse.DRAFTS,
    MailboxName("Sent"): SpecialUse.SENT,
    MailboxName("Junk"): SpecialUse.JUNK,
    MailboxName("Trash"): SpecialUse.TRASH,
    MailboxName("Archive"): SpecialUse.ARCHIVE,
}


def fill(writer: Writer) -> None:
    """Give a new account the usual folders, subscribed."""
    modseq = changelog.advance(writer)
    for name, special_use in USUAL_FOLDERS.items():
        _create(writer, name, special_use, modseq)
        _subscribe(writer, name, modseq)


def create(writer: Writer, name: MailboxName, special_use: SpecialUse | None) -> Created:
    """Make a mailbox; `AlreadyExists`, `Conflict`, `TooBig`."""
    return _create(writer, name, special_use, changelog.advance(writer))


def _create(writer: Writer, name: MailboxName, special_use: SpecialUse | None, modseq: ModSeq) -> Created:
    _, mailbox_id = mailboxes.create(writer, name, special_use, modseq)
    changelog.record_mailbox(writer, MailboxCreated(modseq, name))
    return Created(modseq, mailbox_id)


def delete(writer: Writer, name: MailboxName) -> ModSeq:
    """Remove a mailbox with its messages; `NotFound`, `HasChildren`, `NotPermitted` as the contract has it."""
    if name == INBOX:
        raise NotPermitted("INBOX cannot be deleted")
    mailbox = mailboxes.exists(writer, name)
    if mailbox is None:
        if mailboxes.at_or_below(writer, name):
            raise HasChildren("there are mailboxes below this name")
        raise NotFound("there is no such mailbox")
    modseq = changelog.advance(writer)
    remaining = uidruns.everyone(writer, mailbox)
    if remaining:
        messages.expunge(writer, mailbox, remaining, modseq, messages.tally(writer, mailbox, remaining))
    annotations.remove(writer, mailbox)
    adopting.forget(writer, mailbox)
    mailboxes.remove(writer, mailbox)
    changelog.record_mailbox(writer, MailboxDeleted(modseq, name))
    return modseq


def rename(writer: Writer, old: MailboxName, new: MailboxName) -> ModSeq:
    """Rename a mailbox and all below it, or empty INBOX into a new one; errors as the contract has them."""
    if is_below(new, old):
        raise NotPermitted("a mailbox cannot become its own child")
    return _move_inbox(writer, new) if old == INBOX else _rename(writer, old, new)


def _rename(writer: Writer, old: MailboxName, new: MailboxName) -> ModSeq:
    moving = mailboxes.at_or_below(writer, old)
    if not moving:
        raise NotFound("there is no such mailbox")
    renamed = {mailbox: mailbox_name(new + name[len(old) :]) for mailbox, name in moving.items()}
    for name in (new, *renamed.values()):
        found = mailboxes.exists(writer, name)
        if found is not None and (found not in moving or old == new):
            raise AlreadyExists("there is such a mailbox already")
    modseq = changelog.advance(writer)
    mailboxes.rename(writer, renamed)
    for mailbox, name in renamed.items():
        changelog.record_mailbox(writer, MailboxRenamed(modseq, moving[mailbox], name))
    return modseq


def _move_inbox(writer: Writer, new: MailboxName) -> ModSeq:
    """Move the messages of INBOX to a mailbox made for them (RFC 3501, 6.3.5), with its annotations (RFC 5464, 4.1).

    To whoever watches, INBOX has another name now, and there is a new INBOX (RFC 5465, 5.4).
    """
    modseq = changelog.advance(writer)
    inbox = mailboxes.find(writer, INBOX)
    target, _ = mailboxes.create(writer, new, None, modseq)
    changelog.record_mailbox(writer, MailboxRenamed(modseq, INBOX, new))
    annotations.copy(writer, inbox, target)
    uids = uidruns.everyone(writer, inbox)
    if uids:
        _, counts = copying.duplicate(writer, inbox, uids, target, modseq)
        messages.expunge(writer, inbox, uids, modseq, counts)
    return modseq


def listed(reader: Reader, name: MailboxName) -> Listed:
    """Return what a listing says of one name."""
    info = None if mailboxes.exists(reader, name) is None else mailboxes.info(reader, name)
    return Listed(info, mailboxes.any_below(reader, name), _is_subscribed(reader, name))


def _is_subscribed(reader: Reader, name: MailboxName) -> bool:
    return reader.value("SELECT 1 FROM subscription WHERE name = ?", name) is not None


def subscriptions(reader: Reader) -> list[MailboxName]:
    """Return every subscribed name."""
    return [name for (name,) in reader.rows("SELECT name FROM subscription ORDER BY name")]


def subscribe(writer: Writer, name: MailboxName) -> ModSeq | None:
    """Add a name; return when that was, None if it is there; `TooBig`."""
    return None if _is_subscribed(writer, name) else _subscribe(writer, name, changelog.advance(writer))


def _subscribe(writer: Writer, name: MailboxName, modseq: ModSeq) -> ModSeq:
    if writer.value("SELECT count(*) FROM subscription") >= MAX_SUBSCRIPTIONS:
        raise TooBig(f"an account has at most {MAX_SUBSCRIPTIONS} subscriptions")
    writer.execute("INSERT INTO subscription (name) VALUES (?)", name)
    changelog.record_mailbox(writer, SubscriptionChanged(modseq, name))
    return modseq


def unsubscribe(writer: Writer, name: MailboxName) -> ModSeq | None:
    """Remove a name; return when that was, None if it is not there."""
    if not writer.execute("DELETE FROM subscription WHERE name = ?", name):
        return None
    modseq = changelog.advance(writer)
    changelog.record_mailbox(writer, SubscriptionChanged(modseq, name))
    return modseq
