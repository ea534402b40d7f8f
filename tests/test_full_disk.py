"""A disk that is really full, under a real server: what is there can be read, what does not fit is refused for now."""

import imaplib
import os
import subprocess
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.process import ServerProcess, data_folder, imapd

MEGABYTES = 8


def run(*command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class FullDiskTest(SynchronousTestCase):
    def setUp(self):
        self.letters = []
        self.disk = Path(self.mktemp()).absolute()
        self.disk.mkdir()
        if not run("mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(self.disk)):
            raise SkipTest("only root can mount a disk")
        self.addCleanup(run, "umount", "-l", str(self.disk))
        data_folder(self.disk / "data")
        imapd(self.disk / "data", "user", "add", "bob", "--password-stdin", stdin="secret\n")

    def start(self):
        server = ServerProcess(self.disk / "data", log=Path(self.mktemp()).absolute())
        self.addCleanup(server.kill)
        return server

    def client(self, server, name):
        client = imaplib.IMAP4("127.0.0.1", server.port)
        client.login(name, "secret")
        self.addCleanup(client.shutdown)
        return client

    def fill(self):
        """Leave no room at all."""
        ballast = os.open(self.disk / "ballast", os.O_WRONLY | os.O_CREAT)
        size = 0
        for piece in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    size += os.pwrite(ballast, bytes(piece), size)
            except OSError:
                pass
        os.close(ballast)

    def append(self, client):
        """Append a letter of its own: the same octets again would take no room."""
        letter = b"Subject: hello\r\n\r\n" + os.urandom(60_000).hex().encode()
        self.letters.append(letter)
        status, [text] = client.append("INBOX", None, None, letter)
        return status, text

    def assert_reads(self, client, count):
        self.assertEqual(client.select("INBOX"), ("OK", [str(count).encode()]))
        if count:
            self.assertEqual(client.fetch("1", "(BODY.PEEK[])")[1][0][1], self.letters[0])
        self.assertEqual(len(client.search(None, "SUBJECT", "hello")[1][0].split()), count)
        self.assertEqual(len(client.list()[1]), 6)

    def assert_refused(self, answer):
        self.assertEqual(answer[0], "NO")
        self.assertIn(b"[UNAVAILABLE]", answer[1])

    def test_it_fills_up_while_mail_comes_in_and_recovers(self):
        server = self.start()
        ada = self.client(server, "ada")
        kept = 0
        while (answer := self.append(ada))[0] == "OK":
            kept += 1
        self.assert_refused(answer)
        self.assertGreater(kept, 10)
        self.fill()
        self.assert_refused(self.append(ada))
        self.assert_reads(ada, kept)
        bob = self.client(server, "bob")
        self.assert_reads(bob, 0)
        self.assert_refused(self.append(bob))
        server.stop()

        server = self.start()
        self.assert_reads(self.client(server, "ada"), kept)
        self.assert_reads(self.client(server, "bob"), 0)
        self.assert_refused(self.append(self.client(server, "ada")))
        (self.disk / "ballast").unlink()
        run("mount", "-o", f"remount,size={2 * MEGABYTES}m", str(self.disk))
        self.assertEqual(self.append(self.client(server, "ada"))[0], "OK")
        self.assertEqual(self.append(self.client(server, "bob"))[0], "OK")
        self.assert_reads(self.client(server, "ada"), kept + 1)
        server.stop()
        self.assertEqual(imapd(self.disk / "data", "check"), "all is well\n")
