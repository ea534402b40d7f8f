"""The whole house: ``twistd imapd`` as a process, ``imapd`` beside it, and clients over real sockets."""

import imaplib
import os
import signal
import socket
import sqlite3
import ssl
import time
import unicodedata
from contextlib import closing
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import connectionDone
from twisted.mail.imap4 import IMAP4Client
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests.process import PATIENCE, ServerProcess, children, data_folder, imapd

MESSAGE = (
    b"From: Ada <ada@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?q?K=C3=B6ln?=\r\n"
    b"Message-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"a lone \r, a lone \n, \xff and a long line " + b"x" * 2000 + b"\r\nno newline at the end"
)
HEADER = MESSAGE[: MESSAGE.index(b"\r\n\r\n") + 4]


class Wire:
    """A client that says and hears octets."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._file = self._socket.makefile("rb")
        self.line()

    def send(self, octets):
        self._socket.sendall(octets)

    def line(self):
        return self._file.readline()

    def until(self, start):
        """Return the lines up to the first that begins with `start`."""
        lines = [self.line()]
        while not lines[-1].startswith(start):
            assert lines[-1], f"the server hung up: {lines}"
            lines.append(self.line())
        return lines

    def login(self):
        self.send(b"l LOGIN ada secret\r\n")
        assert self.until(b"l ")[-1].startswith(b"l OK"), "the login failed"
        return self

    def select(self):
        self.send(b"s SELECT INBOX\r\n")
        return self.until(b"s ")

    def idle(self):
        self.login().select()
        self.send(b"i IDLE\r\n")
        self.until(b"+ ")
        return self

    def append(self, message):
        self.send(b"a APPEND INBOX {%d+}\r\n%b\r\n" % (len(message), message))
        assert self.until(b"a ")[-1].startswith(b"a OK"), "the append failed"

    def close(self):
        self._file.close()
        self._socket.close()


class _WithServer(SynchronousTestCase):
    """A data folder with a user, and servers on it."""

    def setUp(self):
        self.data = Path(self.mktemp()).absolute()
        data_folder(self.data)
        self.server = self.start()

    def start(self):
        server = ServerProcess(self.data)
        self.addCleanup(server.stop)
        return server

    def wire(self, port=None):
        wire = Wire(port or self.server.port)
        self.addCleanup(wire.close)
        return wire


class ImaplibTest(_WithServer):
    """Python's own client, in the clear, by STARTTLS and by IMAPS."""

    def _tls(self):
        return ssl.create_default_context(cafile=self.data / "tls" / "certificate.pem")

    def test_in_the_clear(self):
        """On loopback, a password may come in the clear."""
        self._use(imaplib.IMAP4("127.0.0.1", self.server.port, timeout=PATIENCE))

    def test_starttls(self):
        """The self-signed certificate is good for who trusts it."""
        client = imaplib.IMAP4("localhost", self.server.port, timeout=PATIENCE)
        client.starttls(self._tls())
        self.assertNotIn("STARTTLS", client.capabilities)
        self._use(client)

    def test_imaps(self):
        """TLS from the first octet."""
        self._use(
            imaplib.IMAP4_SSL("localhost", self.server.tls_port, ssl_context=self._tls(), timeout=PATIENCE)
        )

    def _use(self, client):
        self.addCleanup(client.sock.close)
        client.login("ADA", "secret")
        self.assertEqual(("OK", [b"0"]), client.select())
        # imaplib rewrites line ends in `append`; the literal is sent as it is by `_command`.
        client.literal = MESSAGE
        self.assertEqual("OK", client._simple_command("APPEND", "INBOX", r"(\Flagged)")[0])
        self._fetch(client)
        self._search(client)
        self.assertEqual("OK", client.store("1", "+FLAGS", r"(\Deleted $Work)")[0])
        self.assertEqual(("OK", [b"1"]), client.expunge())
        self.assertEqual("BYE", client.logout()[0])

    def _fetch(self, client):
        [(line, octets), _] = client.fetch("1", "(FLAGS RFC822.SIZE BODY.PEEK[])")[1]
        self.assertEqual(MESSAGE, octets)
        self.assertIn(b"RFC822.SIZE %d " % len(MESSAGE), line)
        self.assertIn(rb"\Flagged", line)
        [(_, header), _] = client.fetch("1", "(BODY.PEEK[HEADER])")[1]
        self.assertEqual(HEADER, header)
        [(_, part), _] = client.fetch("1", "(BODY[TEXT]<3.9>)")[1]
        self.assertEqual(MESSAGE[len(HEADER) + 3 :][:9], part)

    def _search(self, client):
        client.literal = "KÖLN".encode()
        self.assertEqual(("OK", [b"1"]), client.search("UTF-8", "SUBJECT"))
        self.assertEqual(("OK", [b"1"]), client.search(None, "SEEN", "FLAGGED"))


