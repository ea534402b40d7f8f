"""Failed logins slow down their address and their name, so that guessing does not pay."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from attrs import define

from imapd.auth.books import Books

_FREE: Final = 3
"""Failures without a wait: a person who mistypes, a client with an old password that asks once more."""
_LONGEST: Final = 16.0
"""Seconds between two attempts at most: dear for a guesser, and still bearable for the owner of a name under attack."""
_FORGET: Final = 900.0
"""Seconds after the last failure until all of them are forgotten."""


@define
class _Failures:
    count: int = 0
    last: float = 0.0
    next_attempt: float = 0.0


class Throttle:
    """The failures of late in all workers, by key: an address (`address_key`) or a name (`name_key`)."""

    def __init__(self, clock: Callable[[], float], books: Books) -> None:
        """Take a clock that gives seconds, the same to all workers, and never goes back; and where failures are kept.

        Where there is no room for all, the longest quiet ones are forgotten.
        """
        self._clock = clock
        self._books = books
        self._table, self._digests = books.failures, books.digests

    def wait(self, *keys: str) -> float:
        """Return the seconds to wait before an attempt with these keys is checked, and take that turn.

        Each attempt moves the next one's turn, so that many connections at once guess no faster than one.
        """
        if not any(map(self._recall, keys)):
            return 0.0
        with self._books.in_turn():
            now = self._clock()
            known = [(key, failures) for key in keys if (failures := self._recall(key))]
            turn = max((failures.next_attempt for _, failures in known), default=now)
            turn = min(max(turn, now), now + _LONGEST)
            for key, failures in known:
                failures.next_attempt = turn + _penalty(failures.count)
                self._keep(key, failures)
        return turn - now

    def failed(self, *keys: str) -> None:
        """Remember that an attempt with these keys failed."""
        with self._books.in_turn():
            now = self._clock()
            for key in keys:
                failures = self._recall(key) or _Failures()
                failures.count += 1
                failures.last = now
                failures.next_attempt = max(failures.next_attempt, now + _penalty(failures.count))
                self._keep(key, failures)

    def succeeded(self, address: str, name: str) -> None:
        """Forget the failures of `name`, and as many of `address`.

        So a person who mistyped is not slowed down any more, and a guesser with an account of his own gains nothing.
        """
        if not self._recall(name):
            return
        with self._books.in_turn():
            forgiven, failures = self._recall(name), self._recall(address)
            self._table.remove(self._digests.of(name))
            if forgiven and failures:
                failures.count -= forgiven.count
                if failures.count <= 0:
                    self._table.remove(self._digests.of(address))
                else:
                    failures.next_attempt = min(failures.next_attempt, self._clock() + _penalty(failures.count))
                    self._keep(address, failures)

    def _recall(self, key: str) -> _Failures | None:
        found = self._table.get(self._digests.of(key))
        if found is None or self._clock() - found[0] > _FORGET:
            return None
        last, next_attempt, count = found
        return _Failures(int(count), last, next_attempt)

    def _keep(self, key: str, failures: _Failures) -> None:
        self._table.put(self._digests.of(key), failures.last, failures.next_attempt, failures.count)


@lru_cache(1024)  # it is asked four times for each login, and mostly for the same
def address_key(host: str) -> str:
    """Return the key of an address: an IPv6 network of 64 bits counts as one, since its owner has them all."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return f"address {address.ipv4_mapped}"
        return f"address {IPv6Address(int(address) >> 64 << 64)}/64"
    return f"address {address}"


def name_key(name: bytes) -> str:
    """Return the key of a name, known or not."""
    return f"name {name.decode(errors='replace').casefold()[:128]}"


def _penalty(count: int) -> float:
    return min(2.0 ** (count - _FREE), _LONGEST) if count >= _FREE else 0.0
