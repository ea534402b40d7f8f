"""The accounts that are open in this process, each once, for as long as somebody needs it."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from mailstore.errors import Corrupt, Unavailable
from mailstore.model import AccountId
from mailstore.policy import Policy
from mailstore.renderings import Rendering
from mailstore.sqlite import opening
from mailstore.sqlite.account import Account
from mailstore.sqlite.bell import Hearing
from mailstore.sqlite.registry import Registry
from mailstore.sqlite.threads import Threads

LINGER_SECONDS: Final = 30.0
"""How long an account stays open that nobody needs: most clients that hang up come back at once."""
LINGERING: Final = 100
"""Accounts that stay open so, of those that were needed last: each has some twelve open files and half a megabyte."""

HEARD_IN_VAIN: Final = 8
"""Commits of others that an account may hear of while nobody needs it; then it hears no more until somebody does.

To hear of one wakes the process, for as long as a NOOP takes; to hear again takes a fifth of that.
"""

TIDY_SECONDS: Final = 60 * 60.0
"""Between two times that an account is tidied, one that stays open or that is used again and again: though there mostly
is nothing to do, it takes a millisecond, more than a login does."""
TIDIED_AT_ONCE: Final = 8
"""Accounts that are tidied before they are closed; one more is closed as it is, and tidied when it was used again."""
REMEMBERED: Final = 10_000
"""Accounts of which it is known when that was, some 200 octets each."""

_log = Logger()


@define(eq=False)
class Place:
    """Where an account is opened and closed, one after the other.

    Attributes:
        lock: held while it is opened or closed.
        account: the open account.
        holders: how many need it.
        until: when it is closed if nobody does, by the reactor's clock.
        in_vain: how often its bell was heard since nobody does, until it is heard no more.

    """

    lock: DeferredLock = field(factory=DeferredLock)
    account: Account | None = None
    holders: int = 0
    until: float = 0.0
    in_vain: int = 0


class Accounts:
    """Opens accounts, counts who holds them, and closes them, tidied.

    An account is not tidied when it is opened, since somebody waits for it then, but when nobody has needed it for a
    while; one that stays open, when it is time for all of them.
    """

    def __init__(
        self,
        root: Path,
        registered: Sequence[Rendering],
        threads: Threads,
        hearing: Hearing,
        *,
        registry: Registry,
        policy: Policy,
        damaged: Callable[[AccountId, BaseException], None],
        tidied: bool,
    ) -> None:
        self._root = root
        self._registered = registered
        self._threads = threads
        self._hearing = hearing
        self._registry = registry
        self._policy = policy
        self._damaged = damaged
        self._tidied = tidied
        self._places: dict[AccountId, Place] = {}
        self._lingering: OrderedDict[AccountId, Place] = OrderedDict()  # the one that is closed next comes first
        self._closing: IDelayedCall | None = None
        self._tidying = 0
        self._last_tidied: OrderedDict[AccountId, float] = OrderedDict()
        self._closed = False

    def open_ones(self) -> list[Account]:
        """Return the accounts that are open."""
        return [place.account for place in self._places.values() if place.account is not None]

    async def hold(self, account_id: AccountId) -> Account:
        """Open an account or hand out the open one, until it is released; `NotFound`, `Unavailable`, `Corrupt`.

        One that is at rest is woken, since who holds it will ask it something.
        """
        place = self._places.get(account_id) or self._places.setdefault(account_id, Place())
        self._lingering.pop(account_id, None)
        place.holders += 1
        try:
            if place.account is not None and not self._closed and self._hears(place, place.account):
                place.account.database.wake()  # while its holder logs in: at his first command he waits for the answer
                return place.account
            async with place.lock:
                if self._closed:
                    raise Unavailable("the mail store is closed")
                if place.account is None:
                    place.account = await self._open(account_id, place)
                return place.account
        except BaseException:
            await self._release(account_id, place)
            raise

    async def _open(self, account_id: AccountId, place: Place) -> Account:
        path = opening.account_path(self._root, account_id)
        damaged = partial(self._damaged, account_id)
        try:
            opened = await self._threads.to_read_patiently(lambda: self._open_files(path))
        except Corrupt as error:
            damaged(error.__cause__ or error)
            raise
        release = partial(self._release, account_id, place)
        account = Account(
            account_id,
            opened,
            self._threads,
            registry=self._registry,
            policy=self._policy,
            release=release,
            damaged=damaged,
        )
        account.removed.subscribe(partial(self._leave_removed, place, account))
        place.in_vain = 0
        self._listen(place, account)
        return account

    def _open_files(self, path: Path) -> opening.Opened:
        if self._closed:  # meanwhile, while another process held them
            raise Unavailable("the mail store is closed")
        return opening.open_files(path, self._registered)

    def _listen(self, place: Place, account: Account) -> None:
        self._hearing.listen(account.bell, partial(self._heard, place, account), account.removed.ring)

    def _heard(self, place: Place, account: Account) -> None:
        """Let the account hear its bell, which nobody rings for again and again when nobody needs it."""
        if place.holders:
            account.look()
            return
        place.in_vain += 1
        if place.in_vain == HEARD_IN_VAIN:
            self._hearing.ignore(account.bell)

    def _hears(self, place: Place, account: Account) -> bool:
        """See that an open account that somebody needs again hears its bell; tell whether it is still there.

        Who comes asks for everything, so nothing else was missed meanwhile.
        """
        in_vain, place.in_vain = place.in_vain, 0
        if in_vain < HEARD_IN_VAIN:
            return True
        if account.bell.is_removed():
            account.removed.ring()
            return False
        self._listen(place, account)
        return True

    def _leave_removed(self, place: Place, account: Account) -> None:
        """Close an account whose files are gone: for another process has removed it, `remove` closes its own."""
        closed = Deferred.fromCoroutine(self._close_removed(place, account))
        closed.addErrback(_log_failure, "closing an account that was removed")

    async def _close_removed(self, place: Place, account: Account) -> None:
        async with place.lock:
            if place.account is account:
                await self._close(place)

    async def _release(self, account_id: AccountId, place: Place) -> None:
        place.holders -= 1
        if not place.holders and not self._closed:
            place.until = self._threads.reactor.seconds() + LINGER_SECONDS
            self._lingering[account_id] = place
            if len(self._lingering) > LINGERING:
                self._leave_first()
            if self._closing is None:
                self._closing = self._threads.reactor.callLater(LINGER_SECONDS, self._leave_some)

    def _leave_some(self) -> None:
        """Close those whose time is up; one call for all, since most are needed again before it comes."""
        self._closing = None
        now = self._threads.reactor.seconds()
        while self._lingering:
            left = next(iter(self._lingering.values())).until - now
            if left > 0:
                self._closing = self._threads.reactor.callLater(left, self._leave_some)
                break
            self._leave_first()

    def _leave_first(self) -> None:
        account_id, place = self._lingering.popitem(last=False)
        closed = Deferred.fromCoroutine(self._close_unused(account_id, place))
        closed.addErrback(_log_failure, "closing an account")

    async def _close_unused(self, account_id: AccountId, place: Place) -> None:
        if self._tidied and place.account is not None and self._tidying < TIDIED_AT_ONCE:
            await self._tidy(place.account)  # without the lock, for somebody may want to have it
        async with place.lock:
            if not place.holders:
                await self._close(place)
        if not place.holders and self._places.get(account_id) is place:
            del self._places[account_id]

    async def _tidy(self, account: Account) -> None:
        """Tidy an account, unless that was done of late, as far as is known."""
        now = self._threads.reactor.seconds()
        if now - self._last_tidied.get(account.id, -TIDY_SECONDS) < TIDY_SECONDS:
            return
        self._last_tidied[account.id] = now
        self._last_tidied.move_to_end(account.id)
        if len(self._last_tidied) > REMEMBERED:
            self._last_tidied.popitem(last=False)
        self._tidying += 1
        try:
            await account.tidy()
        finally:
            self._tidying -= 1

    async def _close(self, place: Place) -> None:
        account, place.account = place.account, None
        if account is not None:
            self._hearing.ignore(account.bell)
            await account.close()

    async def remove(self, account_id: AccountId) -> None:
        """Close an account, whoever holds it, and remove its files."""
        place = self._places.setdefault(account_id, Place())
        async with place.lock:
            if place.account is not None:
                place.account.removed.ring()
            await self._close(place)
            path = opening.account_path(self._root, account_id)
            await self._threads.to_read(lambda: opening.remove(path))

    async def close(self) -> None:
        """Close every account."""
        self._closed = True
        if self._closing is not None:
            self._closing.cancel()
        for place in list(self._places.values()):
            async with place.lock:
                await self._close(place)


def _log_failure(failure: Failure, doing: str) -> None:
    _log.failure(doing, failure)
