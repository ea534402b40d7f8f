"""A message's octets on their way in, as DATA and BDAT bring them; lines may be of any length."""

from typing import Final, Protocol

_END: Final = b"\r\n.\r\n"
_CRLF: Final = b"\r\n"


class Content(Protocol):
    """Octets that are no commands."""

    rest: bytes | None
    """What came behind their end; None until that has come."""

    def take(self, octets: bytes) -> bytes:
        """Take what the client sent, while `rest` is None; return what of it is known to be of the message."""


class DotStuffed:
    """What comes behind DATA (RFC 5321, 4.5.2).

    A dot at the beginning of a line is taken away, and ``CRLF . CRLF`` is the end: nothing else, neither with a lone LF
    nor a lone CR, or one server would take for the end of a message what another takes for a part of it, and what
    follows for commands (SMTP smuggling).
    """

    def __init__(self) -> None:
        self.rest: bytes | None = None
        self._held = _CRLF  # the line of the command ends in one, behind which the message may be at its end already
        self._foreign = len(_CRLF)

    def take(self, octets: bytes) -> bytes:
        """Take what the client sent; return what of it is known to be of the message."""
        octets = self._held + octets
        end = octets.find(_END)
        if end >= 0:
            self.rest = octets[end + len(_END) :]
            end += len(_CRLF)
        else:
            end = len(octets) - _undecided(octets)
            self._held = octets[end:]
        taken = octets[:end].replace(b"\r\n.", _CRLF)
        foreign = min(self._foreign, len(taken))
        self._foreign -= foreign
        return taken[foreign:]


def _undecided(octets: bytes) -> int:
    """Return how many octets at the end may be the beginning of the message's end."""
    return next((size for size in range(len(_END) - 1, 0, -1) if octets.endswith(_END[:size])), 0)


class Chunk:
    """What comes behind BDAT: so many octets (RFC 3030, 2)."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self.rest: bytes | None = None

    def take(self, octets: bytes) -> bytes:
        """Take what the client sent; return what of it is of the message."""
        taken = octets[: self._missing]
        self._missing -= len(taken)
        if not self._missing:
            self.rest = octets[len(taken) :]
        return taken