class Utf8Test(_WithServer):
    """Users, passwords and mailboxes with names beyond ASCII."""

    def setUp(self):
        super().setUp()
        imapd(self.data, "user", "add", "jürgen", "--password-stdin", stdin="pässwörd\n")

    def _client(self):
        client = imaplib.IMAP4("127.0.0.1", self.server.port, timeout=PATIENCE)
        self.addCleanup(client.sock.close)
        return client

    def test_authenticate_and_login(self):
        """However the letters are composed, and as a literal or in quotes."""
        for form in ("NFC", "NFD"):
            name, password = (unicodedata.normalize(form, text).encode() for text in ("Jürgen", "pässwörd"))
            self._client().authenticate("PLAIN", lambda _, plain=b"\0%b\0%b" % (name, password): plain)
            for spelled in (b"{%d+}\r\n%b {%d+}\r\n%b" % (len(name), name, len(password), password),
                            b'"%b" "%b"' % (name, password)):  # fmt: skip
                wire = self.wire()
                wire.send(b"l LOGIN %b\r\n" % spelled)
                self.assertTrue(wire.until(b"l ")[-1].startswith(b"l OK"), spelled)
        wire = self.wire()
        wire.send('l LOGIN "jürgen" "passwort"\r\n'.encode())
        self.assertIn(b"NO [AUTHENTICATIONFAILED]", wire.until(b"l ")[-1])

    def test_imaplib(self):
        """Python's client in the mode of RFC 6855, beside one that knows nothing of it."""
        client, old = self._client(), self._client()
        for each in (client, old):
            each.login("ada", "secret")
        self.assertIn("UTF8=ACCEPT", client.capabilities)
        self.assertEqual("OK", client.enable("UTF8=ACCEPT")[0])
        self.assertEqual("OK", client.create('"R&D in Köln"')[0])
        self.assertEqual(('(\\HasNoChildren) "/" "R&D in Köln"').encode(), client.list('""', '"R&D*"')[1][0])
        self.assertEqual([rb'(\HasNoChildren) "/" "R&-D in K&APY-ln"'], old.list('""', "R*")[1])
        self.assertEqual("OK", client.select('"R&D in Köln"')[0])
        message = "Subject: Grüße\r\n\r\n".encode()
        self.assertEqual("OK", old.append('"R&-D in K&APY-ln"', None, None, message)[0])
        client.noop()
        self.assertEqual([b"1"], client.search(None, 'SUBJECT "Grüße"')[1])
        [(_, octets), _] = client.fetch("1", "(BODY[])")[1]
        self.assertEqual(message, octets)


class TwistedClientTest(_WithServer, TestCase):
    """Twisted's own client."""

    timeout = 60

    def test_session(self):
        """Log in, append, list, fetch, store, and log out."""

        async def talked():
            client = await self._connect()
            await client.login(b"ada", b"secret")
            names = {name for _, _, name in await client.list("", "*")}
            self.assertLessEqual({"INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"}, names)
            await client.append("INBOX", (self.data / "message").open("rb"), (r"\Seen",))
            self.assertEqual(1, (await client.select("INBOX"))["EXISTS"])
            fetched = await client.fetchMessage("1")
            self.assertEqual(MESSAGE.decode("charmap"), fetched[1]["RFC822"])
            await client.setFlags("1", [r"\Deleted"], uid=True)
            self.assertEqual([1], await client.expunge())
            await client.logout()
            await client.gone

        (self.data / "message").write_bytes(MESSAGE)
        return Deferred.fromCoroutine(talked())

    async def _connect(self):
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.server.port)
        client = await connectProtocol(endpoint, _Client())
        await client.greeted
        return client


class _Client(IMAP4Client):
    def __init__(self):
        super().__init__()
        self.greeted: Deferred[None] = Deferred()
        self.gone: Deferred[None] = Deferred()

    def serverGreeting(self, capabilities):
        self.greeted.callback(None)

    def connectionLost(self, reason=connectionDone):
        super().connectionLost(reason)
        self.gone.callback(None)


class BesideTest(_WithServer):
    """Other processes on the same data folder."""

    def test_import(self):
        """Mail that is imported while the server runs shows up in an open session."""
        folder = Path(self.mktemp())
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.eml").write_bytes(b"Subject: %d\n\nHello\n" % number)
        watching = self.wire().idle()
        imapd(self.data, "import", str(folder.absolute()), "--user", "ada")
        watching.until(b"* 3 EXISTS")
        watching.send(b"DONE\r\nf UID FETCH 1:* RFC822.SIZE\r\n")
        sizes = [line for line in watching.until(b"f ") if b"FETCH (" in line]
        self.assertTrue(all(b"RFC822.SIZE 21)" in line for line in sizes), sizes)

    def test_second_server(self):
        """What changes through one server is told by the other, in IDLE."""
        other = self.start()
        watching, acting = self.wire(other.port).idle(), self.wire().login()
        acting.append(MESSAGE)
        watching.until(b"* 1 EXISTS")
        acting.select()
        acting.send(b"f STORE 1 +FLAGS (\\Deleted)\r\n")
        acting.until(b"f OK")
        self.assertIn(rb"\Deleted", watching.until(b"* 1 FETCH")[-1])
        acting.send(b"e EXPUNGE\r\n")
        acting.until(b"e OK")
        watching.until(b"* 1 EXPUNGE")


