"""Python's own client, over real sockets: in the clear, by STLS, and over TLS from the first octet."""

import poplib
import ssl
import sys
from pathlib import Path

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from imapd.service import MailService, Options, makeService
from mailstore.interfaces import NewMessage
from mailstore.names import INBOX
from mailstore.spool import Spool
from tests.process import data_folder

LETTERS = [b"Subject: %d\r\n\r\n.\r\n..%b\r\n.end\r\n" % (number, b"\r\n.x" * 50_000 * number) for number in range(3)]
ANYWHERE = "tcp:0:interface=127.0.0.1"


def unverified():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class RealServerCase(TestCase):
    """The service on real sockets of 127.0.0.1, in this process, with ``LETTERS`` in ada's INBOX."""

    timeout = 60

    async def setUp(self):
        data = Path(self.mktemp()).absolute()
        data_folder(data)
        options = Options()
        options.parseOptions(["--data", str(data), "--workers=1", "--pop3", ANYWHERE, "--pop3s", ANYWHERE])
        self.service = makeService(options)
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        self.service.privilegedStartService()
        self.service.startService()
        self.addCleanup(self.service.stopService)
        [mail] = [child for child in self.service if isinstance(child, MailService)]
        store = self.store = mail.store
        account = await store.account((await store.user("ada")).account)
        await (await account.mailbox(INBOX)).append([NewMessage(Spool(letter)) for letter in LETTERS])
        await account.release()
        self.port, self.tls_port = (child.port.getHost().port for child in mail)


class PoplibTest(RealServerCase):
    def plain(self):
        return poplib.POP3("127.0.0.1", self.port, timeout=30)

    def stls(self):
        client = self.plain()
        client.stls(unverified())
        return client

    def tls(self):
        return poplib.POP3_SSL("127.0.0.1", self.tls_port, timeout=30, context=unverified())

    def conversation(self, connect):
        """Take every message and delete one; return what came."""
        client = connect()
        client.user("ada")
        client.pass_("secret")
        numbers = [int(line.split()[0]) for line in client.list()[1]]
        names = [line.split()[1] for line in client.uidl()[1]]
        came = [b"".join(line + b"\r\n" for line in client.retr(number)[1]) for number in numbers]
        assert client.stat() == (len(came), sum(map(len, came)))
        assert client.top(1, 0)[1][0] == came[0].partition(b"\r\n")[0]
        client.dele(1)
        client.quit()
        return came, names

    async def test_every_way_in(self):
        left, names = LETTERS, []
        for connect in (self.plain, self.stls, self.tls):
            came, called = await deferToThread(self.conversation, connect)
            self.assertEqual(came, left)
            self.assertEqual(called, names[1:] or called)
            left, names = left[1:], called
