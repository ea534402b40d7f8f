"""ID (RFC 2971)."""

from typing import Final

from attrs import frozen

from imapd import __version__
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.journal import journal
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor

MAX_PAIRS: Final = 30
"""RFC 2971, 3.3."""

_ANSWER: Final = b'* ID ("name" "imapd" "version" "%b")\r\n' % __version__.encode()


@frozen
class Id:
    """What the client says of itself."""

    pairs: tuple[tuple[bytes, bytes | None], ...]


def parse(cursor: Cursor) -> Id:
    """id = "ID" SP id_params_list; id_params_list = "(" #(string SP nstring) ")" / nil  (RFC 2971, 4)

    Spaces just inside the parentheses are let pass: there are clients that send them.
    """
    cursor.space()
    if cursor.take(b"NIL"):
        return Id(())
    cursor.expect(b"(")
    cursor.take(b" ")
    pairs = []
    while not cursor.take(b")"):
        name = cursor.string()
        cursor.space()
        pairs.append((name, cursor.nstring()))
        if len(pairs) > MAX_PAIRS:
            raise Bad(f"ID takes at most {MAX_PAIRS} pairs")
        if cursor.peek() != b")":
            cursor.space()
    return Id(tuple(pairs))


async def run(session: Session, request: Id) -> Done:
    """Answer with name and version; what the client says first is noted in the log."""
    if session.user is not None and not session.introduced:
        session.introduced = True
        said = b" ".join(value for _, value in request.pairs[:2] if value)
        journal.client(session.user, said.decode("utf-8", "replace"))
    session.send(_ANSWER)
    return Done("ID completed")
