"""The door: who is let in, how all are sent home, and TLS on real sockets."""

from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.internet.interfaces import ITLSTransport
from twisted.internet.protocol import Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import deferLater
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from imapd import limits
from imapd.config import Config
from imapd.doors.proxied import Proxied
from imapd.imap.door import ImapDoor
from imapd.pop3.door import Pop3Door
from imapd.tls import ServerCertificate, make_self_signed
from tests.imapd.imap.harness import Server, patience
from tests.imapd.imap.test_connection import BIG, ConnectionTestCase, run_as_deferred


@run_as_deferred
class AdmissionTest(ConnectionTestCase):
    async def test_an_address_has_so_many_strangers(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 2)
        first, _, third = (self.server.connect("192.0.2.1") for _ in range(3))
        self.assertRegex(await third.line(), rb"\A\* BYE \[UNAVAILABLE\] ")
        await third.ended()
        self.assertRegex(await self.server.connect("192.0.2.2").line(), rb"\A\* OK ")
        await first.gone()
        self.assertRegex(await self.server.connect("192.0.2.1").line(), rb"\A\* OK ")

    async def test_who_logs_in_is_no_stranger(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 1)
        for _ in range(3):
            await self.server.connect().login()

    async def test_so_many_strangers_altogether(self):
        self.patch(limits, "STRANGERS", 2)
        for host in ("192.0.2.1", "192.0.2.2"):
            self.server.connect(host)
        self.assertRegex(await self.server.connect("192.0.2.3").line(), rb"\A\* BYE ")

    async def test_a_user_has_so_many_sessions(self):
        self.patch(limits, "CONNECTIONS_PER_USER", 2)
        first = await self.server.connect().login()
        await self.server.connect().login()
        third = self.server.connect()
        await third.line()
        self.assertRegex(await third.command(b"LOGIN ada secret"), rb"\Ax NO \[LIMIT\] ")
        self.assertRegex(await third.command(b"LOGIN bob secret"), rb"\Ax OK ")
        await first.gone()
        await self.server.connect().login()


@run_as_deferred
class ProxyTest(ConnectionTestCase):
    """Clients that come by a proxy, which says who they are (the PROXY protocol)."""

    async def start(self, **settings):
        await super().start(**settings)
        self.port = await _listen(self.server.door, Proxied)
        self.addCleanup(self.port.stopListening)

    async def connect(self, *pieces):
        """Return a client who has sent octets in pieces."""
        client = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self.port.getHost().port), Talker())
        client.transport.setTcpNoDelay(True)
        for piece in pieces:
            client.transport.write(piece)
            await deferLater(reactor, 0.001)
        return client

    async def test_the_client_is_known_before_it_is_greeted(self):
        header = b"PROXY TCP4 192.0.2.1 127.0.0.1 5000 143\r\n"
        for pieces in ([header], [header[:1], header[1:]], [header[:-1], b"\nx NOOP\r\n"]):
            client = await self.connect(*pieces)
            self.assertIn(b"LOGINDISABLED", await client.until(b"\r\n"))
            client.transport.write(b"y LOGIN ada secret\r\n")
            await client.until(b"y NO [PRIVACYREQUIRED] ")
        self.assertEqual(self.server.door.admission.strangers("192.0.2.1"), 3)
        local = await self.connect(b"PROXY TCP4 127.0.0.2 127.0.0.1 5000 143\r\n")
        self.assertNotIn(b"LOGINDISABLED", await local.until(b"\r\n"))

    async def test_each_client_has_a_limit_of_its_own(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 1)
        for number, greeting in ((1, rb"\A\* OK "), (2, rb"\A\* OK "), (2, rb"\A\* BYE ")):
            client = await self.connect(b"PROXY TCP4 192.0.2.%d 127.0.0.1 5000 143\r\n" % number)
            self.assertRegex(await client.until(b"\r\n"), greeting)

    async def test_whom_the_proxy_does_not_know_is_taken_for_the_proxy(self):
        client = await self.connect(b"PROXY UNKNOWN\r\n")
        self.assertNotIn(b"LOGINDISABLED", await client.until(b"\r\n"))

    async def test_who_is_no_proxy_is_not_heard(self):
        for line in (b"x LOGIN ada secret\r\n", b"PROXY TCP4 ada secret 1 2\r\n"):
            client = await self.connect(line)
            await client.gone()
            self.assertEqual(client.heard, b"")

    async def test_who_says_nothing_is_not_waited_for(self):
        self.patch(limits, "LOGIN_SECONDS", 0.01)
        await (await self.connect()).gone()

    async def test_those_who_come_one_after_another_are_all_let_in(self):
        for number in range(limits.STRANGERS_PER_ADDRESS + 10):
            client = await self.connect(b"PROXY TCP4 127.0.1.%d 127.0.0.1 5000 143\r\nx LOGIN ada secret\r\n" % number)
            await client.until(b"x OK ")
            client.transport.write(b"y UNAUTHENTICATE\r\n" if number % 2 else b"y LOGOUT\r\n")
            await client.until(b"y OK ")
            client.transport.loseConnection()
            await client.gone()
        await self.server.empty()
        self.assertEqual(self.server.door.admission.counted, {})


