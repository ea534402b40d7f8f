"""Every file under this folder that ends with ``.txt`` is a test: see the package's docstring for its grammar."""

import re
from collections import defaultdict
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from imapd import sizes
from mailstore.model import OwnQuota
from tests.imapd.imap.harness import Server
from tests.strict_imap import NotIMAP
from tests.strict_responses import Reader

HERE = Path(__file__).parent

_LINE = re.compile(
    r"(?P<who>\d+)(?P<how>C[:+!]|S[:~!])(?: (?P<text>.*))?"
    r"|(?P<other>\d+)(?: (?P<known>\w+))? by (?P<door>\w+)"
    r"|(?P<client>\d+) (?P<user>\w+)(?: (?P<selects>\S+))?"
    r"|setting (?P<setting>\w+) (?P<value>.+)"
    r"|server (?P<entry>/\S+) (?P<says>.+)"
    r"|given (?P<mailbox>\S+) (?P<messages>.+)"
    r"|quota (?P<octets>\S+) (?P<count>\S+)"
    r"|clock (?P<seconds>[\d.]+)"
    r"|#.*|"
)
_GIVEN = re.compile(r"([^*]+)(?:\*(\d+))?")
_OCTETS = re.compile(rb"<(CRLF|CR|LF|NUL|x[0-9A-F]{2})>")
_NAMED = {b"CRLF": b"\r\n", b"CR": b"\r", b"LF": b"\n", b"NUL": b"\0"}
_ANYTHING = re.compile(rb"<\*(\w*)>")
_RECALLED = re.compile(r"<=(\w+)>")
_MESSAGE = re.compile(rb"<@(\w+)>")
_LITERAL = re.compile(rb"\{\{(.*?)\}\}", re.DOTALL)


def message(name):
    """Return a message of ``messages/``."""
    return (HERE / "messages" / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")


def _given(text):
    """Return the messages that are given; ``plain*7`` stands for seven."""
    found = (_GIVEN.fullmatch(word) for word in text.split())
    return [octets for name, times in (each.groups() for each in found) for octets in [message(name)] * int(times or 1)]


def _octets(text, mark):
    """Return `text` with what stands for octets replaced; `mark` ends the announcement of a literal."""

    def literal(found):
        octets = message(found[1][1:].decode()) if found[1].startswith(b"@") else found[1]
        return b"{%d%b}\r\n%b" % (len(octets), mark, octets)

    named = _OCTETS.sub(lambda found: _NAMED.get(found[1]) or bytes.fromhex(found[1][1:].decode()), text.encode())
    return _MESSAGE.sub(lambda found: message(found[1].decode()), _LITERAL.sub(literal, named))


def _pattern(text):
    """Return the expression for a response; what stands for ``<*name>`` is a group of that name."""
    literals = _ANYTHING.split(_octets(text, b""))
    names = _ANYTHING.findall(_octets(text, b""))
    groups = [b"(?P<%b>.*)" % name if name else b".*" for name in names]
    return b"".join(re.escape(literal) + group for literal, group in zip(literals[::2], [*groups, b""], strict=True))


def _setting(text):
    """Return a setting's value: a truth, a number, or a text."""
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


class Play:
    """One transcript being played."""

    def __init__(self, server):
        self.server = server
        self.clients = {}
        self.readers = defaultdict(Reader)
        self.noted = {}
        self.by_lines = set()

    async def step(self, line):
        found = _LINE.fullmatch(line)
        assert found is not None, "not a line of a transcript"
        if found["who"]:
            await self._say_or_hear(found["who"], found["how"], found["text"] or "")
        elif found["other"]:
            client = self.clients[found["other"]] = self.server.connect(door=getattr(self.server, found["door"]))
            self.by_lines.add(client)
            await client.line()
            for command in ("USER " + found["known"], "PASS secret") if found["known"] else ():
                client.send(command.encode() + b"\r\n")
                assert (await client.line()).startswith(b"+OK")
        elif found["client"]:
            client = self.clients[found["client"]] = self.server.connect()
            await client.login(found["user"], found["selects"])
        elif found["mailbox"]:
            await self.server.deliver("ada", found["mailbox"], *_given(found["messages"]))
        elif found["octets"]:
            quota = OwnQuota(sizes.octets(found["octets"]), sizes.count(found["count"]))
            await self.server.store.set_quota("ada", quota)
        elif found["seconds"]:
            self.server.clock.advance(float(found["seconds"]))

    async def _say_or_hear(self, who, how, text):
        if who not in self.clients:
            self.clients[who] = self.server.connect()
            if how[0] == "C":
                await self.clients[who].line()
        client = self.clients[who]
        text = _RECALLED.sub(lambda found: self.noted[found[1]].decode(), text)
        match how:
            case "C:":
                client.send(_octets(text, b"+") + b"\r\n")
            case "C+":
                client.send(_octets(text, b"+"))
            case "C!":
                await client.gone()
            case "S:":
                got = await self._heard(client)
                found = re.fullmatch(_pattern(text), got, re.DOTALL)
                assert found, f"got {got!r}"
                self.noted |= found.groupdict()
            case "S~":
                got = client.taken()
                assert not got, f"got {got!r}"
            case "S!":
                await client.ended()
                assert not client.taken()

    async def _heard(self, client):
        """Return the next response."""
        if client in self.by_lines:
            return await client.line()
        got = await client.response()
        self._check(client, got)
        return got

    def _check(self, client, response):
        """Make sure that what the server says has no fault of grammar, whatever it says."""
        try:
            self.readers[client].check(response)
        except NotIMAP as error:
            raise AssertionError(f"got {response!r}, which is not IMAP: {error}") from None


class TranscriptTest(TestCase):
    """One method for each file."""

    timeout = 60

    def _play(self, path):
        return Deferred.fromCoroutine(self._played(path))

    async def _played(self, path):
        lines = path.read_text().splitlines()
        found = [match for match in map(_LINE.fullmatch, lines) if match]
        settings = {line["setting"]: _setting(line["value"]) for line in found if line["setting"]}
        settings["metadata"] = {line["entry"]: line["says"] for line in found if line["entry"]}
        server = await Server(self.mktemp()).start(**settings)
        play = Play(server)
        try:
            for number, line in enumerate(lines, 1):
                try:
                    await play.step(line)
                except AssertionError as error:
                    raise AssertionError(f"{path.relative_to(HERE)}:{number}: {line}\n{error}") from None
        finally:
            await server.stop()


def _add(path):
    def test(self):
        return self._play(path)

    name = re.sub(r"\W", "_", path.relative_to(HERE).with_suffix("").as_posix())
    test.__name__ = f"test_{name}"
    test.__doc__ = path.read_text().partition("\n")[0].removeprefix("# ")
    setattr(TranscriptTest, test.__name__, test)


for _path in sorted(HERE.rglob("*.txt")):
    _add(_path)
