"""What SEARCH looks in, decoded but not folded (RFC 3501, 6.4.4)."""

from collections.abc import Callable, Iterator

from mailstore.mime.body import decode_body
from mailstore.mime.decode import decode_header
from mailstore.mime.headers import Header
from mailstore.mime.message import Message
from mailstore.mime.parameters import TEXT_PLAIN
from mailstore.mime.part import Kind, Part


def header_text(message: Message) -> list[tuple[str, str]]:
    """Return name, in lower case, and decoded value of each field of the message's own header, in order.

    Values are unfolded: a fold counts as the white space that it begins with.  A line that is no field has no name.
    """
    return _fields(message.header(message.root))


def field_text(header: Header, is_meant: Callable[[str], bool]) -> list[str]:
    """Return the decoded values of those fields of a header, as `header_text` gives them, whose names are meant."""
    return [decode_header(field.value) for field in header if is_meant(field.name.decode("latin-1"))]


def body_text(message: Message) -> Iterator[str]:
    """Yield the text of the body in pieces; what is sought may begin in one and end in the next.

    It is made of the text parts, transfer encoding and charset decoded, HTML with its markup; of the parts' own
    headers and those of enclosed messages, as ``name: value`` lines; and of status reports.  Line ends are left as
    they are, and flowed lines are not joined.  Other parts, the preamble and what follows the last part are left out;
    a multipart without any part counts as text.
    """
    return _text(message, message.root)


def _fields(header: Header) -> list[tuple[str, str]]:
    return [(field.name.decode("latin-1"), decode_header(field.value)) for field in header]


def _text(message: Message, part: Part) -> Iterator[str]:
    """Yield the text of a part without its header."""
    for child in part.children:
        yield "".join(f"{name}: {value}\r\n" for name, value in _fields(message.header(child)))
        yield "\r\n"
        yield from _text(message, child)
        yield "\r\n"
    if not part.children and _is_text(message.header(part), part.kind):
        yield from decode_body(message.octets, part, message.header(part))


def _is_text(header: Header, kind: Kind) -> bool:
    """Tell whether a part without children is text.

    Of the messages, those are reports, or are encoded; of the multiparts, what lies deeper than parts are told apart.
    """
    media = header.content_type or TEXT_PLAIN
    return kind is Kind.MULTIPART or media.type.lower() in (b"text", b"message", b"multipart")
