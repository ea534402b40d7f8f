import plistlib
from pathlib import Path
from xml.etree import ElementTree

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.autoconfig.door import AutoconfigDoor
from imapd.config import Config

XML = "/mail/config-v1.1.xml"
SERVERS = ("imaps://mail.example.org", "pop3://mail.example.org:1110", "submission://out.example.org:587")


class Transport(StringTransport):
    aborted = False

    def abortConnection(self):
        self.aborted = True


class DoorTests(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.open()

    def open(self, **settings):
        named = {"mail_domains": ("example.org", "example.net"), "mail_servers": SERVERS, **settings}
        self.door = AutoconfigDoor(None, Config(Path("data"), **named), None, self.clock)

    def connect(self):
        connection, transport = self.door.buildProtocol(None), Transport()
        transport.protocol = connection
        connection.makeConnection(transport)
        return connection, transport

    def ask(self, path):
        """Return the status, the headers and the body of an answer."""
        connection, transport = self.connect()
        connection.dataReceived(f"GET {path} HTTP/1.0\r\nHost: autoconfig.example.org\r\n\r\n".encode())
        head, _, body = transport.value().partition(b"\r\n\r\n")
        status, *headers = head.decode().split("\r\n")
        return int(status.split()[1]), dict(header.split(": ", 1) for header in headers), body


class ThunderbirdTests(DoorTests):
    def test_the_servers(self):
        for path in (XML, "/.well-known/autoconfig" + XML, XML + "?emailaddress=ada%40example.org"):
            status, headers, body = self.ask(path)
            self.assertEqual((status, headers["Content-Type"]), (200, "text/xml; charset=utf-8"))
            root = ElementTree.fromstring(body)
            self.assertEqual((root.tag, root.get("version")), ("clientConfig", "1.1"))
            self.assertEqual([each.text for each in root.iter("domain")], ["example.org", "example.net"])
            found = [
                (each.tag, each.get("type"), *map(each.findtext, ("hostname", "port", "socketType", "username")))
                for each in root.find("emailProvider")
                if each.get("type")
            ]
            self.assertEqual(
                found,
                [
                    ("incomingServer", "imap", "mail.example.org", "993", "SSL", "%EMAILLOCALPART%"),
                    ("incomingServer", "pop3", "mail.example.org", "1110", "STARTTLS", "%EMAILLOCALPART%"),
                    ("outgoingServer", "smtp", "out.example.org", "587", "STARTTLS", "%EMAILLOCALPART%"),
                ],
            )

    def test_whole_addresses(self):
        self.open(whole_address=True)
        self.assertEqual(self.ask(XML)[2].count(b"%EMAILADDRESS%"), 3)


class AppleTests(DoorTests):
    def profile(self, query):
        status, headers, body = self.ask(f"/mail.mobileconfig{query}")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/x-apple-aspen-config"))
        return plistlib.loads(body)

    def test_one_account(self):
        profile = self.profile("?emailaddress=ada%40example.org")
        self.assertEqual((profile["PayloadType"], profile["PayloadVersion"]), ("Configuration", 1))
        (account,) = profile["PayloadContent"]
        expected = {
            "PayloadType": "com.apple.mail.managed",
            "EmailAccountType": "EmailTypeIMAP",
            "EmailAddress": "ada@example.org",
            "IncomingMailServerHostName": "mail.example.org",
            "IncomingMailServerPortNumber": 993,
            "IncomingMailServerUseSSL": True,
            "IncomingMailServerUsername": "ada",
            "OutgoingMailServerHostName": "out.example.org",
            "OutgoingMailServerPortNumber": 587,
            "OutgoingMailServerUsername": "ada",
        }
        self.assertEqual({key: account[key] for key in expected}, expected)
        self.assertNotEqual(account["PayloadUUID"], profile["PayloadUUID"])

    def test_installed_again_it_replaces_itself_and_nobody_elses(self):
        ids = [self.profile(f"?emailaddress={who}%40example.org")["PayloadUUID"] for who in ("ada", "ada", "bob")]
        self.assertEqual((ids[0] == ids[1], ids[0] == ids[2]), (True, False))

    def test_whole_addresses_and_only_pop3(self):
        self.open(whole_address=True, mail_servers=("pop3s://mail.example.org",))
        (account,) = self.profile("?emailaddress=ada%40example.org")["PayloadContent"]
        self.assertEqual(account["EmailAccountType"], "EmailTypePOP")
        self.assertEqual(account["IncomingMailServerUsername"], "ada@example.org")

    def test_no_address(self):
        for given in ("", "ada", "a%0Ab%40c", "a%40%3Cx%3E"):
            status, headers, body = self.ask(f"/mail.mobileconfig?emailaddress={given}")
            self.assertEqual((status, headers["Content-Type"]), (400, "text/plain; charset=utf-8"))
            self.assertIn(b"?emailaddress=", body)


class PagesTests(DoorTests):
    def test_people_read_where_to_connect(self):
        status, headers, body = self.ask("/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        for text in (b"Mail of example.org", b"IMAP: mail.example.org, port 993, SSL/TLS", b"port 587, STARTTLS"):
            self.assertIn(text, body)

    def test_nothing_else_is_there(self):
        for path in ("/mail", "/mail/", "/x", "/.well-known/../x"):
            self.assertEqual(self.ask(path)[0], 404, path)


class HostileTests(DoorTests):
    def test_a_body_is_not_taken(self):
        for header in ("Content-Length: 10000000000", "Transfer-Encoding: chunked"):
            connection, transport = self.connect()
            connection.dataReceived(f"POST / HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\nabc".encode())
            self.assertTrue(transport.aborted)

    def test_lines_without_end(self):
        connection, transport = self.connect()
        for _ in range(100):
            connection.dataReceived(b"x" * 1000)
        self.assertTrue(transport.disconnecting or transport.aborted)

    def test_silence(self):
        _, transport = self.connect()
        self.clock.pump([limits.HTTP_SECONDS + 1, 20])
        self.assertTrue(transport.disconnecting or transport.aborted)

    def test_too_many(self):
        self.patch(limits, "HTTP_CONNECTIONS", 2)
        (first, _), (_, second), (_, third) = self.connect(), self.connect(), self.connect()
        self.assertEqual((second.aborted, third.aborted), (False, True))
        first.connectionLost()
        self.assertFalse(self.connect()[1].aborted)

    def test_shut_down(self):
        transports = [self.connect()[1] for _ in range(2)]
        self.successResultOf(Deferred.fromCoroutine(self.door.shut_down()))
        self.assertEqual([transport.aborted for transport in transports], [True, True])
