"""What the server says: reply codes (RFC 5321, 4.2) with enhanced status codes (RFC 3463), and the store's errors in
these."""

from typing import Final

from attrs import evolve, frozen

from imapd.lmtp.wire.arguments import BadArguments
from mailstore import errors as store


@frozen
class Reply:
    """One reply.

    Attributes:
        code: three digits.
        status: the enhanced status code; empty where RFC 2034, 4 wants none.
        text: for people; its lines are the lines of the reply.

    """

    code: int
    status: str
    text: str

    def about(self, address: str) -> "Reply":
        """Return the same, about one recipient."""
        return evolve(self, text=f"<{address}> {self.text}")

    def encode(self) -> bytes:
        """Return its octets: no line of a text can be taken for another reply."""
        lines = self.text.split("\n")
        status = f"{self.status} " if self.status else ""
        spelled = [f"{self.code}-{status}{line}" for line in lines[:-1]] + [f"{self.code} {status}{lines[-1]}"]
        return "".join(f"{line}\r\n" for line in spelled).encode()


OK: Final = Reply(250, "2.0.0", "OK")
GOOD_SENDER: Final = Reply(250, "2.1.0", "go on with RCPT")
GOOD_RECIPIENT: Final = Reply(250, "2.1.5", "goes to a mailbox here")
BAD_SEQUENCE: Final = Reply(503, "5.5.1", "MAIL comes first, then RCPT, then DATA or BDAT; RSET begins anew")
NO_RECIPIENTS: Final = Reply(503, "5.5.1", "no recipient was accepted")
LHLO_FIRST: Final = Reply(503, "5.5.1", "say LHLO first")
TOO_MANY_RECIPIENTS: Final = Reply(452, "4.5.3", "no more recipients at once; send it again for the rest")
GO_ON: Final = Reply(354, "", "send the message, and CRLF.CRLF behind it")
GOODBYE: Final = Reply(221, "2.0.0", "goodbye")
UNKNOWN: Final = Reply(500, "5.5.1", "there is no such command; HELP names all")
NOT_SMTP: Final = Reply(500, "5.5.1", "this is LMTP: say LHLO")
TOO_MANY_FAULTS: Final = Reply(421, "4.7.0", "too many commands that are none; connect again to speak LMTP")
TIMEOUT: Final = Reply(421, "4.4.2", "nothing came for too long; connect again")
SHUTTING_DOWN: Final = Reply(421, "4.3.2", "the server is shutting down; connect again later")
CANNOT_VERIFY: Final = Reply(252, "2.5.0", "MAIL and RCPT tell whether mail is taken")
TOO_LARGE: Final = Reply(552, "5.3.4", "the message is too large")

_NOBODY: Final = Reply(550, "5.1.1", "there is no such user here")
_FULL: Final = Reply(552, "5.2.2", "the mailbox is full")
_LATER: Final = Reply(451, "4.3.0", "the mailbox cannot be written now; try again later")
NO_ROOM: Final = Reply(452, "4.3.1", "the mail store is not available now; try again later")

STORE_REPLIES: Final[dict[type[store.StoreError], Reply]] = {
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
    store.Busy: Reply(451, "4.2.1", "the mailbox is busy; try again later"),
    store.Unavailable: NO_ROOM,
    store.Corrupt: Reply(451, "4.2.0", "the mailbox is damaged; its administrator must look"),
}
"""What is said of each error of the store.  The store's own texts are for the owner of a mailbox; these are read by who
sends to it.  Permanent is only what trying again never helps: mail that was bounced because an administrator had
something to mend does not come back."""

_FULL_FOR_NOW: Final = Reply(452, "4.2.2", _FULL.text)


def refused(error: BadArguments) -> Reply:
    """Return what is said of arguments that the grammar does not have."""
    return Reply(error.code, error.status, str(error))


def spell(error: store.StoreError, *, quota_defers: bool) -> Reply:
    """Return what is said of a store's error; `quota_defers` if the sender is to try again when a mailbox is full."""
    reply = STORE_REPLIES[type(error)]
    return _FULL_FOR_NOW if reply is _FULL and quota_defers else reply


def delivered(number: str) -> Reply:
    """Return what is said of a message that is on disk; the log knows it by `number`."""
    return Reply(250, "2.0.0", f"delivered, id {number}")


def internal_error(reference: str) -> Reply:
    """Return what is said of a fault of ours, which the log knows by `reference`: the mail stays where it is."""
    return Reply(451, "4.3.0", f"internal error, reference {reference}")
