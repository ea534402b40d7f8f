"""A POP3 door on a real store, and clients that talk to it."""

from tests.imapd.imap.harness import Client, patience
from tests.imapd.imap.test_connection import ConnectionTestCase

LETTER = b"From: ada@example.org\r\nSubject: one\r\n\r\nhello\r\n"


class Pop3Client(Client):
    """One client's end."""

    async def answer(self):
        """Return the first line of an answer."""
        line = await self.line()
        assert line.startswith((b"+OK", b"-ERR")), line
        return line

    async def body(self):
        """Return the lines of a multi-line answer behind its first one, as they are."""
        lines = []
        while (line := await self.line()) != b".":
            lines.append(line)
        return lines

    async def says(self, command):
        """Send a command; return the first line of its answer."""
        self.send(command + b"\r\n")
        return await self.answer()

    async def succeeds(self, command):
        """Send a command that must be answered +OK; return the answer."""
        line = await self.says(command)
        assert line.startswith(b"+OK"), line
        return line

    async def lists(self, command):
        """Send a command that has a multi-line answer; return its lines."""
        await self.succeeds(command)
        return await self.body()

    async def retrieved(self, number):
        """Return a message, its dots unstuffed as RFC 1939, 3 has it."""
        lines = await self.lists(b"RETR %d" % number)
        return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)

    async def login(self, user="ada"):
        """Take the greeting and log in."""
        await self.answer()
        await self.succeeds(b"USER " + user.encode())
        await self.succeeds(b"PASS secret")
        return self


class Pop3Case(ConnectionTestCase):
    """A server for each test, with two doors."""

    async def start(self, **settings):
        await super().start(**settings)
        self.door = self.server.pop3

    def connect(self, host="127.0.0.1", room=None):
        """Return a new client of POP3."""
        return Pop3Client(self.door, host, room)

    async def empty(self):
        """Return once no connection is left, nor a command of one."""
        waits = patience()
        while self.door._connections:
            await waits("end", self.door._connections)

    async def deliver(self, *messages):
        """Put messages into ada's INBOX."""
        await self.server.deliver("ada", "INBOX", *messages)
