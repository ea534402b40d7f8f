"""One IMAP connection: octets in, one command at a time, one tagged ending each.

`Connection` stands on Twisted's `IMAP4Server` for its states, greeting, timeouts and STARTTLS on the transport, and
replaces what the stock class does between the transport and a command: a command is framed whole before it is parsed
(`imapd.imap.wire.framing`), carried out (`imapd.imap.performing`), and ended in one place.
"""

from collections.abc import Awaitable
from math import inf
from typing import Any

from twisted.cred.credentials import ICredentials
from twisted.cred.portal import Portal
from twisted.internet.interfaces import IOpenSSLContextFactory, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.mail.imap4 import IMAP4Server
from twisted.python.failure import Failure

from imapd import languages, limits
from imapd.auth.admission import TooManyError
from imapd.auth.realm import Login
from imapd.config import Config
from imapd.doors import stepping
from imapd.doors.attempt import Attempt, WrongCredentials
from imapd.doors.connected import Connected
from imapd.doors.outflow import Disconnected
from imapd.doors.stepping import Steps
from imapd.doors.turns import SLICE_SECONDS
from imapd.imap.capabilities import capabilities
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, Bye, No
from imapd.imap.incoming.announced import spool_for
from imapd.imap.journal import journal
from imapd.imap.news.telling import tell_if_possible
from imapd.imap.performing import Ending, perform
from imapd.imap.session import Session
from imapd.imap.stream.inflow import Inflow
from imapd.imap.stream.outflow import CompressibleOutflow
from imapd.imap.wakening import Sleep, Woken
from imapd.imap.wire.announcement import Announcement
from imapd.imap.wire.framing import Command, Continue, Framer, Piece, Refused
from mailstore.errors import StoreError
from mailstore.spool import Spool


