"""What a command of LMTP may touch: the transaction, whom the client says to be, and the mailboxes; no transport."""

import secrets
from typing import Final, Protocol

from attrs import define

from imapd.config import Config
from imapd.delivery import trace
from imapd.delivery.delivery import Delivery
from imapd.delivery.failures import failure, internal_error
from imapd.delivery.recipients import Recipient
from imapd.lmtp import journal
from imapd.lmtp.replies import BAD_SEQUENCE, OK, Reply, delivered, spell
from imapd.lmtp.transaction import Transaction
from imapd.lmtp.wire.content import Content
from mailstore.errors import StoreError


class Client(Protocol):
    """What the session may ask of its client's connection."""

    @property
    def peer(self) -> str:
        """The address that the client connects from."""

    def say(self, reply: Reply) -> None:
        """Send a reply, some time soon."""

    async def drained(self) -> None:
        """Send what was said, and wait until the client has taken enough.

        Raises:
            Disconnected: the client is gone.

        """


@define
class Incoming:
    """Octets that are no commands, on their way in.

    Attributes:
        content: finds their end.
        last: whether the message ends with them.

    """

    content: Content
    last: bool


class Session:
    """One client's conversation."""

    def __init__(self, client: Client, delivery: Delivery, config: Config) -> None:
        """Take whom to answer, who delivers, and the settings."""
        self.client: Final = client
        self.delivery: Final = delivery
        self.config: Final = config
        self.name: str | None = None
        """What the client calls itself; None until LHLO."""
        self.transaction: Transaction | None = None
        self.incoming: Incoming | None = None
        self.closing = False

    def reset(self) -> None:
        """Forget the transaction, if there is one."""
        transaction, self.transaction = self.transaction, None
        if transaction is not None:
            transaction.close()

    def take(self, octets: bytes) -> bytes | None:
        """Take octets that are of what is incoming; return those behind it, None if it has not ended."""
        assert self.incoming is not None, "only what was announced comes in"
        taken = self.incoming.content.take(octets)
        if self.transaction is not None:
            self.transaction.write(taken)
        return self.incoming.content.rest

    async def content_ended(self) -> None:
        """Answer what has come in, and deliver it if it is the whole message."""
        assert self.incoming is not None, "it has ended"
        incoming, self.incoming = self.incoming, None
        transaction = self.transaction
        if transaction is None:
            self.client.say(BAD_SEQUENCE)
        elif incoming.last:
            try:
                await self._deliver(transaction)
            finally:
                self.reset()
        else:
            self.client.say(transaction.failure or OK)

    async def _deliver(self, transaction: Transaction) -> None:
        """Answer for each recipient; one mailbox gets one copy, however many of them lead there.

        A client that is gone will send the message again to those for whom it has no answer, so they get none now.
        """
        replies: dict[tuple[str, str], Reply] = {}
        for recipient in transaction.recipients:
            place = recipient.account, recipient.mailbox
            if place not in replies:
                await self.client.drained()
                replies[place] = await self._delivered(transaction, recipient)
            self.client.say(replies[place].about(recipient.address))

    async def _delivered(self, transaction: Transaction, recipient: Recipient) -> Reply:
        if transaction.failure is not None:
            return transaction.failure
        number = secrets.token_hex(6)
        try:
            await self.delivery.deliver(recipient, self._fields(transaction, recipient, number), transaction.content)
        except StoreError as error:
            journal.not_delivered(number, recipient, error)
            return self.spell(error)
        except Exception:  # noqa: BLE001  # whatever it is, the other recipients have their own answer
            return spell(internal_error(journal.internal_error(b"DATA")))
        journal.delivered(number, recipient, len(transaction.content))
        return delivered(number)

    def _fields(self, transaction: Transaction, recipient: Recipient, number: str) -> bytes:
        """Return what is written above the message (RFC 5321, 4.4; RFC 6531, 3.7.3)."""
        protocol = "UTF8LMTP" if transaction.mail.utf8 else "LMTP"
        client = f"{self.name} ({_literal(self.client.peer)})"
        return (
            trace.return_path(transaction.mail.sender.spelled)
            + trace.delivered_to(recipient.address)
            + trace.received(client, self.config.host_name, protocol, number, recipient.address)
        ).encode()

    def spell(self, error: StoreError) -> Reply:
        """Return what is said of a store's error."""
        return spell(failure(error, quota_defers=self.config.quota_defers))


def _literal(peer: str) -> str:
    """``address-literal = "[" ( IPv4 / "IPv6:" IPv6 ) "]"``; the peer itself if it has no address"""
    if ":" in peer:
        return f"[IPv6:{peer}]"
    return f"[{peer}]" if "." in peer else peer
