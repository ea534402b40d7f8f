"""Octets that came from a client and wait to be read, as lines or by number."""


class Received:
    """A buffer that is filled at one end and read at the other; each octet is searched and moved only a few times.

    What comes when nothing waits, as most does, is kept as it is until more comes.
    """

    __slots__ = ("_at", "_buffer", "_searched")

    def __init__(self) -> None:
        self._buffer: bytes | bytearray = b""
        self._at = 0  # all before it has been read
        self._searched = 0  # no line ends between _at and here

    def __len__(self) -> int:
        """Return how many octets wait."""
        return len(self._buffer) - self._at

    def add(self, data: bytes) -> None:
        """Put `data` behind what waits."""
        if self._at == len(self._buffer):
            self._buffer, self._searched = data, 0
        else:
            if isinstance(self._buffer, bytes):
                self._buffer = bytearray(self._buffer)
            del self._buffer[: self._at]
            self._buffer += data
            self._searched -= self._at
        self._at = 0

    def line_octets(self) -> int:
        """Return how much of the next line has come, in octets up to its LF."""
        end = self._buffer.find(b"\n", self._searched)
        self._searched = end if end >= 0 else len(self._buffer)
        return self._searched - self._at

    def read_line(self) -> bytes | None:
        """Read a line and return it without its CRLF, or its LF alone; None if its end has not come."""
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            return None
        line = bytes(self._buffer[self._at : end])
        self._at = self._searched = end + 1
        return line.removesuffix(b"\r")

    def read(self, count: int) -> bytes:
        """Read `count` octets, which must have come."""
        octets = self.peek(count)
        self.skip(count)
        return octets

    def peek(self, count: int) -> bytes:
        """Return up to `count` octets and leave them."""
        return bytes(self._buffer[self._at : self._at + count])

    def last(self, count: int) -> bytes:
        """Return up to `count` octets that came last, and leave them."""
        return bytes(self._buffer[max(len(self._buffer) - count, self._at) :])

    def skip(self, count: int) -> None:
        """Read `count` octets, which must have come, without looking at them."""
        self._at += count
        self._searched = max(self._searched, self._at)

    def take_rest(self) -> bytes:
        """Read everything that waits."""
        rest = self.read(len(self))
        self.add(b"")
        return rest
