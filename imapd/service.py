"""The composition root: what ``twistd imapd`` and ``twistd.tac`` start.

Only this module knows who is who: which store, which doors, which ports, which certificate.
"""

import gc
import resource
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from twisted.application import strports
from twisted.application.service import MultiService, Service
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import (
    IOpenSSLContextFactory,
    IProtocolFactory,
    IReactorCore,
    IReactorFromThreads,
    IReactorTime,
)
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.usage import Options as UsageOptions

from imapd import limits
from imapd.auth.checkers import PasswordChecker
from imapd.auth.portal import ThrottledPortal
from imapd.auth.realm import MailRealm
from imapd.autoconfig.door import AutoconfigDoor
from imapd.config import DATA, FILE_NAME, Config, ConfigError, read_config
from imapd.doors.door import IDoor
from imapd.imap.door import ImapDoor
from imapd.indexer import Indexer, IReactorOfIndexer
from imapd.lmtp.door import LmtpDoor
from imapd.pop3.door import Pop3Door
from imapd.saslauth.door import AuthDoor
from imapd.store import configured_store
from imapd.tls import CertificateError, configured_certificate

Kind = Callable[[Portal, Config, IOpenSSLContextFactory | None, IReactorTime], IDoor]
DOORS: Final[Mapping[str, tuple[Kind, bool]]] = {
    "imap": (ImapDoor, False),
    "imaps": (ImapDoor, True),
    "pop3": (Pop3Door, False),
    "pop3s": (Pop3Door, True),
    "http": (AutoconfigDoor, False),
    "https": (AutoconfigDoor, True),
    "lmtp": (LmtpDoor, False),
    "auth": (AuthDoor, False),
}
"""Every door, an option here and a setting in the configuration: its kind, and whether it begins with TLS."""

SWITCH_SECONDS: Final = 0.00005
"""How long a thread may keep the interpreter from another.  By Python's 5 ms a commit that is done waits for as long,
again and again, before it can say so to a busy reactor."""


class Options(UsageOptions):
    """The command line of ``twistd imapd``."""

    synopsis = f"[--data DIR] {' '.join(f'[--{door} ENDPOINT]...' for door in DOORS)}"
    longdesc = (
        "Without any ENDPOINT, the doors are open that DIR/imapd.toml names; with one of them, only those named "
        "here.  An ENDPOINT is Twisted's: tcp:143, tcp6:143, tcp:1143:interface=127.0.0.1, unix:/run/imap, systemd:..."
    )
    optParameters = [["data", None, DATA, "the folder with configuration, certificate and mail"]]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self.update({door: [] for door in DOORS})

    def opt_imap(self, endpoint: str) -> None:
        """Take IMAP connections at this endpoint, in the clear with STARTTLS; may be given several times."""
        self["imap"].append(endpoint)

    def opt_lmtp(self, endpoint: str) -> None:
        """Take mail in by LMTP at this endpoint, from whoever can reach it; may be given several times."""
        self["lmtp"].append(endpoint)

    def opt_auth(self, endpoint: str) -> None:
        """Check passwords for a transfer agent at this endpoint, in Dovecot's protocol; may be given several times."""
        self["auth"].append(endpoint)

    def opt_imaps(self, endpoint: str) -> None:
        """Take IMAP connections over TLS at this endpoint; may be given several times."""
        self["imaps"].append(endpoint)

    def opt_pop3(self, endpoint: str) -> None:
        """Take POP3 connections at this endpoint, in the clear with STLS; may be given several times."""
        self["pop3"].append(endpoint)

    def opt_pop3s(self, endpoint: str) -> None:
        """Take POP3 connections over TLS at this endpoint; may be given several times."""
        self["pop3s"].append(endpoint)

    def opt_http(self, endpoint: str) -> None:
        """Tell mail programs at this endpoint how to set themselves up; may be given several times."""
        self["http"].append(endpoint)

    def opt_https(self, endpoint: str) -> None:
        """Tell them over TLS at this endpoint; may be given several times."""
        self["https"].append(endpoint)


class CannotStart(SystemExit, Exception):
    """Ends the process with one line and status 1; an `Exception` too, so that twistd removes its pid file."""


def makeService(options: Options) -> "MailService":
    """Return the service that `options` and the configuration describe; nothing runs yet, for twistd may fork.

    Raises:
        SystemExit: something is wrong with them; its text says what.

    """
    from twisted.internet import reactor  # noqa: PLC0415  # which one it is, twistd has decided only just now

    try:
        config = _with_doors(read_config(options["data"]), options)
        return MailService(config, reactor)  # type: ignore[arg-type]  # a module to mypy
    except (ConfigError, CertificateError) as error:
        raise SystemExit(f"imapd: {error}") from None


