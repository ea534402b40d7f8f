"""What has lost its place since rows are gone: it is given another, and nothing that can be read is lost."""

import secrets
import time
from itertools import count
from typing import Final

from mailstore.digests import DIGEST_OCTETS, digest
from mailstore.model import MailboxName
from mailstore.sqlite import changelog, contents, cures, flagsets, mailboxes, messages
from mailstore.sqlite.transactions import Reader, Writer

RECOVERED: Final = "Recovered"
"""The mailbox of messages that are in no other."""
_DAY: Final = 24 * 60 * 60


def place(writer: Writer) -> list[str]:
    """Give all that is without a place another one; return what was done, for an administrator."""
    if writer.row("SELECT 1 FROM account") is None:
        cures.begin_account(writer)
    done = {
        "a mailbox whose name is lost: it has another": name_mailboxes(writer),
        "a message whose flags are lost: it has none": flag_messages(writer),
        "a content of which only octets, or messages, are left": find_contents(writer),
        f"a message that was in no mailbox: it is in {RECOVERED}": gather(writer),
    }
    return [f"{text} ({cases})" for text, cases in done.items() if cases]


def name_mailboxes(writer: Writer) -> int:
    """Make a mailbox for messages in one that is not there; return for how many."""
    sql = "SELECT DISTINCT mailbox_id FROM message WHERE mailbox_id NOT IN (SELECT id FROM mailbox)"
    lost = [mailbox for (mailbox,) in writer.rows(sql)]
    for mailbox in lost:
        made, _ = mailboxes.create(writer, _unused(writer, f"{RECOVERED} {mailbox}"), None, changelog.advance(writer))
        writer.execute("UPDATE mailbox SET id = ? WHERE id = ?", mailbox, made)
    cures.raise_uid_next(writer)
    return len(lost)


def flag_messages(writer: Writer) -> int:
    """Let messages have no flags whose flags are not there; return how many."""
    without = flagsets.intern(writer, frozenset())
    return writer.execute(
        "UPDATE message SET flagset_id = ? WHERE flagset_id NOT IN (SELECT id FROM flagset)", without
    )


def find_contents(writer: Writer) -> int:
    """Make the rows of contents that messages or octets belong to, and that are not there; return how many."""
    sizes: dict[int, int] = dict(
        writer.rows(
            """
            SELECT id >> 16, 0 FROM chunk WHERE id >> 16 NOT IN (SELECT id FROM content) UNION
            SELECT content_id, max(size) FROM message WHERE content_id NOT IN (SELECT id FROM content) GROUP BY 1
            ORDER BY 2"""
        )
    )
    for content, size in sizes.items():
        octets = contents.gathered(writer, content)
        whole = octets is not None and len(octets) == (size or len(octets))
        writer.execute(
            "INSERT OR IGNORE INTO content (id, object_id, digest, size, thread_id) VALUES (?1, ?2, ?3, ?4, ?2)",
            content,
            secrets.token_bytes(16),
            digest(octets) if whole and octets is not None else secrets.token_bytes(DIGEST_OCTETS),
            size or len(octets or b""),
        )
    return len(sizes)


def gather(writer: Writer) -> int:
    """Put contents that no message has into a mailbox of their own; return how many."""
    sql = "SELECT id, size, sent_day FROM content WHERE id NOT IN (SELECT content_id FROM message) ORDER BY id"
    lost = writer.rows(sql)
    if not lost:
        return 0
    modseq = changelog.advance(writer)
    mailbox, _ = mailboxes.create(writer, _unused(writer, RECOVERED), None, modseq)
    uids = mailboxes.keep_uids(writer, mailbox, [None] * len(lost))
    without, now = flagsets.intern(writer, frozenset()), int(time.time())
    messages.insert(
        writer,
        [
            (mailbox, uid, content, without, size, now if day is None else day * _DAY, 0, now, modseq)
            for uid, (content, size, day) in zip(uids, lost, strict=True)
        ],
    )
    messages.arrived(writer, mailbox, uids, modseq, messages.tally(writer, mailbox, uids))
    return len(lost)


def _unused(reader: Reader, name: str) -> MailboxName:
    """Return a name that no mailbox has, beginning so."""
    names = (MailboxName(name if number == 1 else f"{name} ({number})") for number in count(1))
    return next(each for each in names if mailboxes.exists(reader, each) is None)
