"""A client that says anything, and holds the server to its side of the protocol whatever that was."""

from collections import deque
from collections.abc import Iterator
from random import Random

from twisted.internet import reactor
from twisted.internet.task import deferLater

from tests.fuzz.babble import LARGEST
from tests.fuzz.seeds import Example
from tests.fuzz.spoken import chunks, in_one_turn, turns
from tests.strict_imap import NotIMAP
from tests.strict_responses import Reader

ENDS = {b"LOGOUT", b"COMPRESS"}
"""Verbs behind which the connection is another or gone: nothing is pipelined behind them."""
ALONE = {*ENDS, b"STARTTLS", b"AUTHENTICATE", b"IDLE"}
"""Verbs that are never pipelined; those that are found to go on with a conversation are added."""
ANSWERS = (b"DONE", b"DONE", b"done ", b"*", b"", b"AGFkYQBzZWNyZXQ=", b"YQ==", b"no base64", b"x" * 5000)
"""What is said where the server asks for something."""

_LOGIN = (b"LOGIN", b"ada secret")
BEGINNINGS = (
    (),
    (_LOGIN,),
    *[(_LOGIN, (b"SELECT", b"INBOX"))] * 4,
    (_LOGIN, (b"ENABLE", b"QRESYNC IMAP4rev2 UTF8=ACCEPT"), (b"SELECT", b"INBOX")),
    ((b"LOGIN", b"bob secret"), (b"EXAMINE", b"INBOX")),
)


class Fault(Exception):
    """The server did what it must not do."""


class Talker:
    """One connection after the other."""

    def __init__(self, server, random: Random, number: int) -> None:
        self._server = server
        self._random = random
        self.said: deque[str] = deque(maxlen=40)
        """What was said and heard last, on this connection."""
        self._number = number
        self._tags = 0

    async def connect(self) -> None:
        """Begin a connection; most log in, and many select a mailbox."""
        self.said.clear()
        self._client = self._server.connect(room=self._random.choice((None, None, 5000)))
        self._reader = Reader()
        self._messages: int | None = None
        self._waiting: deque[tuple[bytes, bytes]] = deque()
        await self._hear()
        for verb, rest in self._random.choice(BEGINNINGS):
            await self.say(Example(verb, (b" ", rest)))

    @property
    def state(self):
        """The state of the connection, as the server has it."""
        return self._client.connection.session.state

    async def leave(self) -> None:
        """End the connection without a word."""
        await self._client.gone()

    # Saying

    async def say(self, example: Example) -> None:
        """Say one command, wait where that must be, and hear it out."""
        tag = self._expect(example.verb)
        for turn in turns(tag, example):
            self._send(turn)
            await self._turn_of_others()
            if not await self._heard_out(stop_at_request=True):
                break
        while self._waiting:
            ALONE.add(example.verb.upper())
            self._send(self._random.choice(ANSWERS) + b"\r\n")
            await self._heard_out(stop_at_request=True)
        await self._see_off(example.verb.upper())

    async def say_together(self, examples: list[Example]) -> None:
        """Say some commands without waiting for any answer, cut anywhere."""
        octets = b"".join(in_one_turn(self._expect(example.verb), example) for example in examples)
        for chunk in self._cut(octets):
            self._send(chunk)
            if self._random.random() < 0.1:
                await self._turn_of_others()
        await self._heard_out(stop_at_request=False)
        await self._see_off(examples[-1].verb.upper())

    async def say_anything(self, octets: bytes) -> None:
        """Say what is no command, and find the stream in step again behind as much as an open literal could take."""
        self._messages = None
        for chunk in self._cut(octets + b"\r\n"):
            self._send(chunk)
        self._send(b"x NOOP\r\n" * (LARGEST // 8 + 10) + b"last NOOP\r\n")
        while (await self._hear())[0] != b"last":
            pass
        if b"last OK " not in self._last:
            raise Fault("the stream is out of step")
        self._messages = None

    def _cut(self, octets: bytes) -> Iterator[bytes]:
        return chunks(octets, iter(lambda: self._random.choice((1, 2, 10, 100, 5000, 1 << 20)), 0))

    def _expect(self, verb: bytes) -> bytes:
        self._tags += 1
        tag = b"t%d" % self._tags
        self._waiting.append((tag, verb.upper()))
        return tag

    def _send(self, octets: bytes) -> None:
        self.said.append(f"{self._number}C {octets[:2000]!r}")
        self._client.send(octets)

    async def _turn_of_others(self) -> None:
        if self._random.random() < 0.3:
            await deferLater(reactor, 0)

    # Hearing

    async def _heard_out(self, *, stop_at_request: bool) -> bool:
        """Hear until every command was answered; return whether it stopped because the server asks for more."""
        while self._waiting:
            tag, kind = await self._hear()
            if tag == b"+":
                if stop_at_request:
                    return True
                raise Fault("the server asks for something, though nothing was announced")
            if tag == b"*":
                self._observe(kind)
            elif tag != self._waiting[0][0]:
                raise Fault(f"{tag!r} is answered, but it was the turn of {self._waiting[0]}")
            else:
                self._ended(kind, self._waiting.popleft()[1])
        return False

    async def _hear(self) -> tuple[bytes, bytes]:
        octets = await self._client.response()
        if not octets.startswith(b"x "):
            self.said.append(f"{self._number}S {octets[:2000]!r}")
        self._last = octets
        try:
            found = self._reader.check(octets)
        except NotIMAP as error:
            raise Fault(f"what the server says is not IMAP: {error}") from None
        if b"[SERVERBUG]" in octets:
            raise Fault("an internal error")
        if found == (b"*", b"BYE") and not any(verb in ENDS for _, verb in self._waiting):
            raise Fault("the server ends the connection")
        return found

    def _observe(self, kind: bytes) -> None:
        """Hold the server to the numbers that it has told (RFC 3501, 7.3.1 and 7.4.1)."""
        if kind == b"VANISHED" and b"(EARLIER)" not in self._last:
            self._messages = None
        if kind not in {b"EXISTS", b"EXPUNGE", b"FETCH"}:
            return
        number = int(self._last.split()[1])
        if kind == b"EXISTS":
            selecting = self._waiting and self._waiting[0][1] in {b"SELECT", b"EXAMINE"}
            if self._messages is not None and number < self._messages and not selecting:
                raise Fault(f"{number} EXISTS, though it were {self._messages}")
            self._messages = number
        elif self._messages is not None:
            if not 1 <= number <= self._messages:
                raise Fault(f"there is no message {number}, but {self._messages}")
            self._messages -= kind == b"EXPUNGE"

    def _ended(self, kind: bytes, verb: bytes) -> None:
        if verb in {b"CLOSE", b"UNSELECT", b"UNAUTHENTICATE"} and kind == b"OK":
            self._messages = None
        if verb in {b"SELECT", b"EXAMINE"} and kind != b"OK":
            self._messages = None

    async def _see_off(self, verb: bytes) -> None:
        """Begin anew behind what ends the connection, or changes how it speaks."""
        if verb in ENDS and b" OK " in self._last[:20]:
            if verb != b"LOGOUT":
                await self.leave()
            await self._client.ended()
            await self.connect()

