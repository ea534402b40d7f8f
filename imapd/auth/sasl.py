"""SASL mechanisms, sans-IO: octets in, challenges and credentials out (RFC 4422).

A door takes a mechanism from `MECHANISMS`, feeds each of the client's responses to `step`, decoded from base64, and
sends the challenges until it is given credentials for the portal.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from attrs import frozen
from twisted.cred.error import UnauthorizedLogin

from imapd.auth.credentials import NameAndPassword
from imapd.auth.passwords import Password


@frozen
class Challenge:
    """What the server says next; the door encodes it in base64.  Empty if the mechanism begins with the client."""

    octets: bytes


class SaslError(ValueError):
    """The client's response is not of the mechanism's grammar; the text may be shown to the client."""


class Mechanism(Protocol):
    """One conversation."""

    def step(self, response: bytes | None) -> Challenge | NameAndPassword:
        """Take the client's response, or None at the start if it sent no initial one (RFC 4959).

        Raises:
            SaslError: the response is not of the grammar.
            UnauthorizedLogin: it asks to act as someone else.

        """


class PlainMechanism:
    """PLAIN (RFC 4616): ``message = [authzid] NUL authcid NUL passwd``.

    Nobody may act as another yet, so an authzid, if it is there, is the authcid.
    """

    def step(self, response: bytes | None) -> Challenge | NameAndPassword:
        """Take the message."""
        if response is None:
            return Challenge(b"")
        parts = response.split(b"\0")
        if len(parts) != 3:
            raise SaslError("PLAIN takes an optional authorization identity, a name and a password, NUL between them")
        authzid, authcid, password = parts
        if authzid and _folded(authzid) != _folded(authcid):
            raise UnauthorizedLogin("acting as another user is not allowed")
        return _credentials(authcid, password)


class LoginMechanism:
    """LOGIN, never standardised: a name, then a password.  Old clients know nothing else."""

    def __init__(self) -> None:
        self._name: bytes | None = None

    def step(self, response: bytes | None) -> Challenge | NameAndPassword:
        """Take the name, then the password; an initial response is the name."""
        if response is None:
            return Challenge(b"Username:")
        if self._name is None:
            self._name = response
            return Challenge(b"Password:")
        return _credentials(self._name, response)


MECHANISMS: Final[Mapping[bytes, type[Mechanism]]] = MappingProxyType(
    {b"PLAIN": PlainMechanism, b"LOGIN": LoginMechanism}
)
"""Every mechanism by its name in capitals, in the order of preference; capabilities are derived from here."""


def _credentials(name: bytes, password: bytes) -> NameAndPassword:
    if not name or not password:
        raise SaslError("name and password cannot be empty")
    return NameAndPassword(name, Password(password))


def _folded(name: bytes) -> str:
    return name.decode(errors="replace").casefold()
