"""Which octets of a message a ``BODY[...]`` section names (RFC 3501, 6.4.5)."""

from typing import NamedTuple

from imapd.imap.wire.fetchatt import Section, SectionText
from mailstore.interfaces import IStoredMessage
from mailstore.mime import Kind, Part, select_fields


class Span(NamedTuple):
    """A run of a message's octets, from `start` up to `stop`."""

    start: int
    stop: int


async def find(message: IStoredMessage, section: Section) -> Span | bytes | None:
    """Return where in `message` the octets are that `section` names; of single fields the octets themselves.

    None if the message has no such part.
    """
    if section.text is SectionText.WHOLE and not section.path:
        return cut(Span(0, message.size), section.partial)
    span = locate(await message.root(), section)
    if span is None:
        return None
    if section.text not in _OF_FIELDS:
        return cut(span, section.partial)
    names = frozenset(name.lower() for name in section.fields)
    negate = section.text is SectionText.HEADER_FIELDS_NOT
    octets = select_fields(await message.read(span.start, span.stop), names, negate=negate)
    wanted = cut(Span(0, len(octets)), section.partial)
    return octets[wanted.start : wanted.stop]


_OF_FIELDS = frozenset({SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT})


def locate(root: Part, section: Section) -> Span | None:
    """Return the octets that `section` is cut from; None if the message has no such part.

    For ``HEADER.FIELDS`` that is the header whose fields are then selected; partials are not applied.
    """
    part = find_part(root, section.path)
    if part is None:
        return None
    match section.text:
        case SectionText.WHOLE:
            return Span(part.body if section.path else part.header, part.end)
        case SectionText.MIME:
            return Span(part.header, part.body)
    message = _message(part) if section.path else part
    if message is None:
        return None
    if section.text is SectionText.TEXT:
        return Span(message.body, message.end)
    return Span(message.header, message.body)


def cut(span: Span, partial: tuple[int, int] | None) -> Span:
    """Return what is left of `span` of a partial: its first octet, counted from 0, and its number of octets."""
    if partial is None:
        return span
    origin, count = partial
    start = min(span.start + origin, span.stop)
    return Span(start, min(start + count, span.stop))


def find_part(root: Part, path: tuple[int, ...]) -> Part | None:
    """Return the part of these numbers, None if there is none.

    A multipart's children are numbered, anything else is its own part 1.
    """
    part = root
    for depth, number in enumerate(path):
        container = _message(part) if depth and part.kind is Kind.MESSAGE else part
        if container is None:
            return None
        if container.kind is Kind.MULTIPART:
            if number > len(container.children):
                return None
            part = container.children[number - 1]
        elif number == 1 and (depth == 0 or part.kind is Kind.MESSAGE):
            part = container
        else:
            return None
    return part


def _message(part: Part) -> Part | None:
    """Return the message enclosed in a message/rfc822 part; HEADER and TEXT of a part name nothing else."""
    return part.children[0] if part.kind is Kind.MESSAGE else None
