"""The composition root: what ``twistd imapd`` and ``twistd.tac`` start.

Only this module knows who is who: which store, which doors, which ports, which certificate.
"""

# mypy: disallow-untyped-calls=False

import os
import resource
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import frozen
from twisted.application.service import MultiService, Service
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import (
    IOpenSSLContextFactory,
    IProtocolFactory,
    IReactorCore,
    IReactorFromThreads,
    IReactorTime,
    IStreamServerEndpoint,
)
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.usage import Options as UsageOptions

from imapd import interpreter, limits
from imapd.auth.books import Books
from imapd.auth.checkers import PasswordChecker
from imapd.auth.portal import ThrottledPortal
from imapd.auth.realm import MailRealm
from imapd.autoconfig.door import AutoconfigDoor
from imapd.config import A_NUMBER_OF_WORKERS, DATA, FILE_NAME, Config, ConfigError, number_of_workers, read_config
from imapd.doors.door import IDoor
from imapd.doors.proxied import PROXY, Proxied
from imapd.imap.door import ImapDoor
from imapd.indexer import Indexer
from imapd.listening import Listening
from imapd.lmtp.door import LmtpDoor
from imapd.pop3.door import Pop3Door
from imapd.saslauth.door import AuthDoor
from imapd.spawning import IReactorOfProcesses
from imapd.store import configured_store
from imapd.tls import CertificateError, configured_certificate
from imapd.workers.group import Workers
from imapd.workers.hangup import OnHangup
from imapd.workers.inherited import inherited
from imapd.workers.order import BOOKS, Order
from imapd.workers.sockets import SharedSocket
from mailstore.interfaces import IMailStore

MakeDoor = Callable[[Portal, Config, IOpenSSLContextFactory | None, IReactorTime, Books], IDoor]


@frozen
class _Kind:
    """A kind of door.

    Attributes:
        make: its class.
        tls: whether it begins with TLS.
        does: what for, as its option is explained.

    """

    make: MakeDoor
    tls: bool
    does: str

    @property
    def called(self) -> str:
        """What Twisted calls it in the log."""
        return f"{self.make.__name__} (TLS)" if self.tls else self.make.__name__


DOORS: Final[Mapping[str, _Kind]] = {
    "imap": _Kind(ImapDoor, False, "Take IMAP connections at this endpoint, in the clear with STARTTLS"),
    "imaps": _Kind(ImapDoor, True, "Take IMAP connections over TLS at this endpoint"),
    "pop3": _Kind(Pop3Door, False, "Take POP3 connections at this endpoint, in the clear with STLS"),
    "pop3s": _Kind(Pop3Door, True, "Take POP3 connections over TLS at this endpoint"),
    "http": _Kind(AutoconfigDoor, False, "Tell mail programs at this endpoint how to set themselves up"),
    "https": _Kind(AutoconfigDoor, True, "Tell mail programs over TLS at this endpoint how to set themselves up"),
    "lmtp": _Kind(LmtpDoor, False, "Take mail in by LMTP at this endpoint, from whoever can reach it"),
    "auth": _Kind(AuthDoor, False, "Check passwords for a transfer agent at this endpoint, in Dovecot's protocol"),
}
"""Every door, an option here and a setting in the configuration."""

_SETTINGS: Final = {
    "tcp": {"backlog": limits.BACKLOG},
    "tcp6": {"backlog": limits.BACKLOG},
    "unix": {"backlog": limits.BACKLOG, "lockfile": 0},
}
"""Of endpoints, by their kind.  A lock file has the number of a process, which any may have once the server was killed;
that nobody listens at a socket is a better sign (`imapd.listening`)."""


