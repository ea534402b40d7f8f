"""The mailboxes of an account (table ``mailbox``)."""

import secrets
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from mailstore.errors import AlreadyExists, Conflict, NotFound, TooBig
from mailstore.model import MailboxId, MailboxInfo, MailboxName, MailboxStatus, ModSeq, SpecialUse, Uid
from mailstore.names import SEPARATOR
from mailstore.sqlite import quotas, uidruns
from mailstore.sqlite.tally import Tally
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import MAX_UID, UidSet

MAX_MAILBOXES: Final = 100_000
"""In an account: ten times what any real one has; bounds what one LIST answers."""

MANY: Final = 1000
"""Mailboxes that are read at once on the reactor's thread: some milliseconds; most accounts have some ten."""

AFTER_SEPARATOR: Final = chr(ord(SEPARATOR) + 1)
"""Names below ``a`` sort from ``a/`` up to ``a0``."""


def exists(reader: Reader, name: MailboxName) -> int | None:
    """Return the id of the mailbox of this name; None if there is none."""
    mailbox: int | None = reader.value("SELECT id FROM mailbox WHERE name = ? AND removed_at IS NULL", name)
    return mailbox


def find(reader: Reader, name: MailboxName) -> int:
    """Return the id of the mailbox of this name; `NotFound`."""
    return find_identity(reader, name)[0]


def find_identity(reader: Reader, name: MailboxName) -> tuple[int, MailboxId]:
    """Return the id here, and the id everywhere, of the mailbox of this name; `NotFound`."""
    row = reader.row("SELECT id, object_id FROM mailbox WHERE name = ? AND removed_at IS NULL", name)
    if row is None:
        raise NotFound("there is no such mailbox")
    return row[0], _mailbox_id(row[1])


@lru_cache(1024)  # what is interned some versions of Python keep for ever
def _mailbox_id(text: str) -> MailboxId:
    """Return an id from a row: one text for all sessions, of which each keeps it."""
    return MailboxId(text)


def require(reader: Reader, mailbox: int) -> int:
    """Return a mailbox that is there; `NotFound` if it was removed."""
    if reader.value("SELECT 1 FROM mailbox WHERE id = ? AND removed_at IS NULL", mailbox) is None:
        raise removed()
    return mailbox


def removed() -> NotFound:
    """Return the refusal of what is to be done to a mailbox that was removed."""
    return NotFound("the mailbox was deleted")


def highest_modseq(reader: Reader, mailbox: int) -> ModSeq:
    """Return the mailbox's mod-sequence; `NotFound` if it was removed."""
    modseq = reader.value("SELECT highest_modseq FROM mailbox WHERE id = ? AND removed_at IS NULL", mailbox)
    if modseq is None:
        raise removed()
    return ModSeq(modseq)


def identity(reader: Reader, mailbox: int) -> tuple[MailboxId, int]:
    """Return the id that the mailbox has everywhere, and its UIDVALIDITY."""
    object_id, uid_validity = reader.rows("SELECT object_id, uid_validity FROM mailbox WHERE id = ?", mailbox)[0]
    return object_id, uid_validity


def are_many(reader: Reader) -> bool:
    """Tell whether reading all mailboxes is more than a moment's work."""
    sql = "SELECT 1 FROM mailbox WHERE removed_at IS NULL LIMIT 1 OFFSET ?"
    return reader.row(sql, MANY) is not None


def listing(reader: Reader) -> list[MailboxInfo]:
    """Return every mailbox, by name."""
    rows = reader.rows("SELECT name, object_id, special_use FROM mailbox WHERE removed_at IS NULL ORDER BY name")
    return [_info(*row) for row in rows]


def info(reader: Reader, name: MailboxName) -> MailboxInfo:
    """Return what a listing says of this name; `NotFound`."""
    row = reader.row("SELECT name, object_id, special_use FROM mailbox WHERE id = ?", find(reader, name))
    assert row is not None
    return _info(*row)


def _info(name: MailboxName, object_id: MailboxId, use: str | None) -> MailboxInfo:
    return MailboxInfo(name, object_id, _use(use))


def _use(value: str | None) -> SpecialUse | None:
    return None if value is None else SpecialUse(value)


def any_below(reader: Reader, name: MailboxName) -> bool:
    """Tell whether there are mailboxes under this name."""
    sql = "SELECT 1 FROM mailbox WHERE name > ? AND name < ? AND removed_at IS NULL LIMIT 1"
    return reader.row(sql, name + SEPARATOR, name + AFTER_SEPARATOR) is not None


