"""How much the account holds, and how much it may (table ``account``)."""

from collections.abc import Callable
from typing import TypeVar

from mailstore.errors import OverQuota
from mailstore.model import NO_QUOTA, Quota, Usage
from mailstore.sqlite.tally import Tally
from mailstore.sqlite.transactions import Reader, Writer

T = TypeVar("T")


def usage(reader: Reader) -> Usage:
    """Return how much the account holds."""
    octets, messages = reader.rows("SELECT octets, messages FROM account")[0]
    return Usage(octets, messages)


def count(writer: Writer, by: Tally) -> None:
    """Count what came into one of the account's mailboxes, or went."""
    writer.execute("UPDATE account SET octets = octets + ?, messages = messages + ?", by.octets, by.messages)


def keep(quota: Quota, change: Callable[[Writer], T]) -> Callable[[Writer], T]:
    """Return `change`, which fails with `OverQuota` if it adds to what there is already enough of."""

    def kept(writer: Writer) -> T:
        before = usage(writer)
        outcome = change(writer)
        _require(quota, before, usage(writer))
        return outcome

    return change if quota == NO_QUOTA else kept


def require_room(reader: Reader, quota: Quota, more: Usage) -> None:
    """Raise `OverQuota` if the account may not hold `more` than it does."""
    before = usage(reader)
    _require(quota, before, Usage(before.octets + more.octets, before.messages + more.messages))


def _require(quota: Quota, before: Usage, after: Usage) -> None:
    """What the account already holds it may keep, and change for what is less."""
    if after.octets > max(quota.octets, before.octets):
        raise OverQuota(f"the account may hold {quota.octets} octets; expunge messages to make room")
    if after.messages > max(quota.messages, before.messages):
        raise OverQuota(f"the account may hold {quota.messages} messages; expunge some to make room")
