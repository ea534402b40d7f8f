"""Failed logins slow down their address and their name, so that guessing does not pay."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

from attrs import define

_FREE: Final = 3
"""Failures without a wait: a person who mistypes, a client with an old password that asks once more."""
_LONGEST: Final = 16.0
"""Seconds between two attempts at most: dear for a guesser, and still bearable for the owner of a name under attack."""
_FORGET: Final = 900.0
"""Seconds after the last failure until all of them are forgotten."""
_KEPT: Final = 20_000
"""Addresses and names remembered, a few MB; beyond it the longest quiet ones are forgotten."""


@define
class _Failures:
    count: int = 0
    last: float = 0.0
    next_attempt: float = 0.0


class Throttle:
    """The failures of late, by key: an address (`address_key`) or a name (`name_key`)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock that gives seconds and never goes back."""
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, *keys: str) -> float:
        """Return the seconds to wait before an attempt with these keys is checked, and take that turn.

        Each attempt moves the next one's turn, so that many connections at once guess no faster than one.
        """
        now = self._clock()
        known = [failures for failures in map(self._recall, keys) if failures]
        turn = max((failures.next_attempt for failures in known), default=now)
        turn = min(max(turn, now), now + _LONGEST)
        for failures in known:
            failures.next_attempt = turn + _penalty(failures.count)
        return turn - now

    def failed(self, *keys: str) -> None:
        """Remember that an attempt with these keys failed."""
        now = self._clock()
        for key in keys:
            failures = self._recall(key) or _Failures()
            failures.count += 1
            failures.last = now
            failures.next_attempt = max(failures.next_attempt, now + _penalty(failures.count))
            self._failures[key] = failures
            self._failures.move_to_end(key)
        while len(self._failures) > _KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, address: str, name: str) -> None:
        """Forget the failures of `name`, and as many of `address`.

        So a person who mistyped is not slowed down any more, and a guesser with an account of his own gains nothing.
        """
        forgiven = self._failures.pop(name, None)
        failures = self._failures.get(address)
        if forgiven and failures:
            failures.count -= forgiven.count
            if failures.count <= 0:
                del self._failures[address]
            else:
                failures.next_attempt = min(failures.next_attempt, self._clock() + _penalty(failures.count))

    def _recall(self, key: str) -> _Failures | None:
        failures = self._failures.get(key)
        if failures and self._clock() - failures.last > _FORGET:
            del self._failures[key]
            return None
        return failures


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
