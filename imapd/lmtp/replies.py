"""What the server says: reply codes (RFC 5321, 4.2) with enhanced status codes (RFC 3463)."""

from typing import Final

from attrs import frozen

from imapd.delivery.failures import Failure
from imapd.lmtp.wire.arguments import BadArguments


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
        return Reply(self.code, self.status, f"<{address}> {self.text}")

    def encode(self) -> bytes:
        """Return its octets: each line has the codes."""
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

_CODES: Final = {"5.1.1": 550, "5.2.2": 552, "5.3.4": 552, "4.2.2": 452, "4.3.1": 452}
"""The reply codes of failures that are not just 451 or 550."""


def refused(error: BadArguments) -> Reply:
    """Return what is said of arguments that the grammar does not have."""
    return Reply(error.code, error.status, str(error))


def spell(failure: Failure) -> Reply:
    """Return what is said of a failure to deliver."""
    return Reply(_CODES.get(failure.status, 550 if failure.is_permanent else 451), failure.status, failure.text)


def delivered(number: str) -> Reply:
    """Return what is said of a message that is on disk; the log knows it by `number`."""
    return Reply(250, "2.0.0", f"delivered, id {number}")