def _with_doors(config: Config, options: Options) -> Config:
    """Return the configuration with the doors that the command line names in place of its own, if it names any."""
    named = {door: tuple(options[door]) for door in DOORS}
    if any(named.values()):
        return config.with_doors(named)
    if not any(getattr(config, door) for door in DOORS):
        raise ConfigError(f"no door is open; name one, such as --imap, or in {config.data / FILE_NAME}")
    return config


class IReactor(IReactorCore, IReactorFromThreads, IReactorOfIndexer):
    """What the service needs of the reactor."""


class MailService(MultiService):
    """The ports, the doors behind them, and the store behind these."""

    _log = Logger()

    def __init__(self, config: Config, reactor: IReactor) -> None:
        """Prepare to listen; `ConfigError`, `CertificateError`."""
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self._config, self._reactor = config, reactor
        self._portal = ThrottledPortal(reactor)
        self._indexer = Indexer(config.store_url, reactor)
        certificate = configured_certificate(config)
        kinds = dict.fromkeys(kind for kind, _ in DOORS.values())
        self._doors = {kind: kind(self._portal, config, certificate, reactor) for kind in kinds}
        for name, (kind, tls) in DOORS.items():
            door: IProtocolFactory = self._doors[kind]
            if tls:
                door = TLSMemoryBIOFactory(certificate, isClient=False, wrappedFactory=door)
            for endpoint in getattr(config, name):
                _port(endpoint, door, reactor).setServiceParent(self)

    def privilegedStartService(self) -> None:
        """Listen, while the process may still take any port and open as many files as the system lets it."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        try:
            super().privilegedStartService()  # type: ignore[no-untyped-call]  # Twisted's
        except CannotListenError as error:
            raise self._cannot_start(f"{error} Stop what is listening there, or name another endpoint.") from None

    def startService(self) -> None:
        """Open the store, as whoever the process runs as by now; nobody is let in before."""
        try:
            self._store = configured_store(self._config)
        except ConfigError as error:
            raise self._cannot_start(str(error)) from None
        self._checker = PasswordChecker(self._store, self._reactor, self._reactor.seconds)
        self._checker.start()
        self._indexer.start()
        self._portal.open(MailRealm(self._store), [self._checker])
        for door in self._doors.values():
            door.open(self._store)
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.freeze()  # the program itself is no garbage: to look through it held the reactor for 40 ms now and then
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's

    def _cannot_start(self, reason: str) -> CannotStart:
        self._log.critical("{reason}", reason=reason)
        sys.stderr = sys.__stderr__  # twistd has put its log there, and Python writes an exit's text to it
        return CannotStart(f"imapd: {reason}")

    def stopService(self) -> Deferred[None]:
        """Let nobody in any more, say goodbye to every session, and close the store; in bounded time."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        for closing in [Deferred.fromCoroutine(self._close(door)) for door in self._doors.values()]:
            await closing
        self._checker.stop()
        await self._indexer.stop()
        await self._within(limits.STORE_CLOSE_SECONDS, "the store", self._store.close())

    async def _close(self, door: IDoor) -> None:
        await self._within(limits.DOORS_CLOSE_SECONDS, "the sessions", door.shut_down())

    async def _within(self, seconds: float, what: str, ending: Coroutine[Any, Any, None]) -> None:
        try:
            await Deferred.fromCoroutine(ending).addTimeout(seconds, self._reactor)
        except Exception:  # noqa: BLE001  # whatever it is, the rest must be ended too
            self._log.failure("{what} did not end well", what=what)


def _with_backlog(endpoint: str) -> str:
    """Return the endpoint with our backlog, if it is of a kind that has one and names none."""
    if endpoint.startswith(("tcp:", "tcp6:", "unix:")) and ":backlog=" not in endpoint:
        return f"{endpoint}:backlog={limits.BACKLOG}"
    return endpoint


def _port(endpoint: str, factory: IProtocolFactory, reactor: IReactor) -> Service:
    try:
        return strports.service(_with_backlog(endpoint), factory, reactor)
    except Exception as error:  # each kind of endpoint raises what it likes
        raise ConfigError(
            f"{endpoint!r} is no endpoint ({error}); write it like tcp:1143:interface=127.0.0.1"
        ) from error
