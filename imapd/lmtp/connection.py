"""One LMTP connection: octets in, one command at a time.

`Connection` stands on Twisted's `SMTP` for its greeting, response lines and timeouts.  Between the transport and a
command it has ways of its own, for the stock class reads messages by lines: it ends one at ``CRLF . CRLF`` only by
chance of its delimiter, breaks off at 16,384 octets, and calls Python for every line of every message.
"""

from contextlib import suppress

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.mail.smtp import SMTP
from twisted.python.failure import Failure

from imapd import limits
from imapd.config import Config
from imapd.delivery.delivery import Delivery
from imapd.delivery.failures import internal_error
from imapd.doors.connected import Connected
from imapd.doors.lines import BadLine, Lines
from imapd.doors.outflow import Disconnected, Outflow
from imapd.doors.stepping import Steps
from imapd.doors.taking import Taking
from imapd.lmtp import journal, replies
from imapd.lmtp.commands import look_up
from imapd.lmtp.replies import Reply
from imapd.lmtp.session import Session
from imapd.lmtp.wire.arguments import BadArguments


class Connection(Connected, SMTP):
    """The server's end of one LMTP connection."""

    timeout = limits.LMTP_SECONDS

    def __init__(self, delivery: Delivery, config: Config, clock: IReactorTime) -> None:
        """Take who delivers, the settings, and the clock."""
        super().__init__()
        self.session = Session(self, delivery, config)
        self._config, self._clock = config, clock
        self._lines = Lines(limits.LMTP_LINE_OCTETS, lone_lf=False)
        self._taking: Taking
        self._outflow: Outflow
        self._faults = 0
        self._farewell: Reply | None = None
        self._lost = False

    # From and to the transport

    def greeting(self) -> bytes:
        """Twisted asks what to say first."""
        return f"{self._config.host_name} LMTP imapd ready".encode()

    def connectionMade(self) -> None:
        """Twisted: the connection is there."""
        self._taking = Taking(self.transport, self._take, lambda: self._lines.buffered)
        self._outflow = self._taking.outflow
        super().connectionMade()
        self._outflow.send()

    def dataReceived(self, data: bytes) -> None:
        """Twisted: octets came in."""
        if self._taking.over:
            return
        self.resetTimeout()
        self._lines.receive(data)
        self._taking.advance()

    def sendLine(self, line: bytes) -> None:
        """Twisted's greeting is sent by this."""
        self._outflow.write(line + b"\r\n")

    def timeoutConnection(self) -> None:
        """Twisted: nothing came for too long, or the client did not take its last octets."""
        if self._taking.over:
            self.abort()
        elif self._taking.running:
            self.setTimeout(self.timeout)
        else:
            self._part(replies.TIMEOUT)

    def shut_down(self) -> None:
        """Say that the server stops and end, behind what is being done."""
        self._part(replies.SHUTTING_DOWN)

    def _part(self, farewell: Reply) -> None:
        self._farewell = farewell
        if not (self._taking.running or self._taking.over):
            self._end()

    def _end(self) -> None:
        """Say what is to be said last, and let the client have it."""
        if self._farewell is not None:
            self.say(self._farewell)
        self.session.reset()
        self._lines.take_rest()
        self._taking.close()
        self.setTimeout(limits.FAREWELL_SECONDS)

    def abort(self) -> None:
        """Drop the connection, and whatever was still to be sent."""
        self._taking.abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Twisted: the connection is gone; a message that is being stored is stored."""
        super().connectionLost(reason)
        self._lost = self._taking.over = True
        self._outflow.lost()
        if not self._taking.running:
            self._gone()

    def _gone(self) -> None:
        self.session.reset()
        self.factory.ended(self, None)

    # One command at a time

    def _take(self) -> bool:
        """Take a command, or some of a message, unless one is carried out; return whether there was any."""
        if self._taking.running:
            return False
        taken = self._take_command() if self.session.incoming is None else self._take_content()
        if self.session.closing and not self._taking.running:
            self._end()
        return taken

    def _take_command(self) -> bool:
        try:
            line = self._lines.next()
        except BadLine as error:
            self._fault(Reply(500, "5.5.2", str(error)))
            return True
        if line is not None:
            self._run(self._perform(line))
        return line is not None

    def _take_content(self) -> bool:
        rest = self.session.take(self._lines.take_rest())
        if rest is not None:
            self._lines.receive(rest)
            self._run(self._content_ended())
        return rest is not None

    def _run(self, steps: Steps) -> None:
        self._taking.run(steps, self._finished)

    def _finished(self) -> None:
        if self._lost:
            self._gone()
            return
        if self._farewell is not None:
            self._end()

    async def _perform(self, line: bytes) -> None:
        """Carry out one command and answer it."""
        verb, _, argument = line.strip(b" \t").partition(b" ")
        run = look_up(verb)
        if run is None:
            self._fault(replies.UNKNOWN)
            return
        self._faults = 0
        try:
            reply = await run(self.session, argument.strip(b" "))
        except BadArguments as error:
            reply = replies.refused(error)
        except Exception:  # noqa: BLE001  # whatever a command raises must not reach the client or end the session
            reply = replies.spell(internal_error(journal.internal_error(verb)))
        if reply is not None:
            self.say(reply)

    async def _content_ended(self) -> None:
        """Answer what has come in."""
        with suppress(Disconnected):
            await self.session.content_ended()
        self.resetTimeout()  # only from here on it is the client that is waited for

    def _fault(self, reply: Reply) -> None:
        """Answer what is no command; whoever says nothing else takes this for something else: a browser, say."""
        self._faults += 1
        if self._faults > limits.LMTP_FAULTS:
            self.session.closing = True
            reply = replies.TOO_MANY_FAULTS
        self.say(reply)

    # What a session may ask of its client (imapd.lmtp.session.Client)

    def say(self, reply: Reply) -> None:
        """Send a reply, some time soon."""
        self._outflow.write(reply.encode())

    async def drained(self) -> None:
        """Send what was said, and wait until the client has taken enough; `Disconnected`."""
        await self._outflow.drained()
