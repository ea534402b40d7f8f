"""What must be so among the rows of an account, and how to make it so again where it follows from other rows."""

# ruff: noqa: S608  # what is put into statements is all our own

from collections.abc import Callable, Sequence
from typing import Final

from attrs import frozen

from mailstore.sqlite import cures, flagsets, renderingblocks
from mailstore.sqlite.transactions import Reader, Row, Writer


@frozen
class Rule:
    """Something that must not be.

    Attributes:
        text: what it is, in words for an administrator.
        wrong: where it is so: SQL, or a function, that gives a row for each case.
        cure: makes it right; None where what is right is nowhere else to be read.
        beside: it is looked for in another file as well, where somebody may move things behind an old state of the
            database; so only what is there when it is looked for again is a case.

    """

    text: str
    wrong: str | Callable[[Reader], Sequence[Row]]
    cure: Callable[[Writer], None] | None = None
    beside: bool = False

    def broken(self, reader: Reader) -> Sequence[Row]:
        """Return the cases."""
        return reader.rows(self.wrong) if isinstance(self.wrong, str) else self.wrong(reader)


def _logged(modseq: str, kind: int) -> str:
    """Return, as SQL, where the run of the log ends that begins at or before a message's UID."""
    return f"""
        ifnull((SELECT last FROM change WHERE change.mailbox_id = message.mailbox_id
            AND change.modseq = message.{modseq} AND kind = {kind} AND first <= uid ORDER BY first DESC LIMIT 1), 0)"""


def _wrong_runs(table: str, *, of: str) -> str:
    """Return, as SQL, the runs that are empty, overlap or touch another of the same owner, or have none."""
    return f"""
        SELECT {of}_id, first FROM (SELECT {of}_id, first, last,
            lag(last, 1, -1) OVER (PARTITION BY {of}_id ORDER BY last) AS before FROM {table})
        WHERE first > last OR first <= before + 1 OR {of}_id NOT IN (SELECT id FROM {of})"""


