"""Whether a message's octets are those that came in, and what is kept beside them is what follows from them."""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from mailstore.sqlite import contents, renderings
from mailstore.sqlite.contents import Derived
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.transactions import Reader

NAMED: Final = 10
"""Messages that are named of those that share damaged octets."""


@frozen
class Fault:
    """Something that is wrong with one content.

    Attributes:
        text: what it is, in words for an administrator.
        derived: what ought to be kept beside the octets; None if they are damaged themselves.
        size: how many octets there are.

    """

    content: int
    text: str
    derived: Derived | None = None
    size: int = 0

    def __str__(self) -> str:
        return f"content {self.content}: {self.text}"


def faults(reader: Reader, ids: Sequence[int], kinds: Kinds) -> list[Fault]:
    """Return what is wrong with some contents."""
    found = (_fault(reader, content, kinds) for content in ids)
    return [fault for fault in found if fault is not None]


def _fault(reader: Reader, content: int, kinds: Kinds) -> Fault | None:
    kept = reader.row("SELECT size, sent_day FROM content WHERE id = ?", content)
    if kept is None:  # dropped for good meanwhile
        return None
    octets = contents.whole(reader, content)
    if octets is None:
        return Fault(content, f"damaged octets, of {messages(reader, content)}")
    derived = contents.derive(octets, kinds.registered)
    wrong = ["size or day"] * (kept != (len(octets), derived.sent_day)) + list(_wrong(reader, content, kinds, derived))
    return Fault(content, f"a wrong {', '.join(wrong)}", derived, len(octets)) if wrong else None


def _wrong(reader: Reader, content: int, kinds: Kinds, derived: Derived) -> Iterator[str]:
    if reader.value("SELECT octets FROM structure WHERE content_id = ?", content) != derived.structure:
        yield "structure"
    if renderings.disagree(reader, kinds, content, derived.renderings):
        yield "rendering"


def messages(reader: Reader, content: int) -> str:
    """Return which messages have a content, as somebody would look for them."""
    sql = """
        SELECT name || ' UID ' || uid || iif(expunged_at IS NULL, '', ' (expunged)')
        FROM message JOIN mailbox ON mailbox.id = mailbox_id WHERE content_id = ? LIMIT ?"""
    return ", ".join(text for (text,) in reader.each(sql, content, NAMED)) or "no message"
