"""Why a message was not delivered, for who sent it: enhanced status codes (RFC 3463) for the store's errors."""

from typing import Final

from attrs import frozen

from mailstore import errors as store


@frozen
class Failure:
    """One reason.

    Attributes:
        status: the enhanced status code; what begins with 4 may go well another time.
        text: for people.

    """

    status: str
    text: str

    @property
    def is_permanent(self) -> bool:
        """Whether trying again never helps."""
        return self.status.startswith("5")


TOO_LARGE: Final = Failure("5.3.4", "the message is too large")
NO_ROOM: Final = Failure("4.3.1", "the mail store is not available now; try again later")
_NOBODY: Final = Failure("5.1.1", "there is no such user here")
_FULL: Final = Failure("5.2.2", "the mailbox is full")
_FULL_FOR_NOW: Final = Failure("4.2.2", _FULL.text)
_LATER: Final = Failure("4.3.0", "the mailbox cannot be written now; try again later")

FAILURES: Final[dict[type[store.StoreError], Failure]] = {
    store.NotFound: _NOBODY,
    store.AlreadyExists: _LATER,
    store.HasChildren: _LATER,
    store.NotPermitted: _LATER,
    store.ReadOnly: _LATER,
    store.OverQuota: _FULL,
    store.TooBig: TOO_LARGE,
    store.InvalidName: _NOBODY,
    store.Expunged: _LATER,
    store.Conflict: _LATER,
    store.Busy: Failure("4.2.1", "the mailbox is busy; try again later"),
    store.Unavailable: NO_ROOM,
    store.Corrupt: Failure("4.2.0", "the mailbox is damaged; its administrator must look"),
}
"""Each error of the store.  The store's own texts are for the owner of a mailbox; these are read by who sends to it.
Permanent is only what trying again never helps: mail that was bounced because an administrator had something to mend
does not come back."""


def failure(error: store.StoreError, *, quota_defers: bool) -> Failure:
    """Return what an error means; `quota_defers` if a mailbox that is full is so only for now."""
    found = FAILURES[type(error)]
    return _FULL_FOR_NOW if found is _FULL and quota_defers else found


def internal_error(reference: str) -> Failure:
    """Return what a fault of ours means, which the log knows by `reference`: the mail stays where it is."""
    return Failure("4.3.0", f"internal error, reference {reference}")
