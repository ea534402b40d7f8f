"""Logins that were right a moment ago, so that a device that comes back need not be hashed again.

What is remembered is a digest under a key that is made at the start and never written down: of no use outside this
process, and none at all once the stored hash is another one, that is, once the password was changed.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

from imapd.auth.passwords import Password

SECONDS: Final = 300.0
"""How long a login counts as verified: phones come back every minute, and mail programs open five connections."""
ENTRIES: Final = 20_000
"""Some 3 MB; the oldest is forgotten for a new one."""


class Verified:
    """Which passwords matched which hashes lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take what tells the seconds."""
        self._clock = clock
        self._key = token_bytes(64)
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def knows(self, password: Password, hashed: str) -> bool:
        """Tell whether `password` was seen to match `hashed` lately."""
        return self._until.get(self._digest(password, hashed), 0.0) > self._clock()

    def remember(self, password: Password, hashed: str) -> None:
        """Note that `password` matches `hashed`."""
        digest = self._digest(password, hashed)
        self._until[digest] = self._clock() + SECONDS
        self._until.move_to_end(digest)
        if len(self._until) > ENTRIES:
            self._until.popitem(last=False)

    def _digest(self, password: Password, hashed: str) -> bytes:
        # A stored hash holds no NUL, so no other pair has the same octets.
        return blake2b(hashed.encode() + b"\0" + password.reveal(), key=self._key, digest_size=32).digest()
