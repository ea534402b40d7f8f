"""What was worked out of a mailbox, for who asks again: all who read mail in a browser do, for each page of a list."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import ref

from imapd.imap.session import Session

T = TypeVar("T")


class Remembered(Generic[T]):
    """Some of what was worked out last, of any account, within a number of octets."""

    def __init__(self, most: int) -> None:
        """Take how many octets."""
        self._most = most
        self._octets = 0
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """Return what is kept under `key`."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: Hashable, value: T, octets: int) -> None:
        """Keep a value that takes so many octets in place of what is there; it must not be changed any more."""
        _, before = self._kept.pop(key, (None, 0))
        self._kept[key] = value, octets
        self._octets += octets - before
        while self._octets > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._octets -= gone


def key_of(session: Session, what: Hashable) -> Hashable:
    """Return the key of what was worked out of the selected mailbox, for as long as its account is open here.

    A message of a UID stays as it is meanwhile: repairs and backups that bring back another want the account closed.
    """
    return ref(session.account), session.mailbox.id, what