RULES: Final = (
    Rule("no account", "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM account)", cures.begin_account),
    Rule(
        "no INBOX",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM mailbox WHERE name = 'INBOX' AND removed_at IS NULL)",
        cures.make_inbox,
    ),
    # What belongs to something that is not there
    Rule(
        "a message in no mailbox",
        "SELECT mailbox_id, uid FROM message WHERE mailbox_id NOT IN (SELECT id FROM mailbox)",
    ),
    Rule(
        "a message without octets",
        "SELECT mailbox_id, uid FROM message WHERE content_id NOT IN (SELECT id FROM content)",
    ),
    Rule(
        "a message without flags",
        "SELECT mailbox_id, uid FROM message WHERE flagset_id NOT IN (SELECT id FROM flagset)",
    ),
    Rule(
        "a content that no message has",
        "SELECT id FROM content WHERE NOT EXISTS (SELECT 1 FROM message WHERE content_id = content.id)",
        cures.drop_unreferenced,
    ),
    Rule(
        "a chunk of no content",
        "SELECT id FROM chunk WHERE id >> 16 NOT IN (SELECT id FROM content)",
        cures.drop_loose,
    ),
    Rule(
        "a structure of no content",
        "SELECT content_id FROM structure WHERE content_id NOT IN (SELECT id FROM content)",
        cures.drop_loose,
    ),
    Rule(
        "a rendering of no content",
        f"SELECT id FROM rendering WHERE {cures.LOOSE_RENDERING}",
        cures.drop_loose,
    ),
    Rule(
        "a block of renderings that is damaged, or has some of no content",
        renderingblocks.loose,
        cures.drop_loose,
        beside=True,
    ),
    Rule("a UIDL of no message", f"SELECT mailbox_id, uid FROM uidl WHERE {cures.LOOSE_NAME}", cures.drop_loose_names),
    Rule(
        "a chunk whose dictionary is not there",
        """
        SELECT id FROM chunk  -- below 0 it is ~codec that says which
        WHERE max(codec, ~codec) > 1 AND max(codec, ~codec) - 1 NOT IN (SELECT id FROM dictionary)""",
    ),
    # Messages
    Rule(
        "a message of another size than its content",
        """
        SELECT mailbox_id, uid FROM message JOIN content ON content.id = content_id
        WHERE message.size != content.size""",
        cures.copy_sizes,
    ),
    Rule("a content of no thread", "SELECT id FROM content WHERE length(thread_id) != 16", cures.begin_threads),
    Rule("flags that are not what they say", flagsets.disagreeing, flagsets.agree),
    # UIDs
    Rule(
        "a mailbox with a UID above its next one",
        "SELECT name FROM mailbox WHERE uid_next <= (SELECT max(uid) FROM message WHERE mailbox_id = mailbox.id)",
        cures.raise_uid_next,
    ),
    Rule(
        "a UIDVALIDITY of several mailboxes",
        "SELECT uid_validity FROM mailbox GROUP BY uid_validity HAVING count(*) > 1",
    ),
    Rule(
        "an origin of what is in no mailbox",
        """
        SELECT mailbox_id, source FROM origin
        WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removed_at IS NULL)""",
        cures.forget_origins,
    ),
    Rule(
        "a run of what was brought that is empty, overlaps or touches another, or is of no origin",
        _wrong_runs("brought", of="origin"),
        cures.forget_brought,
    ),
    Rule(
        "a message with an impossible UID",
        "SELECT mailbox_id, uid FROM message WHERE uid NOT BETWEEN 1 AND 4294967295",
    ),
    Rule(
        "a mailbox whose UID runs hold other numbers of messages",
        """
        SELECT name FROM mailbox
        WHERE (SELECT count(*) FROM message WHERE mailbox_id = mailbox.id AND expunged_at IS NULL)
            != (SELECT ifnull(sum(last - first + 1), 0) FROM uid_run WHERE mailbox_id = mailbox.id)""",
        cures.map_uids,
    ),
    Rule(
        "a message that is in no UID run",
        """
        SELECT mailbox_id, uid FROM message WHERE expunged_at IS NULL AND uid < ifnull((SELECT first FROM uid_run
            WHERE uid_run.mailbox_id = message.mailbox_id AND last >= uid ORDER BY last LIMIT 1), uid + 1)""",
        cures.map_uids,
    ),
    Rule(
        "a UID run that is empty, overlaps or touches another, or is in no mailbox",
        _wrong_runs("uid_run", of="mailbox"),
        cures.map_uids,
    ),
    # Counts
    Rule(
        "a mailbox whose counts are not those of its messages",
        f"""
        SELECT name FROM mailbox
        WHERE (messages, unseen, deleted, octets, deleted_octets, first_unseen) IS NOT ({cures.COUNTED})""",
        cures.count,
    ),
    Rule(
        "an account whose usage is not that of its messages",
        f"SELECT octets, messages FROM account WHERE (octets, messages) != ({cures.USED})",
        cures.count_usage,
    ),
    Rule("a removed mailbox with messages", "SELECT name FROM mailbox WHERE removed_at IS NOT NULL AND messages > 0"),
    # Annotations, and what a mailbox is for
    Rule(
        "a special use of several mailboxes",
        "SELECT special_use FROM mailbox WHERE removed_at IS NULL GROUP BY special_use HAVING count(special_use) > 1",
    ),
    Rule(
        "an annotation of no mailbox",
        """
        SELECT mailbox_id, entry FROM annotation
        WHERE mailbox_id != 0 AND mailbox_id NOT IN (SELECT id FROM mailbox WHERE removed_at IS NULL)""",
    ),
    Rule(
        "an annotation that nobody can name",
        """
        SELECT mailbox_id, entry FROM annotation
        WHERE entry != lower(entry) OR NOT (entry GLOB '/private/?*' OR entry GLOB '/shared/?*')""",
    ),
    Rule(
        "annotations of other octets than are counted",
        f"SELECT annotation_octets FROM account WHERE annotation_octets != ({cures.ANNOTATED})",
        cures.count_annotations,
    ),
    # Mod-sequences and the log
    Rule(
        "a message or change with a mod-sequence above its mailbox's",
        f"""
        SELECT name, highest_modseq FROM mailbox WHERE highest_modseq < {cures.HIGHEST}""",
        cures.raise_modseqs,
    ),
    Rule(
        "a mod-sequence above the account's",
        f"SELECT modseq FROM account WHERE modseq < {cures.HIGHEST_OF_ALL}",
        cures.raise_modseqs,
    ),
    Rule(
        "a change of messages that cannot be",
        """
        SELECT mailbox_id, modseq, kind FROM change WHERE first > last OR first < 1 OR kind NOT IN (1, 2, 3)
            OR last >= ifnull((SELECT uid_next FROM mailbox WHERE id = mailbox_id), 0)""",
        cures.forget_log,
    ),
    Rule(
        "a message that is there and expunged in the log",
        """
        SELECT mailbox_id, modseq FROM change WHERE kind = 3 AND last >= (SELECT first FROM uid_run
            WHERE uid_run.mailbox_id = change.mailbox_id AND uid_run.last >= change.first
            ORDER BY uid_run.last LIMIT 1)""",
        cures.forget_log,
    ),
    Rule(
        "a message whose mod-sequence is not in the log",
        f"""
        SELECT mailbox_id, uid FROM message JOIN mailbox ON mailbox.id = mailbox_id
        WHERE modseq > changes_floor AND max({_logged("modseq", 1)}, {_logged("modseq", 2)}) < uid""",
        cures.forget_log,
    ),
    Rule(
        "an expunged message whose going is not in the log",
        f"""
        SELECT mailbox_id, uid FROM message JOIN mailbox ON mailbox.id = mailbox_id
        WHERE expunged_modseq > expunges_floor AND {_logged("expunged_modseq", 3)} < uid""",
        cures.forget_log,
    ),
)
"""In an order in which a cure finds right what it goes by."""
