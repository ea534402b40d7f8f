"""What a command may touch: who is there, the maildrop, the language; no transport."""

from enum import Enum
from typing import Protocol

from twisted.cred.credentials import ICredentials

from imapd import languages
from imapd.auth.realm import Login
from imapd.config import Config
from imapd.pop3.errors import Refused
from imapd.pop3.maildrop import Maildrop, open_maildrop


class State(Enum):
    """Where a session is (RFC 1939, 3).  UPDATE is the end of QUIT."""

    AUTHORIZATION = "AUTHORIZATION"
    TRANSACTION = "TRANSACTION"


class Client(Protocol):
    """What a command may ask of its client."""

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""

    @property
    def tls_available(self) -> bool:
        """Whether STLS would be accepted."""

    async def ask(self, challenge: bytes) -> bytes:
        """Send a continuation request, and return the line that answers it."""

    async def log_in(self, credentials: ICredentials) -> Login:
        """Ask who this is; `Refused` if nobody, or not now."""

    def logged_in(self, user: str) -> None:
        """Take note that somebody has a maildrop; `Refused` if there are too many sessions."""

    def account_removed(self) -> None:
        """Say that there is nothing left to act on, and end the connection."""

    def start_tls(self) -> None:
        """Negotiate TLS."""

    def close(self) -> None:
        """End the connection once everything written is sent."""


class Session:
    """One client's session.

    Attributes:
        named: what USER said, for PASS.
        user: who has logged in.
        utf8: whether the client said that it reads UTF-8.
        language: what texts for people are said in.

    """

    def __init__(self, client: Client, config: Config) -> None:
        """Take the client's connection and the settings."""
        self.client = client
        self.config = config
        self.named: bytes | None = None
        self.user: str | None = None
        self.utf8 = False
        self.language = languages.DEFAULT
        self._login: Login | None = None
        self._maildrop: Maildrop | None = None

    @property
    def state(self) -> State:
        """Where the session is."""
        return State.AUTHORIZATION if self._maildrop is None else State.TRANSACTION

    @property
    def maildrop(self) -> Maildrop:
        """The maildrop, in TRANSACTION."""
        assert self._maildrop is not None
        return self._maildrop

    def require_privacy(self) -> None:
        """Make sure that nobody on the way reads passwords; `Refused`."""
        if not self.client.secure:
            raise Refused("passwords are taken under TLS only; begin it by STLS")

    async def log_in(self, credentials: ICredentials) -> None:
        """Let somebody in, and open the maildrop; `Refused`, errors of the store."""
        self._login = login = await self.client.log_in(credentials)
        try:
            self._maildrop = await open_maildrop(login.account, self.config.pop3_login_delay)
            self.client.logged_in(login.user)
            login.account.removed.subscribe(self.client.account_removed)
        except BaseException:
            await self.end()
            raise
        self.user = login.user

    async def update(self) -> None:
        """Expunge what is marked as deleted, and let go of the maildrop; errors of the store if nothing is expunged."""
        try:
            if self._maildrop is not None:
                await self._maildrop.commit()
        finally:
            await self.end()

    async def end(self) -> None:
        """Let go of the maildrop; what is marked as deleted stays."""
        login, self._login = self._login, None
        maildrop, self._maildrop = self._maildrop, None
        try:
            if maildrop is not None:
                await maildrop.end()
        finally:
            if login is not None:
                login.account.removed.unsubscribe(self.client.account_removed)
                await login.end()