class Options(UsageOptions):
    """The command line of ``twistd imapd``."""

    synopsis = f"[--data DIR] {' '.join(f'[--{door} ENDPOINT]...' for door in DOORS)}"
    longdesc = (
        "Without any ENDPOINT, the doors are open that DIR/imapd.toml names; with one of them, only those named "
        "here.  An ENDPOINT is Twisted's: tcp:143, tcp6:143, tcp:1143:interface=127.0.0.1, unix:/run/imap, systemd:..."
    )
    optParameters = [
        ["data", None, DATA, "the folder with configuration, certificate and mail"],
        ["workers", None, None, "the number of processes that serve clients; auto: one for each core"],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.update({door: [] for door in DOORS})


def _taking(door: str, what: str) -> Callable[[Options, str], None]:
    def take(options: Options, endpoint: str) -> None:
        options[door].append(endpoint)

    take.__doc__ = f"{what}; may be given several times."
    return take


for _door, _kind in DOORS.items():
    setattr(Options, f"opt_{_door}", _taking(_door, _kind.does))  # by the names of its methods it knows its options


class CannotStart(SystemExit, Exception):
    """Ends the process with one line and status 1; an `Exception` too, so that twistd removes its pid file."""


def makeService(options: Options) -> "Server":
    """Return the service that `options` and the configuration describe; nothing runs yet, for twistd may fork.

    Raises:
        SystemExit: something is wrong with them; its text says what.

    """
    from twisted.internet import reactor  # noqa: PLC0415  # which one it is, twistd has decided only just now

    try:
        config = _with_doors(read_config(options["data"]), options)
        return Server(config, _workers(options, config), reactor)  # type: ignore[arg-type]  # a module to mypy
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


def _workers(options: Options, config: Config) -> int:
    try:
        number = number_of_workers(options["workers"] or str(config.workers))
    except ValueError:
        raise ConfigError(f"--workers={options['workers']} must be {A_NUMBER_OF_WORKERS}") from None
    return number or _cores()


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class IReactor(IReactorCore, IReactorFromThreads, IReactorOfProcesses):
    """What the service needs of the reactor."""


class Server(MultiService):
    """Everything: with one worker the doors are in this process, with more it only looks after them."""

    _log = Logger()

    def __init__(self, config: Config, number: int, reactor: IReactor) -> None:
        """Prepare so many workers; `ConfigError`, `CertificateError`."""
        super().__init__()
        serving = _alone(config, reactor) if number == 1 else _several(config, number, reactor)
        for service in serving:
            service.setServiceParent(self)
        Indexer(config.store_url, reactor).setServiceParent(self)

    def privilegedStartService(self) -> None:
        """Listen, while the process may still take any port and open as many files as the system lets it."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        try:
            super().privilegedStartService()
        except CannotListenError as error:
            raise self._cannot_start(f"{error} Stop what is listening there, or name another endpoint.") from None

    def startService(self) -> None:
        """Begin to serve, as whoever the process runs as by now."""
        try:
            super().startService()
        except (ConfigError, CertificateError) as error:
            raise self._cannot_start(str(error)) from None

    def _cannot_start(self, reason: str) -> CannotStart:
        self._log.critical("{reason}", reason=reason)
        sys.stderr = sys.__stderr__  # twistd has put its log there, and Python writes an exit's text to it
        return CannotStart(f"imapd: {reason}")


def _endpoints(config: Config) -> list[tuple[str, str]]:
    """Return each door that is open, and where."""
    return [(door, endpoint) for door in DOORS for endpoint in getattr(config, door)]


def _alone(config: Config, reactor: IReactor) -> Sequence[Service]:
    """Return what serves clients in this process."""
    places = [(door, _endpoint(text, reactor)) for door, text in _endpoints(config)]
    return [MailService(config, places, Books(), reactor), OnHangup(_refuse_to_reload, reactor)]


def _refuse_to_reload() -> None:
    Logger(__name__).warn("with one worker, the configuration is read anew only when the server is started")


def _several(config: Config, number: int, reactor: IReactor) -> Sequence[Service]:
    """Return what looks after workers, which serve clients (`worker_service`)."""
    sockets = [
        SharedSocket(door, text, _endpoint(text.removeprefix(PROXY), reactor), DOORS[door].called)
        for door, text in _endpoints(config)
    ]
    workers = Workers(number, config.data, sockets, reactor)
    return [*sockets, _Trial(config), workers, OnHangup(workers.replace, reactor)]


def worker_service(order: Order) -> "MailService":
    """Return what a worker serves; `ConfigError`, `CertificateError`, also when it is started."""
    from twisted.internet import reactor  # noqa: PLC0415  # as above

    books = Books(order.columns, order.column, BOOKS)
    places = [
        (door, inherited(descriptor, endpoint, books.loads, reactor))
        for descriptor, (door, endpoint) in enumerate(order.sockets, BOOKS + 1)
    ]
    doors = {door: tuple(text for each, text in order.sockets if each == door) for door in DOORS}
    config = read_config(order.data).with_doors(doors)
    return MailService(config, places, books, reactor)  # type: ignore[arg-type]  # a module to mypy


class _Trial(Service):
    """Opens what the workers will open, made if it is not there, so that what is wrong is said at once, and once."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def startService(self) -> None:
        """Open it, and close it; `ConfigError`, `CertificateError`."""
        super().startService()
        configured_certificate(self._config)
        Deferred.fromCoroutine(configured_store(self._config).close())


class MailService(MultiService):
    """The doors of one process, and the store behind them.

    Attributes:
        store: open from the start of the service on.

    """

    store: IMailStore
    _log = Logger()

    def __init__(
        self, config: Config, places: Sequence[tuple[str, IStreamServerEndpoint]], books: Books, reactor: IReactor
    ) -> None:
        """Prepare to open doors, each at a place, and to count in `books`; `CertificateError`."""
        super().__init__()
        self._config, self._reactor, self._loads = config, reactor, books.loads
        self._portal = ThrottledPortal(reactor, books)
        certificate = configured_certificate(config)
        self._doors = {
            make: make(self._portal, config, certificate, reactor, books)
            for make in dict.fromkeys(DOORS[name].make for name, _ in places)
        }
        for name, place in places:
            door: IProtocolFactory = self._doors[DOORS[name].make]
            if DOORS[name].tls:
                door = TLSMemoryBIOFactory(certificate, isClient=False, wrappedFactory=door)
            Listening(place, door).setServiceParent(self)

    def startService(self) -> None:
        """Open the store; nobody is let in before; `ConfigError`."""
        self.store = configured_store(self._config)
        self._checker = PasswordChecker(self.store, self._reactor, self._reactor.seconds)
        self._checker.start()
        self._portal.open(MailRealm(self.store), [self._checker])
        for door in self._doors.values():
            door.open(self.store)
        interpreter.prepare()
        self._trimming = interpreter.trimming(self._reactor)
        super().startService()
        self._loads.begin()

    def retire(self) -> Deferred[None]:
        """Let nobody in any more; this answers when those are gone who are there, or have had their time."""
        return Deferred.fromCoroutine(self._retire())

    async def _retire(self) -> None:
        self._loads.end()
        await super().stopService()
        for gone in [door.empty().addTimeout(limits.RETIRED_SECONDS, self._reactor) for door in self._doors.values()]:
            with suppress(TimeoutError):
                await gone

    def stopService(self) -> Deferred[None]:
        """Let nobody in any more, say goodbye to every session, and close the store; in bounded time."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await super().stopService()
        for closing in [Deferred.fromCoroutine(self._close(door)) for door in self._doors.values()]:
            await closing
        self._checker.stop()
        self._trimming.stop()
        await self._within(limits.STORE_CLOSE_SECONDS, "the store", self.store.close())

    async def _close(self, door: IDoor) -> None:
        await self._within(limits.DOORS_CLOSE_SECONDS, "the sessions", door.shut_down())

    async def _within(self, seconds: float, what: str, ending: Coroutine[Any, Any, None]) -> None:
        try:
            await Deferred.fromCoroutine(ending).addTimeout(seconds, self._reactor)
        except Exception:  # noqa: BLE001  # whatever it is, the rest must be ended too
            self._log.failure("{what} did not end well", what=what)


def _completed(endpoint: str) -> str:
    """Return the endpoint with `_SETTINGS` that it does not name."""
    ours = _SETTINGS.get(endpoint.partition(":")[0], {})
    return endpoint + "".join(f":{name}={value}" for name, value in ours.items() if f":{name}=" not in endpoint)


def _endpoint(text: str, reactor: IReactor) -> IStreamServerEndpoint:
    try:
        endpoint: IStreamServerEndpoint = serverFromString(reactor, _completed(text.removeprefix(PROXY)))
    except Exception as error:  # each kind of endpoint raises what it likes
        raise ConfigError(f"{text!r} is no endpoint ({error}); write it like tcp:1143:interface=127.0.0.1") from error
    return Proxied(endpoint) if text.startswith(PROXY) else endpoint