class IndexingTest(_WithServer):
    """The process that keeps the search indexes."""

    skip = None if Path("/proc/self").exists() else "processes are found as Linux shows them"

    def indexed(self):
        """Return how many messages are indexed."""
        files = list(self.data.glob("**/*.search"))
        with closing(sqlite3.connect(files[0] if files else ":memory:")) as connection:
            try:
                return connection.execute("SELECT count(*) FROM content").fetchone()[0]
            except sqlite3.Error:  # there is none yet
                return 0

    def until(self, true):
        end = time.monotonic() + PATIENCE
        while not true():
            self.assertLess(time.monotonic(), end, self.server.log)
            time.sleep(0.05)

    def test_it_follows_the_mail(self):
        wire = self.wire().login()
        for number in range(3):
            wire.append(b"Subject: %d\r\n\r\nxylophone %d\r\n" % (number, number))
        self.until(lambda: self.indexed() == 3)
        wire.select()
        wire.send(b"x SEARCH TEXT \"Xylophone 1\"\r\n")
        self.assertEqual(wire.until(b"x ")[0], b"* SEARCH 2\r\n")

    def indexer(self, server):
        """Return the process that a server has started."""
        self.until(lambda: children(server.pid))
        return children(server.pid)[0]

    def test_it_comes_back(self):
        first = self.indexer(self.server)
        os.kill(first, signal.SIGKILL)
        self.until(lambda: [pid for pid in children(self.server.pid) if pid != first])
        self.wire().login().append(b"Subject: x\r\n\r\n")
        self.until(lambda: self.indexed() == 1)

    def test_it_ends_with_the_server(self):
        killed = ServerProcess(self.data)
        self.addCleanup(killed.kill)
        indexer = self.indexer(killed)
        killed.kill()
        self.until(lambda: not Path(f"/proc/{indexer}").exists())
        indexer = self.indexer(self.server)
        self.server.stop()
        self.assertFalse(Path(f"/proc/{indexer}").exists())


class StoppingTest(_WithServer):
    """SIGTERM, and coming back."""

    def test_bye(self):
        """Every session hears BYE, and the process ends well."""
        sessions = [self.wire(), self.wire().login(), self.wire().idle(), self.wire().idle()]
        sessions[3].send(b"DONE\r\nx APPEND INBOX {10}\r\n")
        sessions[3].until(b"+ ")
        self.server.terminate()
        for session in sessions:
            self.assertTrue(session.until(b"* BYE ")[-1].startswith(b"* BYE [UNAVAILABLE]"))
            self.assertEqual(b"", session.line())
        self.server.wait()

    def test_all_is_there_again(self):
        """After a restart the same messages have the same UIDs, flags and UIDVALIDITY."""
        before = self.wire().login()
        for number in range(3):
            before.append(b"Subject: %d\r\n\r\n" % number)
        answer = before.select()
        before.send(b"x STORE 2 FLAGS (\\Deleted)\r\ny EXPUNGE\r\nz STORE 2 FLAGS (\\Seen $Work)\r\n")
        before.until(b"z OK")
        self.server.stop()
        after = self.wire(self.start().port).login()
        [validity] = [line for line in answer if b"UIDVALIDITY" in line]
        self.assertIn(validity, after.select())
        after.send(b"x FETCH 1:* (UID FLAGS)\r\n")
        self.assertEqual(
            [b"* 1 FETCH (UID 1 FLAGS ())\r\n", b"* 2 FETCH (UID 3 FLAGS (\\Seen $Work))\r\n"], after.until(b"x ")[:2]
        )


class RoughTest(_WithServer):
    """Clients that behave badly do no harm to others."""

    def test_half_commands(self):
        """A session that breaks off in the middle leaves nothing behind."""
        for half in (b"a LOGIN ada {6}\r\nsec", b"a APPEND INBOX {9+}\r\nFrom", b"\x16\x03\x01\x02\0\x01\0", b"a"):
            wire = self.wire()
            wire.send(half)
            wire.close()
        wire = self.wire().login()
        wire.send(b"a APPEND INBOX {1000+}\r\nFrom: x")
        wire.close()
        self.assertIn(b"* 0 EXISTS\r\n", self.wire().login().select())

    def test_pipelined(self):
        """A thousand commands at once are answered in order."""
        wire = self.wire().login()
        wire.send(b"".join(b"%d NOOP\r\n" % number for number in range(1000)))
        tags = [wire.line().split()[0] for _ in range(1000)]
        self.assertEqual([b"%d" % number for number in range(1000)], tags)
