"""Named, versioned octets that a door lets the store keep beside a message.

What is dear to make and asked for again and again (ENVELOPE, BODYSTRUCTURE, the header fields that a client lists) is
made once, when the message comes in, by a pure function that the door registers; the store keeps the result as opaque
octets.  One whose version is not the registered one is made anew when it is read.
"""

from collections.abc import Callable

from attrs import frozen

from mailstore.mime import Message


@frozen(eq=False)
class Rendering:
    """A pure function of a message, known to the store by name and version.

    Attributes:
        name: unique among the registered ones; ASCII.
        version: raise it whenever `make` gives other octets for the same message.
        make: must not fail and must not keep the message; the result is stored as it is.
        late: made when mail that came in before is put in order, and not while it comes in: until then, and where it is
            large, it is not kept, but made for each who asks.
        sound: tells, of octets that were kept without a checksum, whether they can be what `make` made; what cannot is
            made anew.  None if any octets can be.

    """

    name: str
    version: int
    make: Callable[[Message], bytes]
    late: bool = False
    sound: Callable[[bytes], bool] | None = None


@frozen(cache_hash=True)
class IfKept:
    """What a rendering made, where the store has it at hand; None where it would first have to be made."""

    rendering: Rendering
