"""Lines of the protocol <-> values, sans-IO: words with tabs between them."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from imapd.doors.peers import LOCAL

VERSION: Final = (1, 2)
MAX_OCTETS: Final = 16 << 10
"""Of one line: a SASL response of some kilobytes, in base64, is far below."""

_ESCAPED: Final = {b"\x01": b"\x011", b"\t": b"\x01t", b"\r": b"\x01r", b"\n": b"\x01n", b"\0": b"\x010"}


class BadLine(ValueError):
    """A line that nobody can answer."""


class BadResponse(ValueError):
    """What a sender said is in no base64; the agent only passed it on."""


@frozen
class Request:
    """``AUTH id mechanism parameters``

    Attributes:
        id: the client's number, which every answer has.
        mechanism: in capitals.
        parameters: by name; empty for those that are only there.
        response: the initial response in base64, as the sender said it; None if there is none.

    """

    id: bytes
    mechanism: bytes
    parameters: Mapping[bytes, bytes]
    response: bytes | None

    @property
    def host(self) -> str:
        """The address of the sender's client, as the agent says; ``local`` if it says none."""
        return self.parameters.get(b"rip", b"").decode("ascii", "replace") or LOCAL

    @property
    def secured(self) -> bool:
        """Whether the agent says that nobody could read along."""
        return b"secured" in self.parameters


def version(words: list[bytes]) -> int:
    """Return the major version.  ``VERSION major minor``"""
    if not words or not words[0].isdigit() or len(words[0]) > 9:
        raise BadLine("VERSION takes two numbers")
    return int(words[0])


def request(words: list[bytes]) -> Request:
    """``AUTH id mechanism [name[=value] ...] [resp=base64]``, the response being the last"""
    if len(words) < 2:
        raise BadLine("AUTH takes an id and a mechanism")
    number, mechanism, *rest = words
    parameters = dict(word.partition(b"=")[::2] for word in rest)
    response = parameters.pop(b"resp", None)
    return Request(_id(number), mechanism.upper(), parameters, response)


def continuation(words: list[bytes]) -> tuple[bytes, bytes]:
    """Return the id and the response in base64.  ``CONT id base64``"""
    if len(words) != 2:
        raise BadLine("CONT takes an id and a response")
    return _id(words[0]), words[1]


def decoded(response: bytes) -> bytes:
    """Return the octets of a response; `BadResponse`."""
    try:
        return b64decode(response, validate=True)
    except ValueError:
        raise BadResponse("a response is in base64") from None


def encode(*words: bytes) -> bytes:
    """Return a line; what would be taken for its structure is escaped."""
    return b"\t".join(map(_escaped, words)) + b"\n"


def challenge(number: bytes, octets: bytes) -> bytes:
    """``CONT id base64``"""
    return encode(b"CONT", number, b64encode(octets))


def _id(word: bytes) -> bytes:
    if not word.isdigit() or len(word) > 10:
        raise BadLine("an id is a number of 32 bits")
    return word


def _escaped(word: bytes) -> bytes:
    for octet, escape in _ESCAPED.items():
        word = word.replace(octet, escape)
    return word