def at_or_below(reader: Reader, name: MailboxName) -> dict[int, MailboxName]:
    """Return the mailbox of this name and those under it, by id."""
    return dict(
        reader.rows(
            "SELECT id, name FROM mailbox WHERE (name = ? OR name > ? AND name < ?) AND removed_at IS NULL",
            name,
            name + SEPARATOR,
            name + AFTER_SEPARATOR,
        )
    )


def first_recent(reader: Reader, mailbox: int) -> Uid:
    """Return the UID from which on no session was told that messages are recent; `NotFound` if it was removed."""
    first: Uid | None = reader.value("SELECT first_recent FROM mailbox WHERE id = ? AND removed_at IS NULL", mailbox)
    if first is None:
        raise removed()
    return first


def claim_recent(writer: Writer, claims: Mapping[int, Uid]) -> None:
    """Note, by mailbox, the UIDs below which messages are recent no more."""
    writer.executemany(
        "UPDATE mailbox SET first_recent = max(first_recent, ?) WHERE id = ?",
        ((upto, mailbox) for mailbox, upto in claims.items()),
    )


def first_unseen(reader: Reader, mailbox: int) -> Uid | None:
    """Return the smallest UID without ``\\Seen``."""
    first: Uid | None = reader.value("SELECT first_unseen FROM mailbox WHERE id = ?", mailbox)
    return first


def status(reader: Reader, mailbox: int, claimed: Uid) -> MailboxStatus:
    """Return the counts; messages below `claimed` are recent to somebody else.  `NotFound` if it was removed."""
    row = reader.row(
        """
        SELECT object_id, name, messages, unseen, deleted, octets, deleted_octets, uid_next, uid_validity,
            highest_modseq, first_recent
        FROM mailbox WHERE id = ? AND removed_at IS NULL
        """,
        mailbox,
    )
    if row is None:
        raise removed()
    object_id, name, messages, unseen, deleted, octets, deleted_octets, uid_next, uid_validity, modseq, unclaimed = row
    return MailboxStatus(
        id=_mailbox_id(object_id),
        name=name,
        messages=messages,
        unseen=unseen,
        deleted=deleted,
        recent=messages if claimed == unclaimed == 1 else uidruns.count_from(reader, mailbox, max(claimed, unclaimed)),
        octets=octets,
        deleted_octets=deleted_octets,
        uid_next=uid_next,
        uid_validity=uid_validity,
        highest_modseq=modseq,
    )


def create(writer: Writer, name: MailboxName, special_use: SpecialUse | None, modseq: ModSeq) -> tuple[int, MailboxId]:
    """Make a mailbox; return its id here and its id everywhere; errors as the contract has them."""
    if exists(writer, name) is not None:
        raise AlreadyExists("there is such a mailbox already")
    if special_use is not None and _has_mailbox(writer, special_use):
        raise Conflict("another mailbox has this special use")
    if writer.value("SELECT count(*) FROM mailbox WHERE removed_at IS NULL") >= MAX_MAILBOXES:
        raise TooBig(f"an account has at most {MAX_MAILBOXES} mailboxes")
    object_id = MailboxId(secrets.token_hex(16))
    mailbox = writer.insert(
        "INSERT INTO mailbox (object_id, name, special_use, uid_validity, highest_modseq) VALUES (?, ?, ?, ?, ?)",
        object_id,
        name,
        special_use and special_use.value,
        _next_uid_validity(writer),
        modseq,
    )
    return mailbox, object_id


def _has_mailbox(reader: Reader, special_use: SpecialUse) -> bool:
    sql = "SELECT 1 FROM mailbox WHERE special_use = ? AND removed_at IS NULL LIMIT 1"
    return reader.row(sql, special_use.value) is not None


def special_use(reader: Reader, mailbox: int) -> SpecialUse | None:
    """Return the special use of a mailbox."""
    return _use(reader.value("SELECT special_use FROM mailbox WHERE id = ?", mailbox))


def set_special_use(writer: Writer, mailbox: int, use: SpecialUse | None) -> MailboxName | None:
    """Give a mailbox a special use or none; return the mailbox that has lost it thereby."""
    taken = "UPDATE mailbox SET special_use = NULL WHERE special_use = ? AND removed_at IS NULL RETURNING name"
    displaced: MailboxName | None = use and writer.value(taken, use.value)
    writer.execute("UPDATE mailbox SET special_use = ? WHERE id = ?", use and use.value, mailbox)
    return displaced


def remove(writer: Writer, mailbox: int) -> None:
    """Mark an empty mailbox as removed: its name is free, and its row stays for who has it selected."""
    writer.execute("UPDATE mailbox SET removed_at = ? WHERE id = ?", int(time.time()), mailbox)


