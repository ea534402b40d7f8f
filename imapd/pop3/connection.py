"""One POP3 connection: octets in, one command at a time, one answer each.

`Connection` stands on Twisted's `POP3` for its greeting, response writers and timeouts, and replaces what the stock
class does between the transport and a command: lines are split by `imapd.doors.lines`, looked up in one table
(`imapd.pop3.commands`), and answered in one place.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from twisted.cred.credentials import ICredentials
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IOpenSSLContextFactory, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.mail.pop3 import POP3
from twisted.python.failure import Failure

from imapd import languages, limits
from imapd.auth.admission import TooManyError
from imapd.auth.realm import Login
from imapd.config import Config
from imapd.doors.attempt import Attempt, WrongCredentials
from imapd.doors.connected import Connected
from imapd.doors.journal import Journal
from imapd.doors.lines import BadLine, Lines
from imapd.doors.outflow import Disconnected, Outflow
from imapd.doors.taking import Taking
from imapd.pop3.answers import Ok
from imapd.pop3.commands import look_up
from imapd.pop3.errors import CREDENTIALS, PERMANENT, TEMPORARY, Farewell, Refused, Wrong, spell
from imapd.pop3.session import Session
from mailstore.errors import StoreError

journal: Final = Journal("pop3")


class Connection(Connected, POP3):
    """The server's end of one POP3 connection."""

    magic = b"imapd ready"
    """What Twisted greets with: no timestamp, for APOP needs passwords in the clear and here are only their hashes."""
    timeOut = limits.LOGIN_SECONDS
    portal: Any

    def __init__(self, portal: Portal, config: Config, tls: IOpenSSLContextFactory | None, clock: IReactorTime) -> None:
        """Take who checks logins, the settings, what STLS uses (None: nothing), and the clock."""
        self.portal = portal
        self.session = Session(self, config)
        self._tls = tls
        self._config, self._clock = config, clock
        self._lines = Lines(limits.POP3_LINE_OCTETS, lone_lf=True)
        self._taking: Taking
        self._outflow: Outflow
        self._octets_in = self._faults = 0
        self._waited = 0.0
        self._asked: Deferred[bytes] | None = None
        self._attempt = Attempt(journal)
        self._farewell: Farewell | None = None
        self._lost = False

    # From and to the transport

    def connectionMade(self) -> None:
        """Twisted: the connection is there."""
        self._taking = Taking(self.transport, self._take, lambda: self._lines.buffered)
        self._outflow = self._taking.outflow
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's
        self._outflow.send()

    def dataReceived(self, data: bytes) -> None:
        """Twisted: octets came in."""
        if self._taking.over:
            return
        self._heard()
        self._octets_in += len(data)
        self._lines.receive(data)
        self._taking.advance()

    def sendLine(self, line: bytes) -> None:
        """Twisted's response writers send by this."""
        self._outflow.write(line + b"\r\n")

    def successResponse(self, message: bytes = b"") -> None:
        """Twisted greets by this."""
        self.sendLine(b"+OK " + message)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Twisted: the connection is gone; nothing that is marked as deleted is expunged."""
        self.setTimeout(None)
        self._lost = self._taking.over = True
        idle = not self._taking.running
        self._outflow.lost()
        self._interrupt(Disconnected())
        if idle:
            self._taking.run(self._ended())

    def timeoutConnection(self) -> None:
        """Twisted: nothing came for too long: the connection ends without a word (RFC 1939, 3)."""
        self.abort()

    def _heard(self) -> None:
        """Begin to measure a session's idleness anew; the time to log in is counted from the start."""
        if self.session.user is not None:
            self.resetTimeout()

    # Ends

    def shut_down(self) -> None:
        """Say that the server stops and end, behind what is being done."""
        self._part(Farewell("the server is shutting down; connect again later", TEMPORARY))

    def _part(self, farewell: Farewell) -> None:
        if self._taking.over:
            return
        self._farewell = farewell
        if self._taking.running:
            self._interrupt(farewell)
        else:
            self._refuse(farewell)

    def _interrupt(self, why: Exception) -> None:
        """End what waits for the client or for its turn to log in."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.errback(why)
        self._attempt.give_up()

    def close(self) -> None:
        """End the connection once everything written is sent."""
        if not self._taking.over:
            self.setTimeout(limits.FAREWELL_SECONDS)
            self._taking.close()

    def abort(self) -> None:
        """Drop the connection, and whatever was still to be sent."""
        self._taking.abort()

    async def _ended(self) -> None:
        user = self.session.user
        if user is not None:
            journal.logout(user, self.peer, self._octets_in, self._outflow.octets)
        try:
            await self.session.end()
        finally:
            self.factory.ended(self, user)

    # One command at a time

    def _take(self) -> bool:
        """Take a line, if somebody waits for it; return whether there was one."""
        if self._taking.running and self._asked is None:
            return False
        try:
            line = self._lines.next()
        except BadLine as error:
            self._answer_with(Wrong(str(error)))
            return True
        if line is not None:
            self._give(line)
        return line is not None

    def _give(self, line: bytes) -> None:
        """Give a line to who asked for it, or carry it out."""
        asked, self._asked = self._asked, None
        if asked is None:
            self._taking.run(self._perform(line))
        else:
            asked.callback(line)

    def _answer_with(self, refusal: Refused) -> None:
        """Refuse what came, or end who asked for it."""
        asked, self._asked = self._asked, None
        if asked is None:
            self._refuse(refusal)
        else:
            asked.errback(refusal)

    async def _perform(self, line: bytes) -> None:
        """Carry out one command, answer it, and end the connection behind it if that is to be."""
        began, self._waited = self._clock.seconds(), 0.0
        name, _, argument = line.partition(b" ")
        name = name.upper()
        try:
            ok = await self._carry_out(name, argument)
            await self._send(ok)
            self._faults = 0
        except Refused as refusal:
            self._refuse(refusal)
        except Disconnected:
            pass
        except Exception:  # noqa: BLE001  # whatever a command raises must not reach the client or end the session
            reference = journal.internal_error(name)
            self._refuse(Refused(f"internal error, reference {reference}", PERMANENT))
        self._log_slow(name, began)
        if self._lost:
            await self._ended()
        elif self._farewell is not None and not self._taking.over:
            self._refuse(self._farewell)

    async def _carry_out(self, name: bytes, argument: bytes) -> Ok:
        try:
            verb = look_up(name, self.session.state)
            return await verb.run(self.session, verb.parse(argument))
        except StoreError as error:
            raise spell(error) from error

    async def _send(self, ok: Ok) -> None:
        """Write an answer; what fails before the first piece of its body is refused, later the connection ends."""
        match ok.body:
            case None:
                self.sendLine(ok.line(self.session.language.say))
            case bytes() as body:
                self.sendLine(ok.line(self.session.language.say))
                self._outflow.write(body)
                self.sendLine(b".")
                await self.drained()
            case pieces:
                await self._send_lines(ok, pieces)
        if ok.then is not None:
            ok.then()

    async def _send_lines(self, ok: Ok, body: AsyncIterator[bytes]) -> None:
        try:
            piece = await anext(body, None)
        except StoreError as error:
            raise spell(error) from error
        self.sendLine(ok.line(self.session.language.say))
        try:
            while piece is not None:
                self._outflow.write(piece)
                await self.drained()
                piece = await anext(body, None)
        except Disconnected:
            raise
        except StoreError as error:  # what was sent before arrives
            journal.broke_off(self.session.user, self.peer, error)
            self.close()
            raise Disconnected from error
        except Exception as error:  # whatever it is, no other answer can stand in the middle of this one
            journal.internal_error(b"an answer")
            self.abort()
            raise Disconnected from error
        self.sendLine(b".")

    async def drained(self) -> None:
        """Wait until the client has taken enough; that is not the command's time."""
        began = self._clock.seconds()
        if await self._outflow.drained():
            self._heard()
            self._waited += self._clock.seconds() - began

    def _refuse(self, refusal: Refused) -> None:
        """Answer what cannot be; whoever says nothing else takes this for something else: a browser, say."""
        self._faults = self._faults + 1 if isinstance(refusal, Wrong) else 0
        if self._faults > limits.POP3_FAULTS:
            refusal = Farewell("too many commands that are none")
        self.sendLine(b"-ERR " + refusal.line(self.session.language.say))
        if isinstance(refusal, Farewell):
            self.close()

    def _log_slow(self, name: bytes, began: float) -> None:
        seconds = self._clock.seconds() - began - self._waited
        if seconds > self._config.slow_command_seconds and name != b"AUTH":
            journal.slow(name, seconds, self.session.user, self.peer)

    # What a command may ask of its client (imapd.pop3.session.Client)

    @property
    def tls_available(self) -> bool:
        """Whether STLS would be accepted."""
        return self._tls is not None and not self.encrypted

    async def ask(self, challenge: bytes) -> bytes:
        """Send a continuation request, and return the line that answers it."""
        if self._farewell is not None:
            raise self._farewell
        self.sendLine(b"+ " + challenge)
        self._outflow.send()
        self._asked = Deferred()
        return await self._asked

    async def log_in(self, credentials: ICredentials) -> Login:
        """Ask Twisted's portal who this is; `Refused` if nobody, or not now."""
        try:
            return await self._attempt.log_in(self.portal, credentials, self.peer)
        except Disconnected:
            raise self._farewell or Disconnected from None
        except WrongCredentials:
            raise Refused("the user name or the password is wrong", CREDENTIALS) from None

    def logged_in(self, user: str) -> None:
        """Take note that somebody has a maildrop; `Refused` if there are too many sessions."""
        try:
            self.factory.log_in(self, user)
        except TooManyError as error:
            raise Refused(str(error), TEMPORARY) from None
        journal.login(user, self.peer, encrypted=self.encrypted)
        if not self._lost:
            self.setTimeout(limits.POP3_IDLE_SECONDS)

    def account_removed(self) -> None:
        """Say that there is nothing left to act on, and end the connection."""
        if self._taking.over:
            return
        journal.account_removed(self.session.user, self.peer)
        self._part(Farewell("the account was removed", PERMANENT))

    def start_tls(self) -> None:
        """Negotiate TLS; whatever came behind the command in the clear is forgotten (CVE-2011-0411)."""
        self._outflow.flush()
        self._lines.take_rest()
        self.session.language = languages.DEFAULT  # whoever chose it in the clear need not be the client
        self.session.named = None
        self.transport.startTLS(self._tls)
