"""What another server's POP3 clients know messages by (RFC 1939, 7; Dovecot's ``pop3_uidl_format``)."""

import poplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from attrs import frozen

from imapd.remote.address import Address
from imapd.remote.connection import Login, Security
from imapd.remote.errors import LostError, RefusedError, shown

_SECONDS: Final = 120
_ANSWER_OCTETS: Final = 64 << 20
"""Of one command: the names of a million messages come near it."""


@frozen
class Named:
    """A message of a maildrop.

    Attributes:
        number: of this session.
        uidl: its name.
        size: in octets, as the server says.

    """

    number: int
    uidl: str
    size: int


class _Bounded(poplib.POP3):
    """A poplib connection that ends when an answer is longer than `allowance`, in octets."""

    allowance = _ANSWER_OCTETS

    def _putcmd(self, line: str) -> None:  # poplib has no public place where all commands pass
        self.allowance = type(self).allowance
        super()._putcmd(line)  # type: ignore[misc]  # typeshed leaves it out

    def _getline(self) -> tuple[bytes, int]:  # poplib has no public place to count at
        line, octets = super()._getline()  # type: ignore[misc]  # typeshed leaves it out
        self.allowance -= octets
        if self.allowance < 0:
            raise poplib.error_proto("its answer is longer than it can be")
        return line, octets


class _BoundedTls(_Bounded, poplib.POP3_SSL):
    """The same inside TLS."""


class Maildrop:
    """The messages of an account as POP3 shows them; nothing is removed.  Blocking."""

    def __init__(self, address: Address, login: Login, security: Security) -> None:
        """Connect and log in; `RefusedError`, `LostError`."""
        with _sorted_errors(address):
            if address.tls_at_once:
                self._pop: _Bounded = _BoundedTls(
                    address.host, address.port, timeout=_SECONDS, context=security.context()
                )
            else:
                self._pop = _Bounded(address.host, address.port, timeout=_SECONDS)
                if "STLS" in self._pop.capa():
                    self._pop.stls(security.context())
                else:
                    security.require_private(address)
        try:
            self._pop.user(login.user if login.master is None else f"{login.user}*{login.master}")
            self._pop.pass_(login.password.reveal().decode("utf-8", "surrogateescape"))
        except (poplib.error_proto, OSError) as error:
            self.abort()
            raise RefusedError(f"{address}: the login was refused: {shown(error)}") from None

    def messages(self) -> list[Named]:
        """Return every message; `RefusedError`, `LostError`."""
        with _sorted_errors():
            sizes = dict(_numbered(self._pop.list()[1]))
            names = dict(_numbered(self._pop.uidl()[1]))
        return [
            Named(number, name.decode("ascii", "replace"), int(sizes[number]))
            for number, name in sorted(names.items())
            if sizes.get(number, b"").isdigit()
        ]

    def header(self, number: int) -> bytes:
        """Return the header of a message; `RefusedError`, `LostError`."""
        with _sorted_errors():
            return b"\r\n".join(self._pop.top(number, 0)[1]) + b"\r\n"

    def close(self) -> None:
        """End the session."""
        with suppress(poplib.error_proto, OSError):
            self._pop.quit()

    def abort(self) -> None:
        """End it at once; from any thread."""
        with suppress(OSError):
            self._pop.close()


def _numbered(lines: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    for line in lines:
        number, _, value = line.partition(b" ")
        if not number.isdigit() or len(number) > 9:
            raise poplib.error_proto("the list is malformed")
        yield int(number), value.strip()


@contextmanager
def _sorted_errors(address: Address | None = None) -> Iterator[None]:
    where = f"{address}: " if address else "POP3: "
    try:
        yield
    except poplib.error_proto as error:
        raise RefusedError(f"{where}{shown(error)}") from error
    except OSError as error:
        raise LostError(f"{where}{error.strerror or error}") from error
