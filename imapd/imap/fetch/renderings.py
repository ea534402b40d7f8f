"""What the IMAP door lets the store keep beside each message, in IMAP's own spelling."""

from functools import partial
from typing import Final

from imapd.imap.fetch import surrogates
from imapd.imap.search import sortkeys, threadkeys
from imapd.imap.wire import structure
from imapd.imap.wire.encode import is_literal, is_parenthesized, literal, string
from mailstore.mime import Message, select_fields
from mailstore.mime.preview import preview
from mailstore.renderings import Rendering

ENVELOPE: Final = Rendering("imap.envelope", 1, structure.envelope, sound=is_parenthesized)
BODY: Final = Rendering("imap.body", 1, structure.body, sound=is_parenthesized)
BODYSTRUCTURE: Final = Rendering("imap.bodystructure", 1, structure.bodystructure, sound=is_parenthesized)
REV2_BODIES: Final = Rendering("imap.rev2bodies", 1, structure.rev2_bodies)
SURROGATE: Final = Rendering("imap.surrogate", 1, surrogates.pack)
SORT_KEYS: Final = Rendering("imap.sortkeys", 1, sortkeys.pack)
PREVIEW: Final = Rendering("imap.preview", 1, lambda message: string(preview(message).encode("utf-8", "replace")))
THREAD_KEYS: Final = Rendering("imap.threadkeys", 1, threadkeys.pack)


HEADER: Final = Rendering(
    "imap.header", 1, lambda message: message.octets[message.root.header : message.root.body], late=True
)
"""The message's own header, from which any ``BODY[HEADER.FIELDS (...)]`` is cut."""


def _fields(names: frozenset[bytes], message: Message) -> bytes:
    header, root = message.header(message.root), message.root
    if len(header.octets) == root.body - root.header:
        return literal(header.select(names))
    return literal(select_fields(message.octets[root.header : root.body], names))


def _header_list(client: str, names: bytes) -> tuple[frozenset[bytes], Rendering]:
    fields = frozenset(names.lower().split())
    return fields, Rendering(f"imap.headers.{client}", 2, partial(_fields, fields), sound=is_literal)


HEADER_LISTS: Final[dict[frozenset[bytes], Rendering]] = dict(
    [
        _header_list(
            "thunderbird",
            b"From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To"
            b" Content-Type Reply-To Received",
        ),
    ]
)
"""What ``BODY[HEADER.FIELDS (...)]`` says, a literal, of just the fields that a common client asks of every message."""


def header_list(names: frozenset[bytes]) -> Rendering | None:
    """Return the shortest kept list that has all the fields of `names` (lower case).

    Fields chosen from chosen fields are the same as those chosen from the header, the empty line at its end included.
    """
    having = [fields for fields in HEADER_LISTS if names <= fields]
    return HEADER_LISTS[min(having, key=len)] if having else None


RENDERINGS: Final = (
    *(ENVELOPE, BODY, BODYSTRUCTURE, REV2_BODIES, PREVIEW, SORT_KEYS, THREAD_KEYS, HEADER),
    *HEADER_LISTS.values(),
)
"""What is kept whatever the settings are."""


def kept(*, ascii_headers: bool) -> tuple[Rendering, ...]:
    """Return what is kept with this setting; what nobody would read is not made."""
    return (*RENDERINGS, SURROGATE) if ascii_headers else RENDERINGS
