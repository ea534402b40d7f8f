"""The frozen values that cross between a store and the doors."""

from enum import Enum
from typing import Final, NamedTuple, NewType

from attrs import frozen

Uid = NewType("Uid", int)
"""A message's unique identifier in its mailbox: 1 to 4294967295, ascending, never reused (RFC 3501, 2.3.1.1)."""

ModSeq = NewType("ModSeq", int)
"""A mod-sequence: one counter for an account, moved by each transaction that changes something (RFC 7162)."""

AccountId = NewType("AccountId", str)
MailboxId = NewType("MailboxId", str)
"""Random, unique across accounts, kept through RENAME (RFC 8474)."""

EmailId = NewType("EmailId", str)
"""Random, unique across accounts: the same for messages of an account with the same octets (RFC 8474)."""

ThreadId = NewType("ThreadId", str)
"""The same for messages of a conversation, decided when they come in; may be that of a message's `EmailId`."""

MailboxName = NewType("MailboxName", str)
"""A checked, canonical name (`mailstore.names`): Unicode, levels separated by ``/``, INBOX in capitals."""

Flag = NewType("Flag", str)
"""A system flag in its canonical spelling (``\\Seen``) or a keyword (``$Forwarded``), compared without case."""

Flags = frozenset[Flag]

ANSWERED: Final = Flag("\\Answered")
FLAGGED: Final = Flag("\\Flagged")
DELETED: Final = Flag("\\Deleted")
SEEN: Final = Flag("\\Seen")
DRAFT: Final = Flag("\\Draft")
SYSTEM_FLAGS: Final = (ANSWERED, FLAGGED, DELETED, SEEN, DRAFT)
"""``\\Recent`` is not among them: it belongs to a session, not to a message."""


class InternalDate(NamedTuple):
    """When a message came in: seconds since 1970 UTC, and the zone it was given in, minutes east of UTC."""

    seconds: int
    zone: int


class SpecialUse(Enum):
    """The special uses of RFC 6154, spelled by name; each door has its own spelling."""

    ALL = "all"
    ARCHIVE = "archive"
    DRAFTS = "drafts"
    FLAGGED = "flagged"
    JUNK = "junk"
    SENT = "sent"
    TRASH = "trash"


UNLIMITED: Final = (1 << 63) - 1
"""A limit that no usage comes near."""


@frozen
class Quota:
    """How much an account may hold of what is there, expunged messages that are still kept left out (RFC 9208, 5).

    A copy counts like the message itself, though it takes no room.
    """

    octets: int = UNLIMITED
    messages: int = UNLIMITED


NO_QUOTA: Final = Quota()
"""Everything may come in."""


@frozen
class Usage:
    """How much an account holds, counted as `Quota` has it."""

    octets: int
    messages: int


@frozen
class OwnQuota:
    """Limits of one user; None where the user has none but those of everybody."""

    octets: int | None = None
    messages: int | None = None

    def over(self, quota: Quota) -> Quota:
        """Return the limits that hold, with those of everybody below the user's own."""
        return Quota(
            quota.octets if self.octets is None else self.octets,
            quota.messages if self.messages is None else self.messages,
        )


@frozen
class User:
    """A line of the store's register: who may log in, to which account, and with which limits."""

    name: str
    account: AccountId
    quota: OwnQuota = OwnQuota()


@frozen
class MailboxInfo:
    """What a listing says of one name."""

    name: MailboxName
    id: MailboxId
    special_use: SpecialUse | None


@frozen
class Listed:
    """What a listing says of one name, which need not be a mailbox's.

    Attributes:
        info: the mailbox; None if there is none.
        has_children: whether there are mailboxes below the name.
        subscribed: whether the name is subscribed.

    """

    info: MailboxInfo | None
    has_children: bool
    subscribed: bool


@frozen
class ExpungedFrom:
    """What was expunged from mailboxes of one name and can still come back.

    Attributes:
        mailbox: the name; there need be no such mailbox any more.
        messages: how many.
        octets: of all of them.
        first: when the first was expunged, in seconds since 1970 UTC.
        last: when the last was.

    """

    mailbox: MailboxName
    messages: int
    octets: int
    first: int
    last: int


@frozen
class MailboxStatus:
    """The counts of one mailbox (RFC 3501, 6.3.10), kept by the store, so that asking costs no scan."""

    id: MailboxId
    name: MailboxName
    messages: int
    unseen: int
    deleted: int
    recent: int
    octets: int
    deleted_octets: int
    uid_next: Uid
    uid_validity: int
    highest_modseq: ModSeq


class StoreFlags(Enum):
    """How STORE combines the given flags with those that a message has."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


class Field(Enum):
    """What `IMailbox.fetch` can give of each message; the type of the value behind each name."""

    FLAGS = "flags"
    """`Flags`; equal sets are the same object, so that an encoder can look it up."""
    INTERNAL_DATE = "internal_date"
    """`InternalDate`"""
    ARRIVED = "arrived"
    """`int`: the internal date without its zone, seconds since 1970 UTC"""
    SAVE_DATE = "save_date"
    """`InternalDate`: when the message came into this mailbox, in the server's zone (RFC 8514)"""
    SIZE = "size"
    """`int`, octets"""
    DIGEST = "digest"
    """`bytes`: BLAKE2b of the message's octets, 32 octets long"""
    MODSEQ = "modseq"
    """`ModSeq`"""
    EMAIL_ID = "email_id"
    """`EmailId`"""
    THREAD_ID = "thread_id"
    """`ThreadId`"""
    UIDL = "uidl"
    """`str`: what POP3 clients know the message by: ASCII, the same for ever, no other's in the mailbox (RFC 1939)"""
    MESSAGE = "message"
    """`mailstore.interfaces.IStoredMessage`"""

    __hash__ = object.__hash__  # Enum's is a function of Python's, and each is asked for at every turn
