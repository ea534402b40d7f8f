import os
import socket
import subprocess
import sys
from pathlib import Path

from twisted.application.service import IServiceMaker
from twisted.internet import reactor
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.endpoints import clientFromString, connectProtocol
from twisted.internet.ssl import CertificateOptions
from twisted.plugin import getPlugins
from twisted.protocols.basic import LineOnlyReceiver
from twisted.trial.unittest import SynchronousTestCase, TestCase

from imapd import limits
from imapd.config import FILE_NAME
from imapd.imap.door import ImapDoor
from imapd.service import DOORS, CannotStart, MailService, Options, _cores, makeService
from imapd.workers.group import Workers

ROOT = Path(__file__).parent.parent.parent
LOOPBACK = "tcp:0:interface=127.0.0.1"


def options(data, *arguments, workers=1):
    parsed = Options()
    parsed.parseOptions(["--data", str(data), *([f"--workers={workers}"] if workers else []), *arguments])
    return parsed


def mail(service):
    """What serves clients in a server of one process."""
    [found] = [child for child in service if isinstance(child, MailService)]
    return found


def places(service):
    """Where it listens."""
    return list(mail(service))


def ports(service):
    """The ports of a server that runs."""
    return [place.port.getHost().port for place in places(service)]


class Client(LineOnlyReceiver):
    """Waits for lines."""

    def __init__(self):
        self.lines = []
        self.waiting = None

    def lineReceived(self, line):
        self.lines.append(line)
        if self.waiting is not None:
            waiting, self.waiting = self.waiting, None
            waiting.callback(None)

    async def line(self):
        if not self.lines:
            self.waiting = Deferred()
            await self.waiting
        return self.lines.pop(0)


async def connect(port, tls=False):
    client = await connectProtocol(clientFromString(reactor, f"tcp:127.0.0.1:{port}"), Client())
    if tls:
        client.transport.startTLS(CertificateOptions())
    return client


class OptionsTests(SynchronousTestCase):
    def setUp(self):
        self.data = Path(self.mktemp())

    def make(self, *arguments):
        return makeService(options(self.data, *arguments))

    def configure(self, text):
        self.data.mkdir(exist_ok=True)
        (self.data / FILE_NAME).write_text(text)

    def refused(self, *arguments):
        return str(self.assertRaises(SystemExit, self.make, *arguments))

    def test_any_number_of_endpoints_for_each_door(self):
        parsed = options("d", "--imap", "tcp:1", "--imaps=tcp:2", "--imap", "tcp:3")
        self.assertEqual((parsed["imap"], parsed["imaps"]), (["tcp:1", "tcp:3"], ["tcp:2"]))

    def test_twistd_knows_the_command(self):
        [plugin] = [each for each in getPlugins(IServiceMaker) if each.tapname == "imapd"]
        self.assertIs(plugin.options, Options)
        self.assertIs(plugin.makeService, makeService)

    def test_doors_of_the_command_line_replace_all_those_of_the_file(self):
        self.configure('imap = ["tcp:1"]\nimaps = ["tcp:2", "tcp:3"]\n')
        self.assertEqual(len(places(self.make())), 3)
        self.assertEqual(len(places(self.make("--imap", "tcp:4"))), 1)

    def test_a_door_that_nobody_names_is_not_opened(self):
        self.configure("imap = []\nimaps = []\n")
        self.assertIn("no door is open", self.refused())

    def test_only_doors_that_are_open_are_made(self):
        self.assertEqual(set(mail(self.make("--imap", LOOPBACK, "--imaps", LOOPBACK))._doors), {ImapDoor})

    def test_every_door_is_explained(self):
        explained = " ".join(Options().getUsage().split())
        for door in DOORS:
            self.assertRegex(explained, rf"--{door}= [^;]+ at this endpoint[^;]*; may be given several times")

    def test_a_thousand_clients_may_come_back_at_once(self):
        endpoints = LOOPBACK, f"{LOOPBACK}:backlog=7", f"haproxy:{LOOPBACK}"
        service = makeService(options(self.mktemp(), *(f"--imap={endpoint}" for endpoint in endpoints)))
        opened = [place.endpoint for place in places(service)]
        backlogs = [getattr(endpoint, "endpoint", endpoint)._backlog for endpoint in opened]
        self.assertEqual(backlogs, [limits.BACKLOG, 7, limits.BACKLOG])

    def test_a_bad_endpoint_is_named(self):
        for endpoint in ("tcp:port", "nonsense", "tcp:1:bogus=2"):
            self.assertIn(f"imapd: '{endpoint}' is no endpoint", self.refused("--imaps", endpoint))

    def test_workers_of_the_command_line_or_of_the_file(self):
        self.configure('workers = 3\nimap = ["tcp:1"]\nimaps = []\n')
        for asked, number in (([], 3), (["--workers=2"], 2), (["--workers=auto"], _cores())):
            server = makeService(options(self.data, *asked, workers=None))
            self.assertEqual([child._number for child in server if isinstance(child, Workers)], [number][: number - 1])
        self.assertIn('--workers=0 must be a number from 1 to 256, or "auto"', self.refused("--workers=0"))

    def test_a_wrong_configuration_is_named(self):
        self.configure('certificate = "missing.pem"\n')
        self.assertIn("missing.pem", self.refused())
        self.configure("imaps = 993\n")
        self.assertIn("imaps = 993 must be", self.refused())


