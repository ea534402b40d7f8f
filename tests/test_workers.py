"""A server of two workers: for its clients it is one."""

import imaplib
import os
import signal
import time
from pathlib import Path
from threading import Event, Thread

from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.config import FILE_NAME
from tests.process import PATIENCE, ServerProcess, children, data_folder

LONGEST = 4 * PATIENCE
"""Seconds for what several processes must start for, on a machine that has other things to do."""


def until(there):
    """Wait until `there()` is true, and return what it is."""
    end = time.monotonic() + LONGEST
    while not (found := there()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
    return found


def workers(server):
    """Return the processes that serve clients."""
    return set(server.workers())


class WorkersTest(SynchronousTestCase):
    def setUp(self):
        self.data = Path(self.mktemp()).absolute()
        data_folder(self.data)
        self.server = ServerProcess(self.data, workers=2)
        self.clients = []
        self.addCleanup(self.stop)
        self.assertEqual(len(self.ready(2)), 2)

    def stop(self):
        for client in self.clients:
            if client.state != "LOGOUT":
                client.shutdown()
        started = children(self.server.pid)
        self.server.stop()
        self.assertEqual([pid for pid in started if Path(f"/proc/{pid}").exists()], [])

    def ready(self, number):
        """Wait until so many workers have been ready since the start; return those that run."""
        until(lambda: self.server.log.count("takes clients") >= number)
        return workers(self.server)

    def connect(self):
        client = imaplib.IMAP4("127.0.0.1", self.server.port, timeout=LONGEST)
        self.clients.append(client)
        return client

    def login(self):
        client = self.connect()
        client.login("ada", "secret")
        client.select()
        return client

    def worker_of(self, client):
        """Return the process at the other end of a connection."""
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
        ends = [f"0100007F:{port:04X}" for port in (self.server.port, client.socket().getsockname()[1])]
        inodes = {f"socket:[{line[9]}]" for line in lines if line[1:3] == ends}  # the file may say a line twice
        for worker in workers(self.server):
            for descriptor in Path(f"/proc/{worker}/fd").iterdir():
                if os.path.exists(descriptor) and os.readlink(descriptor) in inodes:
                    return worker
        raise AssertionError("nobody serves it")

    def one_in_each(self):
        """Return two sessions in different workers."""
        one = self.login()
        return one, until(lambda: self.in_another(one))

    def in_another(self, one):
        """Return a session in another worker, if a new one is: who has fewer takes the next, unless he is too busy."""
        other = self.login()
        return other if self.worker_of(other) != self.worker_of(one) else None

    def test_a_change_is_heard_by_sessions_of_another_worker(self):
        one, other = self.one_in_each()
        one.send(b"x IDLE\r\n")
        self.assertTrue(one.readline().startswith(b"+ "))
        other.append("INBOX", None, None, b"Subject: news\r\n\r\n")
        self.assertEqual(one.readline(), b"* 1 EXISTS\r\n")
        self.assertTrue(one.readline().endswith(b" RECENT\r\n"))
        other.noop()
        other.store("1", "+FLAGS", "(\\Flagged)")
        self.assertIn(b"\\Flagged", one.readline())
        other.store("1", "+FLAGS", "(\\Deleted)")
        self.assertIn(b"\\Deleted", one.readline())
        other.expunge()
        self.assertEqual(one.readline(), b"* 1 EXPUNGE\r\n")

    def test_a_worker_that_dies_is_replaced_and_the_other_goes_on(self):
        one, other = self.one_in_each()
        died = self.worker_of(one)
        os.kill(died, signal.SIGKILL)
        self.assertRaises((imaplib.IMAP4.abort, ConnectionResetError), one.noop)
        self.assertEqual(other.noop()[0], "OK")
        running = self.ready(3)
        self.assertEqual(len(running), 2)
        self.assertNotIn(died, running)
        self.assertIn(self.worker_of(until(lambda: self.in_another(other))), running)

    def test_replaced_one_by_one_while_clients_come(self):
        before = workers(self.server)
        staying = self.login()
        came, refused, enough = [], [], Event()

        def come():
            while not enough.is_set():
                try:
                    with imaplib.IMAP4("127.0.0.1", self.server.port, timeout=LONGEST) as client:
                        came.append(client.login("ada", "secret"))
                except Exception as error:
                    refused.append(error)

        threads = [Thread(target=come) for _ in range(4)]
        for thread in threads:
            thread.start()
        os.kill(self.server.pid, signal.SIGHUP)
        self.ready(4)
        until(lambda: len(workers(self.server)) == 3)
        enough.set()
        for thread in threads:
            thread.join()
        self.assertEqual(refused, [])
        self.assertGreater(len(came), 10)
        self.assertEqual(workers(self.server) & before, {self.worker_of(staying)})
        self.assertEqual(staying.noop()[0], "OK")
        staying.logout()
        until(lambda: not workers(self.server) & before)

    def test_a_configuration_that_is_wrong_replaces_nobody(self):
        before = workers(self.server)
        (self.data / FILE_NAME).write_text("nonsense = 1\n")
        os.kill(self.server.pid, signal.SIGHUP)
        until(lambda: "did not start" in self.server.log)
        self.assertIn("unknown setting nonsense", self.server.log)
        self.assertEqual(workers(self.server), before)
        self.one_in_each()

    def test_limits_hold_for_all_together(self):
        sessions = [self.login() for _ in range(limits.CONNECTIONS_PER_USER)]
        places = [self.worker_of(session) for session in sessions]
        self.assertEqual(places.count(places[0]), len(places) // 2)
        with self.assertRaisesRegex(imaplib.IMAP4.error, "LIMIT"):
            self.login()
        os.kill(places[0], signal.SIGKILL)
        self.ready(3)
        self.login()
