"""What went wrong, by meaning.

No wire words here: each door has its own spelling table (IMAP response codes, POP3 ``[SYS/TEMP]``, LMTP 4.x.x), and a
test holds every table complete.  The text of an error may be shown to the client, so it names what the user knows
(a mailbox, a limit) and never an octet offset, a path or another exception's text.
"""


class StoreError(Exception):
    """The root of everything that a store raises on purpose."""


class NotFound(StoreError):
    """The mailbox, message or user does not exist."""


class AlreadyExists(StoreError):
    """A mailbox or user of that name exists."""


class HasChildren(StoreError):
    """The name cannot go away because there are names below it."""


class NotPermitted(StoreError):
    """Understood, and not allowed to anyone: deleting INBOX, say."""


class ReadOnly(StoreError):
    """The store, or this view of it, takes no changes."""


class OverQuota(StoreError):
    """The account's own limit is reached; a full disk is `Unavailable`."""


class TooBig(StoreError):
    """One thing is beyond a limit: a message, a name, a number of keywords."""


class InvalidName(StoreError):
    """A name that no mailbox or user may have."""


class Expunged(StoreError):
    """The message is gone, or its octets are, for good."""


class Conflict(StoreError):
    """The change does not go with the state of things, or that state is no longer what it was based on."""


class Busy(StoreError):
    """Another process held the account for too long; trying again is sensible."""


class Unavailable(StoreError):
    """The store cannot do it now: disk full, input/output error, shutting down."""


class Corrupt(StoreError):
    """The account's file is damaged; an administrator must look."""
