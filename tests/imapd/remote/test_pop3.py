import contextlib
import socketserver
import threading

from twisted.trial.unittest import SynchronousTestCase

from imapd.auth.passwords import Password
from imapd.remote import pop3
from imapd.remote.address import address
from imapd.remote.connection import Login, Security
from imapd.remote.errors import LostError, RefusedError, RemoteError
from imapd.remote.pop3 import Maildrop, Named

ANSWERS = {
    b"CAPA": b"+OK\r\nUIDL\r\n.\r\n",
    b"USER": b"+OK\r\n",
    b"PASS": b"+OK in\r\n",
    b"LIST": b"+OK\r\n1 10\r\n2 20\r\n.\r\n",
    b"UIDL": b"+OK\r\n1 abc\r\n2 a b\r\n.\r\n",
    b"TOP": b"+OK\r\nA: 1\r\n..x: 2\r\n\r\n.\r\n",
    b"QUIT": b"+OK\r\n",
}


class MaildropTests(SynchronousTestCase):
    def serve(self, **answers):
        """Return the URL of a server that answers so."""
        told = ANSWERS | {verb.encode(): answer for verb, answer in answers.items()}
        self.commands = commands = []

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"+OK ready\r\n")
                with contextlib.suppress(OSError):
                    while (line := self.rfile.readline()) and (answer := told[line.split()[0]]):
                        commands.append(line)
                        self.wfile.write(answer)

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"pop3://127.0.0.1:{server.server_address[1]}/"

    def opened(self, master=None, **answers):
        maildrop = Maildrop(address(self.serve(**answers)), Login("ada", Password(b"secret"), master), Security())
        self.addCleanup(maildrop.abort)
        return maildrop

    def test_messages(self):
        maildrop = self.opened()
        self.assertEqual(maildrop.messages(), [Named(1, "abc", 10), Named(2, "a b", 20)])
        self.assertEqual(maildrop.header(1), b"A: 1\r\n.x: 2\r\n\r\n")
        maildrop.close()
        self.assertEqual(self.commands[1], b"USER ada\r\n")
        self.assertEqual(self.commands[-1], b"QUIT\r\n")

    def test_acting_for_another(self):
        self.opened(master="admin")
        self.assertIn(b"USER ada*admin\r\n", self.commands)

    def test_what_is_refused(self):
        error = self.assertRaises(RefusedError, self.opened, PASS=b"-ERR [AUTH] no\x1b[2J\r\n")
        self.assertIn("[AUTH] no?[2J", str(error))
        self.assertRaises(RefusedError, self.opened(UIDL=b"-ERR no\r\n").messages)

    def test_nonsense(self):
        for answers in ({"LIST": b"+OK\r\nx y\r\n.\r\n"}, {"UIDL": b"+OK\r\n-1 y\r\n.\r\n"}, {"LIST": b"garbage\r\n"}):
            self.assertRaises(RemoteError, self.opened(**answers).messages)
        self.assertEqual(self.opened(LIST=b"+OK\r\n1 x\r\n2\r\n.\r\n").messages(), [])

    def test_a_connection_that_is_lost(self):
        self.assertRaises(RemoteError, self.opened(LIST=b"").messages)
        self.assertRaises(LostError, Maildrop, address("pop3://127.0.0.1:1"), Login("a", Password(b"x")), Security())

    def test_answers_that_never_end(self):
        self.patch(pop3._Bounded, "allowance", 10_000)
        self.assertRaises(RefusedError, self.opened(UIDL=b"+OK\r\n" + b"1 abc\r\n" * 10_000).messages)

    def test_what_may_be_answered_is_bounded_for_each_command(self):
        self.patch(pop3._Bounded, "allowance", 100)
        maildrop = self.opened()
        for _ in range(10):
            self.assertEqual(maildrop.header(1), b"A: 1\r\n.x: 2\r\n\r\n")
