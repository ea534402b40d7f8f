"""The shape of a message: a tree of parts with octet offsets (RFC 2045, RFC 2046)."""

from enum import IntEnum

from attrs import frozen


class Kind(IntEnum):
    """What a part's body is made of."""

    LEAF = 0
    MULTIPART = 1
    MESSAGE = 2
    """message/rfc822 or message/global, not hidden by a transfer encoding"""


@frozen
class Part:
    """One part of a message; every offset is in octets from the first octet of the whole message.

    Attributes:
        kind: what the body is made of.
        header: first octet of the part's own header.
        body: first octet of the body, after the empty line.
        end: after the last octet of the body; the line end before a boundary belongs to the boundary.
        lines: line ends in the body.
        children: the parts of a MULTIPART; of a MESSAGE one, the root of the enclosed message.

    """

    kind: Kind
    header: int
    body: int
    end: int
    lines: int
    children: tuple["Part", ...] = ()
