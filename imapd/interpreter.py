"""What the interpreter, and the C library below it, are told for a process that serves many at once."""

import ctypes
import gc
import sys
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

SWITCH_SECONDS: Final = 0.000005
"""How long a thread may keep the interpreter from another.  By Python's 5 ms a commit that is done waits for as long,
again and again, before it can say so to a busy reactor.  Each call that lets go of the interpreter, as SQLite's and the
socket's do, waits for a search to let go of it: with ten times as long, bodies went out at a third of the speed."""
GIVEN_BACK: Final = 1 << 20
"""Octets from which on memory goes back to the system when it is free.  glibc raises this by itself, to what was large
once, and what a session with half a million runs of messages took then stays: 16 MB instead of 10 for a MOVE.  Parts of
answers are smaller: to get their memory from the system each time costs more than to fill it."""

TRIM_SECONDS: Final = 10.0
"""Between two times that free pages in the middle of the C library's memory are given back, which it never does by
itself: what accounts let go of when nobody asks them would be ours for ever.  It takes half a millisecond, or 5 when
there are 40 MB to be given."""

_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1
"""Of mallopt(3)."""
_LIBRARY: Final = ctypes.CDLL(None)


def prepare() -> None:
    """Set all that; to be called when the program is whole and before anyone is served."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # the program itself is no garbage: to look through it held the reactor for 40 ms now and then
    mallopt = getattr(_LIBRARY, "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, GIVEN_BACK)
        mallopt(_M_TRIM_THRESHOLD, 2 * GIVEN_BACK)


def trimming(clock: IReactorTime) -> LoopingCall:
    """Begin to `trim` now and then; return what ends it."""
    call = LoopingCall(trim)
    call.clock = clock
    call.start(TRIM_SECONDS, now=False)
    return call


def trim() -> None:
    """Give back to the system what is free in the C library's memory, where it can."""
    malloc_trim = getattr(_LIBRARY, "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
