"""One connection to an IMAP server: imaplib, with limits on what it may answer, and its errors sorted."""

import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from attrs import frozen

from imapd.auth.passwords import Password
from imapd.imap.wire.encode import quoted
from imapd.remote.address import Address
from imapd.remote.answers import Value, responses
from imapd.remote.errors import LostError, RefusedError, RemoteError, shown

ANSWER_OCTETS: Final = 4 << 20
"""Of a command that fetches no messages: a list of ten thousand folders comes near one."""
_SECONDS: Final = 120
"""How long a server may think: of a mailbox with a million messages it may have to make an index."""


@frozen
class Login:
    """Who logs in.

    Attributes:
        user: whose mail it is.
        password: of `master` if there is one, else of `user`.
        master: who logs in for the user, where the server knows such a one.

    """

    user: str
    password: Password
    master: str | None = None


@frozen
class Security:
    """How much is asked of the way to the server.

    Attributes:
        ca: a file of certificates to trust beside the system's; None for none.
        insecure: take any certificate, and none at all.

    """

    ca: str | None = None
    insecure: bool = False

    def context(self) -> ssl.SSLContext:
        """Return what TLS is begun with; `RemoteError` if the file cannot be read."""
        try:
            context = ssl.create_default_context()
            if self.ca is not None:
                context.load_verify_locations(self.ca)
        except OSError as error:
            raise RemoteError(f"{self.ca}: {error.strerror or 'it holds no certificates'}") from error
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def require_private(self, address: Address) -> None:
        """Raise `RefusedError` if the way to a server without TLS can be listened on."""
        if not (self.insecure or address.is_local):
            raise RefusedError(
                f"{address} offers no TLS, so the password could be read on the way; use --insecure if it may"
            )


class _Bounded(imaplib.IMAP4):
    """An imaplib connection that ends when an answer is longer than `allowance`, in octets."""

    allowance = ANSWER_OCTETS

    def read(self, size: int) -> bytes:
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        try:
            line = super().readline()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise self.abort(str(error)) from None  # imaplib would go on in the middle of the line
        self._spend(len(line))
        return line

    def _spend(self, octets: int) -> None:
        self.allowance -= octets
        if self.allowance < 0:
            raise self.abort("its answer is longer than it can be")


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same inside TLS."""


class Connection:
    """A connection that is logged in.

    Attributes:
        capabilities: in capitals.
        utf8: whether names are in UTF-8, and messages with headers in it come as they are (RFC 6855).

    """

    def __init__(self, address: Address, login: Login, security: Security) -> None:
        """Connect and log in.

        Raises:
            RefusedError: the server, or we, did not want that.
            LostError: it cannot be reached, or is no IMAP server.

        """
        with _sorted_errors(address, not_understood=LostError):  # a greeting of BYE is one of those
            self._imap = _connected(address, security)
        self.capabilities: frozenset[str] = frozenset(map(str.upper, self._imap.capabilities))
        try:
            with _sorted_errors(address):
                self._log_in(login)
            (answer,) = self.ask("CAPABILITY", answer="CAPABILITY")[-1:] or [[]]
            words = [word.decode("ascii", "replace").upper() for word in answer if isinstance(word, bytes)]
            self.capabilities = frozenset(words)
            self.utf8 = self._enable_utf8()
        except BaseException:
            self.abort()
            raise

    def _enable_utf8(self) -> bool:
        """Ask for messages as they are; a server may show headers in UTF-8 to nobody else.  Tell whether it does."""
        if not self.capabilities & {"UTF8=ACCEPT", "UTF8=ONLY", "UTF8=ALL"}:
            return False
        try:
            return any(b"UTF8=ACCEPT" in answer for answer in self.ask("ENABLE", "UTF8=ACCEPT", answer="ENABLED"))
        except RefusedError:
            return False

    def _log_in(self, login: Login) -> None:
        if login.master is None:
            self._authenticate("", login.user, login.password)
            return
        try:
            self._authenticate(login.user, login.master, login.password)
        except RefusedError:  # who does not know authorization identities may know Dovecot's master users
            self._authenticate("", f"{login.user}*{login.master}", login.password)

    def _authenticate(self, acting_as: str, name: str, password: Password) -> None:
        """Log in; `RefusedError`."""
        if "AUTH=PLAIN" in self.capabilities:
            message = b"\0".join([acting_as.encode(), name.encode(), password.reveal()])
            self._as_refused(lambda: self._imap.authenticate("PLAIN", lambda _: message))
        elif acting_as:
            raise RefusedError("the server does not offer AUTH=PLAIN")
        else:
            secret = password.reveal().decode("ascii", "surrogateescape")
            self._as_refused(lambda: self._imap.login(quoted(name.encode()).decode(), secret))

    def _as_refused(self, log_in: Callable[[], object]) -> None:
        try:
            log_in()
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError) as error:
            raise RefusedError(f"the login was refused: {shown(error)}") from None

    def ask(
        self, command: str, *arguments: str, answer: str, literal: bytes | None = None, allowance: int = ANSWER_OCTETS
    ) -> list[list[Value]]:
        """Give a command; return the values of each of its responses.

        Args:
            command: its name.
            arguments: as they are sent.
            answer: the name of the responses, or of a response code.
            literal: the last argument, sent as a literal.
            allowance: how many octets may be answered in all.

        Raises:
            RefusedError: the server said NO or BAD.
            LostError: the connection can be used no more.

        """
        self._imap.untagged_responses.clear()
        self._imap.allowance = allowance
        with _sorted_errors():
            self._imap.literal = literal  # type: ignore[assignment]  # octets, as imaplib's own append() has it
            kind, said = self._imap.xatom(command, *arguments)
            if kind != "OK":
                raise RefusedError(f"the server said {kind} {shown(said[-1] if said else b'')}".strip())
            if command == "EXAMINE":  # what imaplib does in select(), which takes no name in a literal
                self._imap.state, self._imap.is_readonly = "SELECTED", True
            return list(responses(self.told(answer)))

    def told(self, code: str) -> list[Any]:
        """Return what responses or response codes of this name came with the last command."""
        return [each for each in self._imap.response(code)[1] if each is not None]

    def close(self) -> None:
        """Say goodbye."""
        with suppress(RemoteError), _sorted_errors():
            self._imap.logout()

    def abort(self) -> None:
        """End it at once; from any thread."""
        with suppress(OSError):
            self._imap.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._imap.sock.close()


def _connected(address: Address, security: Security) -> _Bounded:
    if address.tls_at_once:
        return _BoundedTls(address.host, address.port, ssl_context=security.context(), timeout=_SECONDS)
    imap = _Bounded(address.host, address.port, timeout=_SECONDS)
    if "STARTTLS" in imap.capabilities:
        imap.starttls(security.context())
    else:
        security.require_private(address)
    return imap


@contextmanager
def _sorted_errors(
    address: Address | None = None, *, not_understood: type[RemoteError] = RefusedError
) -> Iterator[None]:
    """Turn what imaplib and sockets raise into `RemoteError`."""
    where = f"{address}: " if address else ""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        hint = "give its authority's certificate by --ca, or use --insecure"
        raise RefusedError(f"{where}its certificate is not trusted ({error.verify_message}); {hint}") from error
    except imaplib.IMAP4.abort as error:
        raise LostError(f"{where}the connection broke: {shown(error)}") from error
    except imaplib.IMAP4.error as error:
        raise not_understood(f"{where}the server did not understand: {shown(error)}") from error
    except (OSError, ValueError) as error:
        raise LostError(f"{where}{getattr(error, 'strerror', None) or error}") from error
