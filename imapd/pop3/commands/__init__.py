"""Every command that there is: one row each; and when it may be given."""

from typing import Final

from imapd.pop3.commands import connection, login, messages
from imapd.pop3.commands.verb import (
    ANY,
    AUTHORIZATION,
    TRANSACTION,
    Verb,
    nothing,
    number,
    optional_number,
    text,
    two_numbers,
    words,
)
from imapd.pop3.errors import Wrong
from imapd.pop3.session import State

COMMANDS: Final[dict[bytes, Verb]] = {
    b"CAPA": Verb(ANY, nothing, connection.capa),
    b"STLS": Verb(AUTHORIZATION, nothing, connection.stls),
    b"UTF8": Verb(AUTHORIZATION, nothing, connection.utf8),
    b"LANG": Verb(ANY, words, connection.lang),
    b"USER": Verb(AUTHORIZATION, text, login.user),
    b"PASS": Verb(AUTHORIZATION, text, login.password),
    b"AUTH": Verb(AUTHORIZATION, words, login.authenticate),
    b"STAT": Verb(TRANSACTION, nothing, messages.stat),
    b"LIST": Verb(TRANSACTION, optional_number, messages.list_),
    b"UIDL": Verb(TRANSACTION, optional_number, messages.uidl),
    b"RETR": Verb(TRANSACTION, number, messages.retr),
    b"TOP": Verb(TRANSACTION, two_numbers, messages.top),
    b"DELE": Verb(TRANSACTION, number, messages.dele),
    b"RSET": Verb(TRANSACTION, nothing, messages.rset),
    b"NOOP": Verb(TRANSACTION, nothing, connection.noop),
    b"QUIT": Verb(ANY, nothing, connection.quit_),
}


def look_up(name: bytes, state: State) -> Verb:
    """Return the command of this name in capitals; `Wrong` if there is none, or not in this state."""
    verb = COMMANDS.get(name)
    if verb is None:
        raise Wrong("there is no such command")
    if state not in verb.states:
        raise Wrong("log in first" if state is State.AUTHORIZATION else "the command comes before the login")
    return verb
