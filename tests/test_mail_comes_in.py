"""Mail on its way in, whole: a server as a process, LMTP and the auth socket as UNIX sockets, a pipe, and who idles."""

import imaplib
import smtplib
import socket
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from tests.process import PATIENCE, ServerProcess, data_folder, imapd

MESSAGE = "Subject: one\n\n.a dot\n"


def takes_clients(path):
    """Tell whether somebody listens at a UNIX socket."""
    with closing(socket.socket(socket.AF_UNIX)) as client:
        return client.connect_ex(path) == 0


class MailComesInTests(SynchronousTestCase):
    def setUp(self):
        folder = TemporaryDirectory()  # the names of UNIX sockets are short
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"
        self.lmtp, self.auth = str(self.folder / "lmtp"), str(self.folder / "auth")
        data_folder(self.data)

    def start(self):
        doors = ["--lmtp", f"unix:{self.lmtp}:mode=600", "--auth", f"unix:{self.auth}:mode=600"]
        server = ServerProcess(self.data, doors=doors)
        end = time.monotonic() + PATIENCE
        while not all(map(takes_clients, (self.lmtp, self.auth))):
            self.assertLess(time.monotonic(), end, "the sockets are not there")
            time.sleep(0.02)
        return server

    def serve(self):
        server = self.start()
        self.addCleanup(server.stop)
        return server

    def deliver(self, *recipients):
        with smtplib.LMTP(self.lmtp) as client:
            self.assertEqual(client.sendmail("bob@example.net", recipients, MESSAGE), {})

    def subjects(self, port, mailbox="INBOX"):
        with imaplib.IMAP4("127.0.0.1", port) as client:
            client.login("ada", "secret")
            client.select(mailbox)
            _, found = client.fetch("1:*", "BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
            return [part[1].strip().decode() for part in found if isinstance(part, tuple)]

    def test_who_idles_is_told(self):
        server = self.serve()
        imapd(self.data, "user", "alias", "ada", "--add", "info@example.org")
        idle = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        with closing(idle), idle.makefile("rb") as said:
            idle.sendall(b"a LOGIN ada secret\r\nb SELECT INBOX\r\nc IDLE\r\n")
            while not said.readline().startswith(b"+"):
                pass
            self.deliver("info@example.org")
            self.assertEqual(said.readline(), b"* 1 EXISTS\r\n")
            said.readline()
            imapd(self.data, "deliver", "-f", "bob@example.net", "ada@example.org", stdin="Subject: two\n\nhello\n")
            self.assertEqual(said.readline(), b"* 2 EXISTS\r\n")
        self.assertEqual(self.subjects(server.port), ["Subject: one", "Subject: two"])

    def test_what_was_answered_outlives_the_process(self):
        server = self.start()
        self.deliver("ada")
        server.kill()
        imapd(self.data, "deliver", "ada", stdin="Subject: meanwhile\n\nhello\n")
        self.assertEqual(self.subjects(self.serve().port), ["Subject: one", "Subject: meanwhile"])
        self.deliver("ada")

    def test_a_sender_is_checked(self):
        self.serve()
        with closing(socket.socket(socket.AF_UNIX)) as asked:
            asked.settimeout(PATIENCE)
            asked.connect(self.auth)
            with asked.makefile("rb") as said:
                while said.readline() != b"DONE\n":
                    pass
                for password, answer in ((b"wrong", b"FAIL\t1\tuser=ada"), (b"secret", b"OK\t1\tuser=ada")):
                    response = b64encode(b"\0ada\0" + password)
                    asked.sendall(b"AUTH\t1\tPLAIN\tservice=smtp\trip=127.0.0.1\tresp=" + response + b"\n")
                    self.assertTrue(said.readline().startswith(answer))
