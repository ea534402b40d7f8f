"""Octets into lines of bounded length."""

from imapd import limits
from imapd.pop3.errors import Wrong


class Lines:
    """What a client sends.  A line ends in CRLF, or in LF alone as some clients have it."""

    def __init__(self) -> None:
        self._octets = b""
        self._at = 0
        self._overlong = False

    @property
    def buffered(self) -> int:
        """Octets received and not read yet."""
        return len(self._octets) - self._at

    def receive(self, octets: bytes) -> None:
        """Take what the client sent."""
        self._octets, self._at = self._octets[self._at :] + octets, 0

    def discard(self) -> None:
        """Forget everything received: what came in the clear behind STLS must not be run."""
        self._octets, self._at, self._overlong = b"", 0, False

    def next(self) -> bytes | None:
        """Return the next line without its end; None until it is whole.

        Raises:
            Wrong: it was too long; it is read to its end.

        """
        end = self._octets.find(b"\n", self._at)
        if end < 0:
            self._drop_overlong()
            return None
        line, self._at = self._octets[self._at : end], end + 1
        overlong, self._overlong = self._overlong or len(line) > limits.POP3_LINE_OCTETS, False
        if overlong:
            raise Wrong(f"a line has at most {limits.POP3_LINE_OCTETS} octets")
        return line.removesuffix(b"\r")

    def _drop_overlong(self) -> None:
        """Hold no more of a line than one may have."""
        if self.buffered > limits.POP3_LINE_OCTETS:
            self._octets, self._at, self._overlong = b"", 0, True
