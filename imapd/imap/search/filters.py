"""Filters: searches that are kept by name among the metadata of the server (RFC 5466).

A filter is parsed when it is used, and put into the search as if it stood there in parentheses.
"""

from collections.abc import Mapping, Set
from typing import Final

from attrs import evolve

from imapd import limits
from imapd.imap.errors import Bad, CommandError, No
from imapd.imap.session import Session
from imapd.imap.wire.cursor import MAX_DEPTH, Cursor
from imapd.imap.wire.framing import Command, Continue, Framer, Refused
from imapd.imap.wire.searchkey import SearchProgram, search_program
from imapd.imap.wire.searchtree import depth, filters, inserted
from mailstore.annotations import PRIVATE, SHARED, Branches, EntryName

PASSES: Final = 10
"""How often filters in filters are looked for, which may lead round in circles; RFC 5466, 3.1 asks for 3 at least."""
MAX_OCTETS: Final = limits.FRAMING.line
"""Of all filters that are put into a search: with them it is no longer than a client could have written it."""

_VALUES: Final = "/filters/values/"


async def with_filters(session: Session, program: SearchProgram | No) -> SearchProgram | No:
    """Return a program with what its filters search for in their place; a refused program as it is.

    Raises:
        No: there is no such filter, it is no search, or there is too much of them.

    """
    if isinstance(program, No):
        return program
    key, room = program.key, MAX_OCTETS
    for _ in range(PASSES):
        names = list(filters(key))
        if not names:
            break
        values = await _values(session, frozenset(names), room)
        room -= sum(len(values[name]) for name in names)
        if room < 0:
            raise _undefined(names[0])
        key = inserted(key, {name: filter_program(name, value).key for name, value in values.items()})
        if depth(key) > MAX_DEPTH:
            raise _undefined(names[0])
    for name in filters(key):
        raise _undefined(name)
    return evolve(program, key=key)


async def _values(session: Session, names: Set[str], room: int) -> Mapping[str, bytes]:
    """Return the values of filters, private ones before those for everyone; `No` if one is not there, or too large."""
    private = {_entry(PRIVATE, name): name for name in names}
    found = {}
    async for batch in session.account.annotations([None], Branches(frozenset(private)), room):
        for annotation in batch:
            room -= annotation.size
            if annotation.value is None or room < 0:
                raise _undefined(private[annotation.entry])
            found[private[annotation.entry]] = annotation.value
    for name in names - found.keys():
        text = session.config.metadata.get(_entry(SHARED, name))
        if text is None:
            raise _undefined(name)
        found[name] = text.encode()
    return found


def _entry(scope: EntryName, name: str) -> EntryName:
    return EntryName(scope + _VALUES + name)


def filter_name(entry: EntryName) -> str | None:
    """Return the name of the private filter that an entry of the server is; None if it is none."""
    above, _, name = entry.rpartition("/")
    return name if above + "/" == PRIVATE + _VALUES else None


def filter_program(name: str, value: bytes) -> SearchProgram:
    """Return what a filter searches for; its texts are UTF-8.

    Raises:
        No: it is no search.

    """
    try:
        cursor = _cursor(value)
        program = search_program(cursor)
        cursor.end()
    except CommandError as error:
        raise No(f"the filter {name} is no search: {error.text}") from None
    return program


def _cursor(value: bytes) -> Cursor:
    framer = Framer(limits.FRAMING, lambda pieces, announced: None)
    framer.receive(value + b"\r\n")
    match [event for event in iter(framer.next_command, None) if not isinstance(event, Continue)]:
        case [Command(pieces)] if not framer.buffered:
            return Cursor(pieces)
        case [Refused(error=error)]:
            raise error
    raise Bad("a search is one line, but for its literals")


def _undefined(name: str) -> No:
    return No(
        f"the filter {name} is not there, or the search would be too long or too deep with it",
        f"UNDEFINED-FILTER {name}",
    )
