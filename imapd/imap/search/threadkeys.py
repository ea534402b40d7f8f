"""What THREAD compares, made of a message once and kept beside it (RFC 5256, 3)."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

from imapd.imap.search.sortkeys import sent_date, subject_key
from mailstore.mime import Header, Message
from mailstore.mime.lexical import unquote

NO_SUBJECT: Final = 0
"""Stands for a base subject that is empty."""
NO_ID: Final = 0
"""Stands for a Message ID that is not there."""
MAX_REFERENCES: Final = 100
"""The nearest ones: a longer thread hangs together by those that each message has in common with the next."""

_MSG_ID: Final = re.compile(rb'<(?:"([^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*)"(?=@))?([^<>\s]++)>').findall
_HASH: Final = 1 << 63
"""Set in the hash of every Message ID, so that smaller numbers can stand for messages that have none."""
_HEAD: Final = Struct(">qB")


class ThreadKeys(NamedTuple):
    """What is compared for equality only is a hash of 64 bits.

    Attributes:
        sent: seconds since 1970 UTC, or `sortkeys.NO_DATE`.
        is_reply: whether the subject says so, or that it is a forward.
        subject: the base subject, folded; `NO_SUBJECT` if it is empty.
        message_id: its own, or `NO_ID`.
        references: Message IDs of the messages above, the parent last.

    """

    sent: int
    is_reply: bool
    subject: int
    message_id: int
    references: Sequence[int]


def pack(message: Message) -> bytes:
    """Return a message's keys: 25 octets and eight for each reference."""
    header = message.header(message.root)
    key, is_reply = message.once(subject_key)
    own = _ids(header, b"message-id")[:1] or [NO_ID]
    hashes = [_hash(key) if key else NO_SUBJECT, *own, *_references(header)]
    return _HEAD.pack(sent_date(message), is_reply) + Struct(f">{len(hashes)}Q").pack(*hashes)


def unpack(octets: bytes) -> ThreadKeys:
    """Return the keys that were packed."""
    sent, is_reply = _HEAD.unpack_from(octets)
    count = (len(octets) - _HEAD.size) // 8
    subject, own, *references = Struct(f">{count}Q").unpack_from(octets, _HEAD.size)
    return ThreadKeys(sent, bool(is_reply), subject, own, references)


def _references(header: Header) -> list[int]:
    """Return the references of a message: those of References or, if it has none, the first of In-Reply-To."""
    return _ids(header, b"references")[-MAX_REFERENCES:] or _ids(header, b"in-reply-to")[:1]


def _ids(header: Header, name: bytes) -> list[int]:
    """Return the Message IDs in a field; quoted or not, an id is the same."""
    found = _MSG_ID(header.get(name) or b"")
    return [_hash(unquote(quoted) + rest) | _HASH for quoted, rest in found]


def _hash(octets: bytes) -> int:
    return int.from_bytes(blake2b(octets, digest_size=8).digest(), "big")
