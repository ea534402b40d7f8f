"""Octets that are no commands any more, with nothing in them that would change how the connection speaks."""

import re
from random import Random

from tests.fuzz.mutations import WORDS, mutated
from tests.fuzz.seeds import examples
from tests.fuzz.spoken import turns

LARGEST = 999
"""Octets of the largest literal that is announced."""

_LARGE = re.compile(rb"\{(\d{4,})(\+?)\}")
_UNWANTED = re.compile(rb"STARTTLS|COMPRESS|LOGOUT", re.IGNORECASE)


def babble(random: Random) -> bytes:
    """Return pieces of commands, cut anywhere and put together anyhow."""
    octets = b"".join(_piece(random) for _ in range(random.randrange(1, 12)))
    return _UNWANTED.sub(b"NOOP", _LARGE.sub(rb"{%d\2}" % LARGEST, octets))


def _piece(random: Random) -> bytes:
    kind = random.random()
    if kind < 0.5:
        verb = random.choice(list(examples().values()))
        said = b"".join(turns(b"b", mutated(random, random.choice(verb))))
        return said[: random.randrange(len(said) + 1)] if random.random() < 0.5 else said
    if kind < 0.6:
        return random.randbytes(random.randrange(40))
    if kind < 0.7:
        return b"{%d%b}\r\n" % (random.randrange(LARGEST), random.choice((b"", b"+")))
    return random.choice((b"\r\n", b"\n", b"\r", b" ", b'"', b"\0", random.choice(WORDS)))
