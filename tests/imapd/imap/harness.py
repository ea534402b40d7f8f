"""A real door on a real store, and clients that talk to it without sockets."""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ISSLTransport, ITLSTransport
from twisted.internet.task import Clock, deferLater
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import directlyProvides

from imapd.auth.realm import MailRealm
from imapd.config import Config
from imapd.doors import brokenoff
from imapd.imap.door import ImapDoor
from imapd.imap.fetch.renderings import RENDERINGS, kept
from imapd.limits import IDLE_UNTOLD_SECONDS
from imapd.lmtp.door import LmtpDoor
from imapd.pop3.door import Pop3Door
from mailstore import open_store
from mailstore.interfaces import NewMessage
from mailstore.spool import Spool

PATIENCE = 60.0
"""Seconds after which an answer that did not come is a failure.  The dearest ones may take ten where the machine has
twenty other things to do."""

USERS = ("ada", "bob")
"""Everyone's password is ``secret``."""

HOST_NAME = "mail.example.org"
"""What clients call the server."""

_LITERAL = re.compile(rb"\{(\d+)\}\Z")


class FakeTransport(StringTransport):
    """A socket that collects what the server sends, and in `writes` how often it was given something.

    As with a real one, an end is told to the server a turn later, and only once everything was taken, which it never
    is while more may come from who was asked to pause.  `room` is how many octets it holds before it asks for that.
    STARTTLS changes nothing but what it says of itself.
    """

    disconnected = False
    connection = None

    def __init__(self, host="127.0.0.1", room=None):
        super().__init__(peerAddress=IPv4Address("TCP", host, 50_000))
        directlyProvides(self, ITLSTransport)
        self.room = room
        self.writes = 0

    @property
    def full(self):
        return self.room is not None and len(self.value()) > self.room

    def write(self, data):
        super().write(data)
        self.writes += 1
        if self.full and self.producer is not None:
            self.producer.pauseProducing()

    def writeSequence(self, iovec):
        self.write(b"".join(iovec))

    def empty(self):
        """Let the client have what is there; return it."""
        octets, was_full = self.value(), self.full
        self.clear()
        if was_full and self.producer is not None:
            self.producer.resumeProducing()
        elif was_full and self.disconnecting:
            reactor.callLater(0, self._lost)
        return octets

    def setTcpNoDelay(self, enabled):
        """Do nothing: no octets wait here."""

    def startTLS(self, contextFactory, normal=True):  # noqa: N803  # Twisted's name
        directlyProvides(self, ITLSTransport, ISSLTransport)

    def loseConnection(self):
        if not self.disconnecting:
            self.disconnecting = True
            if not self.full:
                reactor.callLater(0, self._lost)

    def abortConnection(self):
        self.disconnecting = True
        reactor.callLater(0, self._lost)

    def _lost(self):
        if self.disconnected:
            return
        self.disconnected = True
        if self.producer is not None:
            self.producer.stopProducing()
        self.connection.connectionLost(Failure(ConnectionDone()))


class Client:
    """One client's end."""

    def __init__(self, door, host="127.0.0.1", room=None):
        self.transport = FakeTransport(host, room)
        self.connection = door.buildProtocol(self.transport.getPeer())
        self.transport.connection = self.connection
        self.connection.makeConnection(self.transport)
        self._left = b""

    def send(self, octets):
        """Send `octets` as they are."""
        if not self.transport.disconnecting:
            self.connection.dataReceived(octets)

    def taken(self):
        """Take everything that came so far."""
        octets, self._left = self._left + self.transport.empty(), b""
        return octets

    def taken_lines(self):
        """Take the whole lines that came so far; no literals may be among them."""
        *lines, self._left = self.taken().split(b"\r\n")
        return lines

    async def quiet(self):
        """Return once the server has nothing more to say unasked."""
        waits, connection = patience(), self.connection
        while connection.session.has_news_to_tell or (connection._running and not connection._sleep.asleep):
            await waits("silence", self.transport.value())

    async def octets(self, count):
        """Return the next `count` octets."""
        self._left += self.transport.empty()
        waits = patience()
        while len(self._left) < count:
            await waits(f"{count} octets", self._left)
            self._left += self.transport.empty()
        octets, self._left = self._left[:count], self._left[count:]
        return octets

    async def line(self):
        """Return the next line, without its line end."""
        self._left += self.transport.empty()
        waits = patience()
        while b"\r\n" not in self._left:
            await waits("a line", self._left)
            self._left += self.transport.empty()
        line, _, self._left = self._left.partition(b"\r\n")
        return line

    async def response(self):
        """Return the next whole response: a line and, if it has literals, what they hold and the lines behind them."""
        response = await self.line()
        while found := _LITERAL.search(response):
            response += b"\r\n" + await self.octets(int(found[1])) + await self.line()
        return response

    async def answer(self, tag=b"x"):
        """Return all responses up to and with the tagged one."""
        responses = [await self.response()]
        while not responses[-1].startswith(tag + b" "):
            responses.append(await self.response())
        return responses

    async def command(self, text):
        """Send a command with the tag ``x``; return the octets of its whole answer."""
        self.send(b"x " + text + b"\r\n")
        return b"".join(response + b"\r\n" for response in await self.answer())

    async def succeeds(self, text):
        """Send a command that must be answered OK; return the untagged responses."""
        self.send(b"x " + text + b"\r\n")
        *responses, ending = await self.answer()
        assert ending.startswith(b"x OK"), ending
        return responses

    async def login(self, user="ada", mailbox=None):
        """Take the greeting and log in; select `mailbox` if one is named."""
        await self.line()
        await self.succeeds(b"LOGIN %b secret" % user.encode())
        if mailbox is not None:
            await self.succeeds(b"SELECT " + mailbox.encode())
        return self

    async def idles(self):
        """Send IDLE with the tag ``x``; return once the client would be told what happens."""
        self.send(b"x IDLE\r\n")
        assert await self.line() == b"+ idling"
        self.connection._clock.advance(IDLE_UNTOLD_SECONDS)

    async def ended(self):
        """Return once the connection has ended."""
        waits = patience()
        while not self.transport.disconnected:
            await waits("end", self.transport.value())

    async def gone(self):
        """Go away without a word."""
        self.transport.abortConnection()
        await self.ended()


