"""What a row of the command table is, and how a command ends well."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from attrs import frozen

from imapd.imap.incoming.uploading import Upload
from imapd.imap.session import Session, State
from imapd.imap.wire.cursor import Cursor


@frozen
class Done:
    """A command ended well.

    Attributes:
        text: for people.
        code: a response code without its brackets (RFC 3501, 7.1).
        long_code: one in its place that may be as long as there are messages, in pieces.
        then: what is done once the tagged line is written, such as starting TLS.

    """

    text: str
    code: str | None = None
    long_code: Iterable[bytes] | None = None
    then: Callable[[], None] | None = None


NOT_AUTHENTICATED: Final = (State.NOT_AUTHENTICATED,)
AUTHENTICATED: Final = (State.AUTHENTICATED, State.SELECTED)
SELECTED: Final = (State.SELECTED,)
ANY: Final = (State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED)


@frozen
class Verb:
    """A row of the command table.

    Attributes:
        name: in capitals, with ``UID `` where it is part of the command.
        states: where the command may be given.
        parse: reads the arguments into a request; `Bad` if they break the grammar.
        run: carries out the request; raises `No`, `Bad` or an error of the store if it cannot.
        by_number: whether it names messages by sequence numbers, or answers with them.
        tells_expunges: whether EXPUNGE may be told while this command is in progress (RFC 3501, 7.4.1).
        before_messages: reads the arguments before messages, whose literals are spooled, and returns what they say of
            them; None if the command takes no messages.
        too_large: the response code that refuses a literal too large to be held in memory; None for the usual one.

    """

    name: bytes
    states: tuple[State, ...]
    parse: Callable[[Cursor], Any]
    run: Callable[[Session, Any], Awaitable[Done]]
    by_number: bool = False
    tells_expunges: bool = True
    before_messages: Callable[[Cursor], Upload] | None = None
    too_large: str | None = None


def no_arguments(_: Cursor) -> None:
    """Parse the arguments of a command that has none."""
