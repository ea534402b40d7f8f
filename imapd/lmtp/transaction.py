"""A mail transaction: one message on its way to its recipients (RFC 5321, 3.3)."""

from typing import Final

from imapd.delivery.failures import NO_ROOM, TOO_LARGE
from imapd.delivery.recipients import Recipient
from imapd.lmtp.replies import Reply, spell
from imapd.lmtp.wire.arguments import Mail
from mailstore.spool import Spool


class Transaction:
    """The envelope and what has come of the content.

    Attributes:
        mail: what MAIL said.
        recipients: of each RCPT that was accepted, in their order.
        content: the octets of the message so far.
        failure: why there will be no message; None if there may be one.
        chunked: whether BDAT brings it.

    """

    def __init__(self, mail: Mail, max_octets: int) -> None:
        """Take what MAIL said, and how large a message may be."""
        self.mail: Final = mail
        self.recipients: list[Recipient] = []
        self.content = Spool()
        self.failure: Reply | None = None
        self.chunked = False
        self._max_octets = max_octets

    def write(self, octets: bytes) -> None:
        """Take some of the content; once it is known to be in vain, it is dropped."""
        if self.failure is not None:
            return
        if len(self.content) + len(octets) > self._max_octets:
            self.fail(spell(TOO_LARGE))
            return
        try:
            self.content.write(octets)
        except OSError:
            self.fail(spell(NO_ROOM))

    def fail(self, failure: Reply) -> None:
        """Take no more of the content."""
        self.failure = failure
        self.content.close()

    def close(self) -> None:
        """Let go of the content."""
        self.content.close()