class MailServiceTests(TestCase):
    def make(self, *arguments):
        self.data = Path(self.mktemp())
        return makeService(options(self.data, *arguments))

    def start(self, *arguments):
        service = self.make(*arguments)
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        service.privilegedStartService()
        service.startService()
        return service

    async def test_doors_open_and_say_goodbye(self):
        doors = ("--imap", "--imap", "--imaps", "--pop3", "--pop3s")
        service = self.start(*(word for door in doors for word in (door, LOOPBACK)))
        clients = [await connect(port, door.endswith("s")) for door, port in zip(doors, ports(service), strict=True)]
        for door, client in zip(doors, clients, strict=True):
            self.assertTrue((await client.line()).startswith(b"* OK" if "imap" in door else b"+OK"))
        stopped = service.stopService()
        for door, client in zip(doors, clients, strict=True):
            self.assertTrue((await client.line()).startswith(b"* BYE" if "imap" in door else b"-ERR [SYS/TEMP]"))
            client.transport.loseConnection()
        await stopped

    async def test_who_retires_does_not_wait_for_ever(self):
        self.patch(limits, "RETIRED_SECONDS", 0.01)
        service = self.start("--imap", LOOPBACK, "--pop3", LOOPBACK)
        clients = [await connect(port) for port in ports(service)]
        for client in clients:
            await client.line()
        await mail(service).retire()
        for client in clients:
            client.transport.loseConnection()
        await service.stopService()

    def test_a_port_in_use_is_one_line(self):
        self.patch(sys, "stderr", sys.stderr)
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        port = taken.getsockname()[1]
        service = self.make("--imap", f"tcp:{port}:interface=127.0.0.1")
        error = self.assertRaises(CannotStart, service.privilegedStartService)
        self.assertIn(f"imapd: Couldn't listen on 127.0.0.1:{port}", str(error))
        self.assertNotIn("\n", str(error))

    def refused_at(self, path):
        """Return why no door opens at a UNIX socket."""
        self.patch(sys, "stderr", sys.stderr)
        return str(self.assertRaises(CannotStart, self.make("--lmtp", f"unix:{path}").privilegedStartService))

    def test_a_folder_that_is_not_there_is_one_line(self):
        self.assertRegex(self.refused_at("nowhere/lmtp"), r"\Aimapd: Couldn't listen on .*: .*No such file.*\Z")

    async def test_a_socket_of_a_server_that_was_killed_is_replaced(self):
        path = Path(self.mktemp())
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        path.with_name(f"{path.name}.lock").symlink_to(str(os.getpid()))  # any process may have that number by now
        service = self.start("--lmtp", f"unix:{path}")
        client = await connectProtocol(clientFromString(reactor, f"unix:{path}"), Client())
        self.assertTrue((await client.line()).startswith(b"220 "))
        client.transport.loseConnection()
        await service.stopService()
        self.assertFalse(path.exists())

    def test_a_socket_that_is_in_use_is_left_alone(self):
        path = Path(self.mktemp())
        with socket.socket(socket.AF_UNIX) as used:
            used.bind(str(path))
            used.listen()
            self.assertIn("Address already in use", self.refused_at(path))
        self.assertTrue(path.is_socket())

    def test_a_file_that_is_no_socket_is_left_alone(self):
        path = Path(self.mktemp())
        path.write_text("mail")
        self.assertIn("Address already in use", self.refused_at(path))
        self.assertEqual(path.read_text(), "mail")

    async def test_a_store_that_cannot_be_opened_is_one_line(self):
        self.patch(sys, "stderr", sys.stderr)
        service = self.make("--imap", LOOPBACK)
        (self.data / "store").write_text("not a folder\n")
        error = self.assertRaises(CannotStart, service.startService)
        self.assertIn("imapd: the store sqlite://", str(error))
        self.assertNotIn("\n", str(error))

    async def test_stopping_takes_bounded_time(self):
        service = self.start("--imap", LOOPBACK)
        self.patch(limits, "DOORS_CLOSE_SECONDS", 0.01)

        async def never():
            await Deferred()

        mail(service)._doors[ImapDoor].shut_down = never
        await service.stopService()
        self.assertEqual(len(self.flushLoggedErrors(TimeoutError)), 1)


class TacTests(SynchronousTestCase):
    def test_the_data_folder_comes_from_the_environment(self):
        file = Path(self.mktemp()).absolute() / FILE_NAME
        file.parent.mkdir()
        file.write_text("nonsense = 1\n")
        done = subprocess.run(
            [sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "--pidfile=", "-ny", "twistd.tac"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "IMAPD_DATA": str(file.parent)},
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"imapd: {file}: unknown setting nonsense", done.stderr)
        self.assertNotIn("Traceback", done.stdout + done.stderr)
