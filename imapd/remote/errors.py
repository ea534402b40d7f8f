"""What another server does wrong, or refuses.  The texts may be shown to people; they hold nothing secret."""

from typing import Final

_SHOWN: Final = 200
"""Octets of a server's words that are shown."""


class RemoteError(Exception):
    """The other server cannot be used, or not so."""


class RefusedError(RemoteError):
    """It understood and said no: to a login, to a folder, to a message."""


class LostError(RemoteError):
    """The connection is gone, or what comes over it makes no sense; another one may do."""


def shown(said: object) -> str:
    """Return a server's words, or an error that holds them: short, and without what could move a terminal's cursor."""
    octets = said.args[0] if isinstance(said, Exception) and said.args else said
    text = octets.decode("utf-8", "replace") if isinstance(octets, bytes) else str(octets)
    return "".join(char if char.isprintable() else "?" for char in text[:_SHOWN])
