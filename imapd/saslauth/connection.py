"""One connection of a transfer agent: any number of logins, by their ids."""

import os
from collections import Counter
from secrets import token_hex
from typing import Any, Final

from attrs import frozen
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from imapd import limits
from imapd.auth.credentials import NameAndPassword
from imapd.auth.realm import IUser
from imapd.auth.sasl import MECHANISMS, Challenge, Mechanism, SaslError
from imapd.auth.throttle import address_key
from imapd.doors import peers
from imapd.doors.journal import Journal
from imapd.saslauth import wire
from mailstore.errors import StoreError

_journal: Final = Journal("auth")


@frozen
class _Login:
    """A login that waits for its sender: its request and the conversation."""

    request: wire.Request
    mechanism: Mechanism


@implementer(IPushProducer)
class Connection(LineOnlyReceiver):
    """The server's end of one connection."""

    delimiter = b"\n"
    MAX_LENGTH = wire.MAX_OCTETS
    factory: Any
    transport: Any

    def __init__(self, portal: Portal, number: int, *, plaintext_on_loopback: bool) -> None:
        """Take who checks passwords, the connection's number, and whether this machine may send them in the clear."""
        self._portal = portal
        self._number = number
        self._plaintext_on_loopback = plaintext_on_loopback
        self._logins: dict[bytes, _Login] = {}
        self._checks: dict[bytes, Deferred[None]] = {}

    def connectionMade(self) -> None:
        """Twisted: the connection is there.  Everything that a client may want to know is said at once."""
        self.transport.registerProducer(self, True)
        self._say(b"VERSION", *(b"%d" % number for number in wire.VERSION))
        for mechanism in MECHANISMS:
            self._say(b"MECH", mechanism, b"plaintext")
        self._say(b"SPID", b"%d" % os.getpid())
        self._say(b"CUID", b"%d" % self._number)
        self._say(b"COOKIE", token_hex(16).encode())
        self._say(b"DONE")

    def lineReceived(self, line: bytes) -> None:
        """Twisted: a line came in.  What a later version may say besides is ignored, as the protocol wants."""
        verb, *words = line.split(b"\t")
        try:
            match verb:
                case b"VERSION":
                    self._require_version(words)
                case b"AUTH":
                    self._begin(wire.request(words))
                case b"CONT":
                    self._go_on(*wire.continuation(words))
                case b"CANCEL":
                    self._cancel(words[0] if words else b"")
        except wire.BadLine as error:
            self._drop(str(error))

    def lineLengthExceeded(self, line: bytes) -> None:
        """Twisted: a line has no end."""
        self._drop("a line is too long")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Twisted: the connection is gone."""
        for check in list(self._checks.values()):
            check.cancel()
        self.factory.ended(self, None)

    def shut_down(self) -> None:
        """End: an agent connects again when it needs to."""
        self.transport.unregisterProducer()  # nothing ends while more may come from one that was paused
        self.transport.loseConnection()

    def abort(self) -> None:
        """Drop the connection."""
        self.transport.abortConnection()

    def pauseProducing(self) -> None:
        """Twisted: the client does not read, so it is not read either."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Twisted: there is room again."""
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """Twisted: the connection is lost."""

    # Logins

    def _require_version(self, words: list[bytes]) -> None:
        if wire.version(words) != wire.VERSION[0]:
            raise wire.BadLine("another version of the protocol is spoken here")

    def _begin(self, request: wire.Request) -> None:
        if request.id in self._logins or request.id in self._checks:
            raise wire.BadLine("there is a login of that id")
        if len(self._checks) >= limits.LOGINS_AT_ONCE:
            self._fail(request.id, b"temp", b"reason=too many logins at once")
        elif request.mechanism not in MECHANISMS:
            self._fail(request.id, b"reason=there is no such mechanism")
        elif not self._is_private(request):
            self._fail(request.id, b"reason=a password comes over TLS or not at all")
        else:
            self._make_room()
            self._logins[request.id] = _Login(request, MECHANISMS[request.mechanism]())
            self._step(request.id, request.response)

    def _make_room(self) -> None:
        """Give up a login that waits for its sender, who may have gone: the oldest of whoever has most of them."""
        if len(self._logins) + len(self._checks) >= limits.LOGINS_AT_ONCE:
            senders = {number: address_key(login.request.host) for number, login in self._logins.items()}
            [(most, _)] = Counter(senders.values()).most_common(1)
            oldest = next(number for number, sender in senders.items() if sender == most)
            del self._logins[oldest]
            self._fail(oldest, b"temp", b"reason=too many logins at once")

    def _is_private(self, request: wire.Request) -> bool:
        return request.secured or (self._plaintext_on_loopback and peers.is_loopback(request.host))

    def _go_on(self, number: bytes, response: bytes) -> None:
        if number in self._checks:
            raise wire.BadLine("nothing was asked about the login of that id")
        if number in self._logins:
            self._step(number, response)
        else:  # it may have been given up while this was on its way
            self._fail(number, b"temp", b"reason=there is no login of that id")

    def _step(self, number: bytes, response: bytes | None) -> None:
        try:
            octets = None if response is None else wire.decoded(response)
            step = self._logins[number].mechanism.step(octets)
        except (wire.BadResponse, SaslError, UnauthorizedLogin) as error:
            del self._logins[number]
            self._fail(number, b"reason=" + str(error).encode())
            return
        if isinstance(step, Challenge):
            self.transport.write(wire.challenge(number, step.octets))
            return
        login = self._logins.pop(number)
        self._checks[number] = check = Deferred.fromCoroutine(self._check(login.request, step))
        if check.called:
            del self._checks[number]

    async def _check(self, request: wire.Request, credentials: NameAndPassword) -> None:
        """Answer whether the portal lets them in."""
        named = b"user=" + credentials.username
        try:
            login: Deferred[Any] = self._portal.login(credentials, request.host, IUser)
            _, user, _ = await login
        except CancelledError:
            return
        except UnauthorizedLogin:
            _journal.login_failed(credentials.username, request.host)
            self._fail(request.id, named, b"reason=the user name or the password is wrong")
        except StoreError:
            self._fail(request.id, named, b"temp", b"reason=the register of users cannot be read now")
        except Exception:  # noqa: BLE001  # whatever it is, the agent must hear, and try again later
            reference = _journal.internal_error(b"AUTH")
            self._fail(request.id, named, b"temp", b"reason=internal error, reference " + reference.encode())
        else:
            _journal.login(user.name, request.host, encrypted=request.secured)
            self._say(b"OK", request.id, b"user=" + user.name.encode())
        finally:
            self._checks.pop(request.id, None)

    def _cancel(self, number: bytes) -> None:
        """Forget a login; one that is being checked is answered, which the protocol allows."""
        self._logins.pop(number, None)

    def _fail(self, number: bytes, *words: bytes) -> None:
        self._say(b"FAIL", number, *words)

    def _say(self, *words: bytes) -> None:
        self.transport.write(wire.encode(*words))

    def _drop(self, reason: str) -> None:
        _journal.log.warn("connection dropped: {reason}", reason=reason)
        self.shut_down()
