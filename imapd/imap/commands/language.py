"""LANGUAGE (RFC 5255, 3)."""

from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.session import Session
from imapd.imap.wire import encode
from imapd.imap.wire.cursor import Cursor
from imapd.languages import LANGUAGES, chosen

MAX_RANGES: Final = 50
"""Of one command: people read a few languages."""


@frozen
class Language:
    """The languages that the client wants, the best first; none to hear which there are."""

    ranges: tuple[str, ...]


def parse(cursor: Cursor) -> Language:
    """language-cmd = "LANGUAGE" *(SP lang-range-quoted); lang-range-quoted = astring"""
    ranges: list[str] = []
    while not cursor.at_end:
        cursor.space()
        ranges.append(cursor.astring().decode("ascii", "replace"))
        if len(ranges) > MAX_RANGES:
            raise Bad(f"LANGUAGE takes at most {MAX_RANGES} languages")
    return Language(tuple(ranges))


async def run(session: Session, request: Language) -> Done:
    """Speak the first of the languages that there is, or name those that there are."""
    if not request.ranges:
        _send(session, *LANGUAGES)
        return Done("LANGUAGE completed: these are spoken")
    language = chosen(request.ranges)
    if language is None:
        raise No("none of these languages is spoken; LANGUAGE alone names those that are")
    session.language = language
    _send(session, language.tag)
    return Done("LANGUAGE completed: it is spoken from here on")


def _send(session: Session, *tags: str) -> None:
    """language-data = "LANGUAGE" SP "(" lang-tag-quoted *(SP lang-tag-quoted) ")" """
    session.send(b"* LANGUAGE (%b)\r\n" % b" ".join(encode.astring(tag.encode("ascii")) for tag in tags))