@run_as_deferred
class ShutDownTest(ConnectionTestCase):
    """Every session hears BYE, and the door is empty within bounded time."""

    def shut_down(self):
        return Deferred.fromCoroutine(self.server.door.shut_down())

    async def test_all_kinds_of_sessions(self):
        stranger, waiting, idling, sending, talking = clients = [self.server.connect() for _ in range(5)]
        for client in (waiting, idling, sending):
            await client.login(mailbox="INBOX")
        for client in (stranger, talking):
            await client.line()
        idling.send(b"x IDLE\r\n")
        await idling.line()
        sending.send(b"x APPEND INBOX {10+}\r\nhello")
        talking.send(b"x AUTHENTICATE PLAIN\r\n")
        await talking.line()
        empty = self.shut_down()
        for client in clients:
            self.assertRegex(await client.line(), rb"\A\* BYE \[UNAVAILABLE\] ")
        await empty
        for client in clients:
            self.assertTrue(client.transport.disconnected)
            self.assertEqual(client.taken(), b"")

    async def test_a_running_command_is_finished_first(self):
        client = await self.server.connect().login()
        client.send(b"x CREATE box\r\ny NOOP\r\n")
        empty = self.shut_down()
        self.assertRegex(await client.line(), rb"\Ax OK ")
        self.assertRegex(await client.line(), rb"\A\* BYE ")
        await empty
        self.assertEqual(client.taken(), b"")

    async def test_a_login_that_must_wait(self):
        """Nobody waits with those who guess passwords."""
        client = self.server.connect()
        await client.line()
        self.patch(self.server.portal, "login", lambda *_: Deferred())
        client.send(b"x LOGIN ada secret\r\n")
        empty = self.shut_down()
        self.assertRegex(await client.line(), rb"\A\* BYE ")
        await empty

    async def test_news_at_the_same_moment(self):
        """An IDLE that is busy with news when the end comes must not fall asleep on it."""
        client = await self.server.connect().login(mailbox="INBOX")
        await client.idles()
        mailbox, asked = client.connection.session.mailbox, Deferred()
        changes_since = mailbox.changes_since

        async def slow(*told):
            await asked
            return await changes_since(*told)

        self.patch(mailbox, "changes_since", slow)
        await self.server.deliver("ada", "INBOX", b"news")
        empty = self.shut_down()
        asked.callback(None)
        self.assertEqual(await client.line(), b"* 1 EXISTS")
        self.assertEqual(await client.line(), b"* 1 RECENT")
        self.assertRegex(await client.line(), rb"\A\* BYE ")
        await empty

    async def test_a_client_that_does_not_read_is_cut_off(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect(room=1 << 14).login(mailbox="INBOX")
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        empty = self.shut_down()
        self.assertFalse(empty.called)
        self.server.clock.advance(limits.FAREWELL_SECONDS)
        await empty
        self.assertTrue(client.transport.disconnected)

    async def test_an_empty_door(self):
        await self.shut_down()


class Talker(Protocol):
    """A client on a real socket."""

    def connectionMade(self):
        self.heard = b""
        self.ended = False

    def dataReceived(self, data):
        self.heard += data

    def connectionLost(self, reason):
        self.ended = True

    async def until(self, mark):
        """Return everything up to `mark`, which is taken away."""
        waits = patience()
        while mark not in self.heard:
            await waits(repr(mark), self.heard)
        head, _, self.heard = self.heard.partition(mark)
        return head + mark

    async def gone(self):
        waits = patience()
        while not self.ended:
            await waits("end", self.heard)


@run_as_deferred
class TlsTest(TestCase):
    """TLS as it is, on 127.0.0.1."""

    timeout = 60

    def setUp(self):
        return Deferred.fromCoroutine(self.start())

    async def start(self):
        self.server = await Server(self.mktemp()).start()
        folder = Path(self.mktemp())
        make_self_signed(folder / "certificate.pem", folder / "key.pem", ["localhost"])
        certificate = ServerCertificate(folder / "certificate.pem", folder / "key.pem")
        config = Config(self.server.path, plaintext_on_loopback=False)
        self.door = self.server.door = ImapDoor(self.server.portal, config, certificate, reactor)
        self.pop3 = Pop3Door(self.server.portal, config, certificate, reactor)
        inside_tls = TLSMemoryBIOFactory(certificate, isClient=False, wrappedFactory=self.door)
        self.ports = [await _listen(factory) for factory in (self.door, inside_tls)]

    def tearDown(self):
        return Deferred.fromCoroutine(self.end())

    async def end(self):
        for port in self.ports:
            await port.stopListening()
        await self.server.stop()

    async def connect(self, port):
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        return await connectProtocol(endpoint, Talker())

    async def connect_tls(self):
        client = await self.connect(self.ports[1])
        client.transport.startTLS(CertificateOptions(verify=False))
        return client

    async def starttls(self, behind=b""):
        client = await self.connect(self.ports[0])
        await client.until(b"imapd ready\r\n")
        client.transport.write(b"x STARTTLS\r\n" + behind)
        await client.until(b"x OK begin TLS\r\n")
        client.transport.startTLS(CertificateOptions(verify=False))
        return client

    async def test_imaps(self):
        client = await self.connect_tls()
        self.assertNotIn(b"STARTTLS", await client.until(b"imapd ready\r\n"))
        client.transport.write(b"x LOGIN ada secret\r\n")
        await client.until(b"x OK ")

    async def test_logout_ends_the_connection_at_once(self):
        """A registered producer must not keep TLS from being shut down."""
        self.patch(limits, "FAREWELL_SECONDS", 1000)
        client = await self.connect_tls()
        client.transport.write(b"x LOGOUT\r\n")
        await client.until(b"x OK LOGOUT completed\r\n")
        await client.gone()

    async def test_starttls(self):
        client = await self.starttls()
        client.transport.write(b"y CAPABILITY\r\n")
        self.assertIn(b" AUTH=PLAIN ", await client.until(b"y OK "))
        client.transport.write(b"z LOGIN ada secret\r\n")
        await client.until(b"z OK ")
        client.transport.write(b"l LOGOUT\r\n")
        await client.gone()

    async def test_what_came_in_the_clear_is_not_run_inside(self):
        client = await self.starttls(behind=b"y CAPABILITY\r\n")
        client.transport.write(b"z NOOP\r\n")
        self.assertEqual(await client.until(b"z OK completed\r\n"), b"z OK completed\r\n")
        self.assertTrue(ITLSTransport.providedBy(client.transport))

    async def test_begun_behind_a_proxy(self):
        imap = self.door, b"x STARTTLS\r\n", b"y LOGIN ada secret\r\n", b"y OK "
        pop3 = self.pop3, b"STLS\r\n", b"USER ada\r\nPASS secret\r\n", b"+OK logged in"
        for door, begin, log_in, logged_in in (imap, pop3):
            self.ports.append(await _listen(door, Proxied))
            client = await self.connect(self.ports[-1])
            client.transport.write(b"PROXY TCP4 192.0.2.1 127.0.0.1 5000 143\r\n" + begin)
            await client.until(b"begin TLS")
            await client.until(b"\r\n")
            client.transport.startTLS(CertificateOptions(verify=False))
            client.transport.write(log_in)
            await client.until(logged_in)
            client.transport.loseConnection()
            await client.gone()

    async def test_who_is_refused_and_does_not_begin_tls_is_not_waited_for(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 0)
        self.patch(limits, "FAREWELL_SECONDS", 0.01)
        await (await self.connect(self.ports[1])).gone()

    async def test_who_is_refused_hears_why(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 0)
        client = await self.connect_tls()
        await client.until(b"* BYE [UNAVAILABLE] too many connections")
        await client.gone()

    async def test_a_large_message_comes_through(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.connect_tls()
        client.transport.write(b"a LOGIN ada secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY.PEEK[]\r\nd LOGOUT\r\n")
        self.assertIn(BIG, await client.until(b"d OK LOGOUT completed\r\n"))
        await client.gone()

    async def test_shut_down(self):
        client = await self.connect_tls()
        await client.until(b"imapd ready\r\n")
        await self.door.shut_down()
        await client.until(b"* BYE ")
        await client.gone()


def _listen(factory, through=lambda endpoint: endpoint):
    return through(TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")).listen(factory)