class Connection(Connected, IMAP4Server):
    """The server's end of one IMAP connection."""

    IDENT = b"imapd ready"
    timeOut = limits.LOGIN_SECONDS
    portal: Any

    def __init__(self, portal: Portal, config: Config, tls: IOpenSSLContextFactory | None, clock: IReactorTime) -> None:
        """Take who checks logins, the settings, what STARTTLS uses (None: nothing), and the clock."""
        super().__init__(contextFactory=tls)
        self.portal = portal
        self.session = Session(self, config)
        self._config, self._clock = config, clock
        self._framer = Framer(limits.FRAMING, self._spool_for)
        self._inflow: Inflow
        self._outflow: CompressibleOutflow
        self._running = self._advancing = False
        self._sleep = Sleep()
        self._wakes = self._tells_progress = self._tells_again = inf
        self._sent = 0
        self._attempt = Attempt(journal)
        self._farewell: Bye | None = None
        self._lost = False

    # From and to the transport

    def connectionMade(self) -> None:
        """Twisted: the connection is there."""
        self._inflow = Inflow(self.transport, self._framer, self._clock, self._advance)
        self._outflow = CompressibleOutflow(self.transport, self._advance)
        super().connectionMade()
        self._outflow.send()

    def dataReceived(self, data: bytes) -> None:
        """Twisted: octets came in."""
        if self.session.closing:
            return
        self._heard()
        self._inflow.receive(data)
        self._advance()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Twisted: the connection is gone; a command that runs is let end, and what it did stays done."""
        self.setTimeout(None)
        self._lost = True
        self._tells_again = inf
        self._inflow.lost()
        idle = not self._running
        self._outflow.lost()
        self._framer.abandon()
        self._sleep.wake(Disconnected())
        self._attempt.give_up()
        if idle:
            self._run(self._ended())

    def sendLine(self, line: bytes) -> None:
        """Twisted's response writers send by this."""
        self._outflow.write(line + b"\r\n")

    def timeoutConnection(self) -> None:
        """Twisted: nothing came for too long, or the client did not take its last octets."""
        if self._farewell is not None or self.session.closing:
            self.abort()
        else:
            self.setTimeout(limits.FAREWELL_SECONDS)
            self.bye(Bye("idle for too long"))

    def time_is_up(self) -> None:
        """Its door: a deadline is past."""
        super().time_is_up()
        now = self._clock.seconds()
        if self._wakes <= now:
            self._wakes = inf
            self._sleep.wake(Woken.TIME)
        if self._tells_progress <= now:
            self._tell_progress()
        if self._tells_again <= now:
            self._tells_again = inf
            self._advance()
        self.due_at(min(self._wakes, self._tells_progress, self._tells_again))

    def _heard(self) -> None:
        """Begin to measure a session's idleness anew; the time to log in is counted from the start."""
        if self.session.user is not None:
            self.resetTimeout()

    def shut_down(self) -> None:
        """Say that the server stops, and end the connection."""
        self.bye(Bye("the server is shutting down; connect again later", "UNAVAILABLE"))

    def bye(self, farewell: Bye) -> None:
        """End the connection: now if it waits for the client, else after the command that runs."""
        if self.session.closing:
            return
        self._farewell = farewell
        if self._running:
            self._sleep.wake(farewell)
            self._attempt.give_up()
        else:
            self._say_bye()

    def _say_bye(self) -> None:
        assert self._farewell is not None
        self.session.remark(self._farewell.text, self._farewell.code, condition=b"BYE")
        self.close()

    def abort(self) -> None:
        """Drop the connection, and whatever was still to be sent."""
        self.session.closing = True
        self._outflow.abort()

    # One command at a time

    def _advance(self) -> None:
        """Take up what has come in, until a command has to wait, the client is slow to read, or nothing is left."""
        try:
            self._inflow.feed()
        except Bye as farewell:
            self.bye(farewell)
        if self._running and self._framer.buffered:
            self._sleep.wake(Woken.LINE)
        until = self._clock.seconds() + SLICE_SECONDS
        while not (self._running or self.session.closing or self._outflow.full):
            match self._framer.next_command():
                case None if self.session.has_news_to_tell and self._tells_again == inf:
                    self._run(self._notify())
                case None:
                    break
                case Continue():
                    self.sendContinuationRequest()
                case Refused(tag=tag, error=error):
                    self._end(tag, error)
                case Command() as command:
                    self._run(self._perform(command))
            if self._clock.seconds() > until:
                self._clock.callLater(0, self._advance)
                break
        self._outflow.send()
        if not (self._lost or self.session.closing):
            self._inflow.hold_up()

    def _run(self, steps: Steps) -> None:
        self._running = True
        self._advancing = True
        stepping.run(steps, self._finished, self._outflow.flush)
        self._advancing = False
        if self._running and not self._sleep.asleep:
            self._sent = self._outflow.octets
            self._tells_progress = self.due_in(limits.PROGRESS_SECONDS)

    def _finished(self) -> None:
        self._running = False
        self._tells_progress = inf
        if not self._advancing:
            self._advance()

    def _tell_progress(self) -> None:
        """Tell how far the command is, if nothing was sent for a while, and it is not the client that is waited for."""
        in_command = self.session.tag and self.session.user is not None
        waits_for_client = self._sleep.asleep or self._outflow.full
        if in_command and self._outflow.octets == self._sent and not (waits_for_client or self.session.responding):
            self.session.remark("still working on it", self.session.progress.code(self.session.tag))
            self._outflow.send()
        self._sent = self._outflow.octets
        self._tells_progress = self.due_in(limits.PROGRESS_SECONDS)

    async def _perform(self, command: Command) -> None:
        """Carry out one command, and write its ending."""
        began = self._clock.seconds()
        tag, name, ending = await perform(self.session, command)
        self._end(tag, ending)
        self._log_slow(name, began)
        if self._farewell is not None or self._lost:
            await self._part()

    async def _part(self) -> None:
        """End the connection behind what ran, if it is to end."""
        if self._farewell is not None and not self._lost and not self.session.closing:
            self._say_bye()
        if self._lost:
            await self._ended()

    async def _notify(self) -> None:
        """Tell the news though no command is in progress (RFC 5465, 3.1)."""
        self.session.tag = b""
        try:
            await tell_if_possible(self.session, expunges=False)
        except Disconnected:
            self._farewell = Bye("disconnected")
        except Exception:  # noqa: BLE001  # it must not be tried again and again, nor end the session
            journal.internal_error(b"NOTIFY")
            self.session.stop_notifying()
        await self._part()

    def _end(self, tag: bytes, ending: Ending) -> None:
        """Write the one tagged line that ends a command, unless it is written, and do what comes behind it."""
        match ending:
            case Done():
                self._say(tag, b"OK", self.session.spell_done(ending.text, ending.code))
                if ending.then is not None:
                    ending.then()
            case No():
                self._say(tag, b"NO", self.session.spell(ending.text, ending.code))
            case Bad():
                self._say(tag, b"BAD", self.session.spell(ending.text, ending.code))
            case Bye():
                self._farewell = ending

    def _say(self, tag: bytes, condition: bytes, resp_text: bytes) -> None:
        """``response-tagged = tag SP resp-cond-state CRLF``  (RFC 3501, 9)"""
        self._outflow.write(b"%b %b %b\r\n" % (tag, condition, resp_text))

    def _log_slow(self, name: bytes, began: float) -> None:
        seconds = self._clock.seconds() - began
        if seconds > self._config.slow_command_seconds and name not in {b"IDLE", b"AUTHENTICATE"}:
            journal.slow(name, seconds, self.session.user, self.peer)

    # What a command may ask of its client (imapd.imap.session.Client)

    @property
    def state(self) -> str:  # type: ignore[override]  # the base class keeps it, we derive it
        """Twisted's name of the session's state."""
        return self.session.state.value

    @property
    def tls_available(self) -> bool:
        """Whether STARTTLS would be accepted."""
        return self.ctx is not None and self.canStartTLS and not self.encrypted

    def write(self, octets: bytes) -> None:
        """Send `octets`, some time soon."""
        self._outflow.write(octets)

    async def drained(self) -> None:
        """Wait until the client has taken enough."""
        if await self._outflow.drained():
            self._heard()

    def _spool_for(self, pieces: tuple[Piece, ...], announced: Announcement) -> Spool | None:
        return spool_for(self.session, pieces, announced)

    def line(self) -> bytes | None:
        """Return the client's answer to a continuation request, if it has come."""
        return self._framer.next_line()

    def woken(self, timeout: float | None) -> Awaitable[Woken]:
        """Wait for a line, for news, or for `timeout` seconds."""
        if self._lost:
            raise Disconnected
        if self._farewell is not None:
            raise self._farewell
        self._outflow.send()
        self._wakes = inf if timeout is None else self.due_in(timeout)
        return self._sleep

    async def line_or_time(self, seconds: float) -> None:
        """Wait for some of a line, or for `seconds`, whatever the news; the door's deadlines are too coarse for it."""
        alarm = self._clock.callLater(seconds, self._sleep.wake, Woken.TIME)
        try:
            while not self._framer.buffered and await self.woken(None) is Woken.NEWS:
                pass
        finally:
            if alarm.active():
                alarm.cancel()

    def wake(self) -> None:
        """Say that there is news: for a command that waits, or for a client that listens."""
        self._sleep.wake(Woken.NEWS)
        if self.session.has_news_to_tell and not self._running and not self._lost:
            self._advance()

    def account_removed(self) -> None:
        """Say that there is nothing left to act on, and end the connection."""
        if self.session.closing:
            return
        journal.account_removed(self.session.user, self.peer)
        self.bye(Bye("the account was removed"))

    def note_untold(self, error: StoreError) -> None:
        """Take note that the store could not say what happened; a client that listens is told later."""
        journal.news_untold(self.session.user, self.peer, error)
        if self.session.has_news_to_tell and self._tells_again == inf:
            self._tells_again = self.due_in(limits.NEWS_AGAIN_SECONDS)

    async def log_in(self, credentials: ICredentials) -> Login:
        """Ask Twisted's portal who this is.

        Raises:
            No: nobody, or not now.

        """
        try:
            login = await self._attempt.log_in(self.portal, credentials, self.peer)
        except Disconnected:
            raise self._farewell or Disconnected from None
        except WrongCredentials:
            raise No("the user name or the password is wrong", "AUTHENTICATIONFAILED") from None
        if self._lost:
            await login.end()
            raise Disconnected
        try:
            self.factory.log_in(self, login.user)
        except TooManyError as error:
            await login.end()
            raise No(str(error), "LIMIT") from None
        journal.login(login.user, self.peer, encrypted=self.encrypted)
        self.setTimeout(self._config.idle_seconds)
        return login

    def logged_out(self, user: str) -> None:
        """Count the connection as a stranger's again, who has as long to log in as a new one.

        Raises:
            Bye: there are too many strangers.

        """
        self._note_logout(user)
        self._inflow.octets = self._outflow.octets = 0
        self.setTimeout(limits.LOGIN_SECONDS)
        try:
            self.factory.log_out(self, user)
        except TooManyError as error:
            raise Bye(str(error), "UNAVAILABLE") from None

    def start_tls(self) -> None:
        """Negotiate TLS; whatever came behind the command in the clear is forgotten (CVE-2011-0411)."""
        self._outflow.flush()
        self._framer.discard()
        self.session.language = languages.DEFAULT  # whoever chose it in the clear need not be the client (RFC 5255, 7)
        self.transport.startTLS(self.ctx)

    @property
    def compressed(self) -> bool:
        """Whether COMPRESS is active."""
        return self._inflow.compressed

    def compress(self) -> None:
        """Deflate and inflate from here on (RFC 4978)."""
        self._outflow.compress()
        self._inflow.compress()

    def end_compression(self) -> None:
        """Neither deflate nor inflate from here on (RFC 8437, 4.1)."""
        self._outflow.end_compression()
        self._inflow.end_compression()

    def close(self) -> None:
        """End the connection once everything written is sent."""
        self.session.closing = True
        self.setTimeout(limits.FAREWELL_SECONDS)
        self._outflow.close()

    def break_off(self, error: StoreError) -> None:
        """End the connection once everything written is sent, in the middle of an answer."""
        journal.broke_off(self.session.user, self.peer, error)
        self.close()

    def listCapabilities(self) -> list[bytes]:
        """Return what the greeting and CAPABILITY name."""
        return [capabilities(self.session)]

    async def _ended(self) -> None:
        user = self.session.user
        if user is not None:
            self._note_logout(user)
        try:
            await self.session.log_out()
        finally:
            self.factory.ended(self, user)

    def _note_logout(self, user: str) -> None:
        journal.logout(user, self.peer, self._inflow.octets, self._outflow.octets)