def patience():
    """Return what waits a moment, and fails when it has waited too often."""
    began = reactor.seconds()

    async def wait(what, there):
        if reactor.seconds() - began > PATIENCE:
            raise AssertionError(f"no {what} after {PATIENCE} seconds; there is {there!r}")
        await deferLater(reactor, 0.001)

    return wait


_templates: list[TemporaryDirectory[str]] = []


async def _prepared():
    """Return a folder with a closed store that has the users; made once a process, since copying it is quicker."""
    if not _templates:
        _templates.append(TemporaryDirectory())
        path = Path(_templates[0].name) / "store"
        store = open_store(f"sqlite://{path}", RENDERINGS)
        for name in USERS:
            await store.add_user(name, "no hash")
        await store.close()
    return Path(_templates[0].name) / "store"


class Server:
    """A door for the users ``ada`` and ``bob`` on a store in the folder `path`."""

    def __init__(self, path):
        self.path = Path(path)
        self.clock = Clock()

    async def start(self, tls=True, **settings):
        """Open the store, a new one if there is none; `settings` are those of `Config`."""
        brokenoff._broken_off.clear()  # as in a new process; mailboxes of all tests have the same ids
        if not self.path.exists():
            shutil.copytree(await _prepared(), self.path)
        config = Config(self.path, **{"host_name": HOST_NAME, **settings})
        renderings = kept(ascii_headers=config.ascii_headers)
        self.store = open_store(f"sqlite://{self.path.absolute()}", renderings, policy=config.policy)
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        for name in USERS:
            checker.addUser(name.encode(), b"secret")
        self.portal = Portal(MailRealm(self.store), [checker])
        self.door = ImapDoor(self.portal, config, object() if tls else None, self.clock)
        self.pop3 = Pop3Door(self.portal, config, object() if tls else None, self.clock)
        self.lmtp = LmtpDoor(self.portal, config, None, self.clock)
        self.lmtp.open(self.store)
        return self

    def connect(self, host="127.0.0.1", room=None, door=None):
        """Return a new client from `host`, of IMAP or of another `door`."""
        return Client(door or self.door, host, room)

    async def deliver(self, user, mailbox, *messages):
        """Put messages into a mailbox, which is made if it is not there."""
        account = await self.store.account((await self.store.user(user)).account)
        if mailbox not in {info.name for info in await account.mailboxes()}:
            await account.create(mailbox)
        spools = [Spool(message) for message in messages]
        await (await account.mailbox(mailbox)).append([NewMessage(spool) for spool in spools])
        for spool in spools:
            spool.close()
        await account.release()

    async def empty(self):
        """Return once no connection is left, nor a command of one."""
        waits = patience()
        while self.door._connections:
            await waits("end", self.door._connections)

    async def stop(self):
        """End every session and close the store."""
        stopped = [Deferred.fromCoroutine(door.shut_down()) for door in (self.door, self.pop3, self.lmtp)]
        self.clock.advance(60)
        await gatherResults(stopped)
        await self.store.close()
