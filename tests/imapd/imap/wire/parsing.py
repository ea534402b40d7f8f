"""What the tests of the grammar share: a command's octets, framed, for one rule to read."""

from collections.abc import Callable
from typing import TypeVar

from imapd.imap.errors import CommandError
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.framing import Command, Continue, Framer, Refused
from imapd.limits import FRAMING

T = TypeVar("T")

Event = Command | Continue | Refused


def events(framer: Framer) -> list[Event]:
    """Return everything that the framer gives for what it has received."""
    return list(iter(framer.next_command, None))


def cursor(octets: bytes, *, utf8: bool = False) -> Cursor:
    """Return a cursor before `octets`, which end a command; with `utf8` of a client that has enabled it."""
    framer = Framer(FRAMING, lambda pieces, announced: None)
    framer.receive(b" " + octets + b"\r\n")  # a literal may stand behind the space
    [command] = [event for event in events(framer) if not isinstance(event, Continue)]
    assert isinstance(command, Command), command
    at = Cursor(command.pieces, utf8=utf8)
    at.space()
    return at


def parse(rule: Callable[[Cursor], T], octets: bytes, *, utf8: bool = False) -> T:
    """Return what `rule` reads from all of `octets`."""
    at = cursor(octets, utf8=utf8)
    value = rule(at)
    at.end()
    return value


def refusal(rule: Callable[[Cursor], object], octets: bytes, *, utf8: bool = False) -> str:
    """Return with what text `rule` refuses `octets`; fail if it takes them."""
    try:
        value = parse(rule, octets, utf8=utf8)
    except CommandError as error:
        return error.text
    raise AssertionError(f"{octets!r} was taken as {value!r}")
