"""What a row of the command table is, and what commands take."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from attrs import frozen

from imapd.pop3.answers import Ok
from imapd.pop3.errors import Wrong
from imapd.pop3.session import Session, State

AUTHORIZATION: Final = frozenset({State.AUTHORIZATION})
TRANSACTION: Final = frozenset({State.TRANSACTION})
ANY: Final = AUTHORIZATION | TRANSACTION


@frozen
class Verb:
    """A row of the command table.

    Attributes:
        states: where the command may be given.
        parse: reads what stands behind the command's name; `Wrong`.
        run: carries it out; raises `Refused` or an error of the store if it cannot.

    """

    states: frozenset[State]
    parse: Callable[[bytes], Any]
    run: Callable[[Session, Any], Awaitable[Ok]]


def nothing(argument: bytes) -> None:
    """Parse the arguments of a command that has none."""
    if argument.strip():
        raise Wrong("the command takes no arguments")


def text(argument: bytes) -> bytes:
    """Return all that stands behind one space: names and passwords may have spaces."""
    if not argument:
        raise Wrong("the command takes an argument")
    return argument


def words(argument: bytes) -> list[bytes]:
    """Return what is separated by spaces."""
    return argument.split()


def number(argument: bytes) -> int:
    """Return a message's number, or a number of lines: ``1*DIGIT``."""
    digits = argument.strip()
    if not (digits.isdigit() and len(digits) <= _DIGITS):
        raise Wrong("the command takes the number of a message")
    return int(digits)


def optional_number(argument: bytes) -> int | None:
    """Return a message's number, None if there is none."""
    return number(argument) if argument.strip() else None


def two_numbers(argument: bytes) -> tuple[int, int]:
    """Return the number of a message, and one of lines."""
    given = argument.split()
    if len(given) != 2:  # as the name says
        raise Wrong("the command takes the number of a message, and a number of lines")
    return number(given[0]), number(given[1])


_DIGITS: Final = 10
"""As many as the largest number of messages or lines has."""