def any_removed_before(reader: Reader, before: int) -> bool:
    """Tell whether there are rows of mailboxes that were removed before a time."""
    return reader.row("SELECT 1 FROM mailbox WHERE removed_at < ? LIMIT 1", before) is not None


def forget(writer: Writer, before: int, limit: int) -> None:
    """Drop one mailbox that was removed before a time, or the first of the log of its messages, whose rows are gone."""
    mailbox = writer.value("SELECT id FROM mailbox WHERE removed_at < ? LIMIT 1", before)
    dropped = writer.execute(
        """
        DELETE FROM change WHERE (mailbox_id, kind, modseq, first) IN (
            SELECT mailbox_id, kind, modseq, first FROM change WHERE mailbox_id = ? LIMIT ?)
        """,
        mailbox,
        limit,
    )
    if not dropped:
        writer.execute("DELETE FROM mailbox WHERE id = ?", mailbox)


def _next_uid_validity(writer: Writer) -> int:
    """Return a value that no mailbox of the account had before, whatever the clock says (RFC 3501, 2.3.1.1)."""
    taken = "UPDATE account SET uid_validity = max(uid_validity + 1, ?) RETURNING uid_validity"
    validity: int = writer.value(taken, int(time.time()))
    while writer.value("SELECT 1 FROM adopted_uid_validity WHERE value = ?", validity):
        validity = writer.value(taken, 0)
    writer.execute("UPDATE account SET first_uid_validity = ? WHERE first_uid_validity = 0", validity)
    return validity


def rename(writer: Writer, names: Mapping[int, MailboxName]) -> None:
    """Give mailboxes their new names, none of which is another mailbox's."""
    # A new name may be the old one of a mailbox that comes later, so first all of them get one that nobody has.
    writer.executemany("UPDATE mailbox SET name = ? || id WHERE id = ?", ((SEPARATOR, each) for each in names))
    writer.executemany("UPDATE mailbox SET name = ? WHERE id = ?", ((name, each) for each, name in names.items()))


def take_uids(writer: Writer, mailbox: int, count: int) -> Uid:
    """Give out `count` UIDs; return the first; `TooBig` if the mailbox has no more, `NotFound` if it was removed."""
    taken = """
        UPDATE mailbox SET uid_next = max(uid_next, adopted_below) + ? WHERE id = ? AND removed_at IS NULL
        RETURNING uid_next"""
    after: int | None = writer.value(taken, count, mailbox)
    if after is None:
        raise removed()
    if after > MAX_UID:
        raise TooBig("the mailbox has no more UIDs; move its messages to another one")
    return Uid(after - count)


def keep_uids(writer: Writer, mailbox: int, wanted: Sequence[Uid | None]) -> UidSet:
    """Give out one UID for each of `wanted`, that one where it is adopted and above all others; errors as before."""
    if not any(wanted):
        first = take_uids(writer, mailbox, len(wanted))
        return UidSet([(first, first + len(wanted) - 1)])
    require(writer, mailbox)
    row = writer.row("SELECT uid_next, adopted_below FROM mailbox WHERE id = ?", mailbox)
    assert row is not None, "it was required"
    after, adopted_below = row
    uids = []
    for uid in wanted:
        uids.append(uid if uid is not None and after <= uid < adopted_below else max(after, adopted_below))
        after = uids[-1] + 1
    if after > MAX_UID:
        raise TooBig("the mailbox has no more UIDs; move its messages to another one")
    writer.execute("UPDATE mailbox SET uid_next = ? WHERE id = ?", after, mailbox)
    return UidSet.from_uids(uids)


def adjust(writer: Writer, mailbox: int, by: Tally) -> None:
    """Change the counts, and those of the account."""
    writer.execute(
        """
        UPDATE mailbox SET messages = messages + ?, unseen = unseen + ?, deleted = deleted + ?, octets = octets + ?,
            deleted_octets = deleted_octets + ?
        WHERE id = ?
        """,
        by.messages,
        by.unseen,
        by.deleted,
        by.octets,
        by.deleted_octets,
        mailbox,
    )
    if by.messages:
        quotas.count(writer, by)


def set_first_unseen(writer: Writer, mailbox: int, uid: Uid | None) -> None:
    """Note the smallest UID without ``\\Seen``."""
    writer.execute("UPDATE mailbox SET first_unseen = ? WHERE id = ?", uid, mailbox)


def has_unseen(reader: Reader, mailbox: int) -> bool:
    """Tell whether there are messages without ``\\Seen``, by the counts."""
    return bool(reader.value("SELECT unseen FROM mailbox WHERE id = ?", mailbox))
