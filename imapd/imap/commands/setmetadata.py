"""SETMETADATA (RFC 5464, 4.3), with special uses (RFC 6154, 4)."""

from collections.abc import Mapping, Set
from typing import Final

from attrs import frozen

from imapd.doors.turns import in_turns
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.mailboxes.specialuses import supported
from imapd.imap.search.filters import filter_name, filter_program
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.metadata import NOTHING, encode_values, entry_values, subject
from imapd.imap.wire.specialuse import use_attrs
from mailstore.annotations import MAX_VALUE_OCTETS, SPECIAL_USE, EntryName, is_annotation, is_shared
from mailstore.errors import TooBig
from mailstore.model import MailboxName, SpecialUse
from mailstore.names import INBOX

TOO_LARGE: Final = f"METADATA MAXSIZE {MAX_VALUE_OCTETS}"
"""The response code for a value that is too large."""


@frozen
class SetMetadata:
    """What is to be set of a mailbox, or with None of the server; a value that is None is removed."""

    mailbox: MailboxName | None
    values: Mapping[EntryName, bytes | None]


def parse(cursor: Cursor) -> SetMetadata:
    """setmetadata = "SETMETADATA" SP mailbox SP entry-values"""
    cursor.space()
    mailbox = subject(cursor)
    cursor.space()
    values = entry_values(cursor)
    if not all(map(is_annotation, values)):
        raise Bad("an entry has at least two levels, below /private/vendor and /shared/vendor at least four")
    return SetMetadata(mailbox, values)


async def run(session: Session, request: SetMetadata) -> Done:
    """Set and remove, all or none; OK once it is on disk."""
    values = dict(request.values)
    if any(value is not None and len(value) > MAX_VALUE_OCTETS for value in values.values()):
        raise No(f"a value has at most {MAX_VALUE_OCTETS} octets", TOO_LARGE)
    uses = None
    if request.mailbox is None:
        _require_private(values)
        await _require_searches(values)
    elif SPECIAL_USE in values:
        uses = _uses(request.mailbox, values.pop(SPECIAL_USE))
    try:
        annotated = await session.account.annotate(request.mailbox, values, uses)
    except TooBig as error:
        raise No(str(error), "METADATA TOOMANY") from None
    session.own(annotated.modseq)
    if annotated.displaced is not None:
        session.send(encode_values(session.spell_mailbox(annotated.displaced), [(SPECIAL_USE, None)], NOTHING))
    return Done("SETMETADATA completed")


def _require_private(values: Mapping[EntryName, object]) -> None:
    """Make sure that nothing is set which all users would see; `No`."""
    if any(map(is_shared, values)):
        raise No("what the server says to everyone is set by its administrator", "NOPERM")


async def _require_searches(values: Mapping[EntryName, bytes | None]) -> None:
    """Make sure that filters are searches (RFC 5466, 3.2); `No`."""
    async for entry, value in in_turns(values.items()):
        if (name := filter_name(entry)) is not None and value is not None:
            filter_program(name, value)


def _uses(mailbox: MailboxName, value: bytes | None) -> Set[SpecialUse]:
    """Return the special use that a mailbox is to have; `No` if it cannot have it."""
    use = supported(frozenset(use_attrs(value or b"")))
    if use is not None and mailbox == INBOX:
        raise No("INBOX has a use of its own", "USEATTR")
    return frozenset() if use is None else {use}
