"""Octets into lines of bounded length."""


class BadLine(ValueError):
    """A line that is no command, read to its end; the text may be shown to the client."""


class Lines:
    """What a client sends, where it speaks in lines."""

    def __init__(self, most: int, *, lone_lf: bool) -> None:
        """Take how many octets a line may have with its end, and whether LF alone ends one, or CRLF only."""
        self._most = most
        self._lone_lf = lone_lf
        self._octets = b""
        self._at = 0
        self._overlong = False

    @property
    def buffered(self) -> int:
        """Octets received and not read yet."""
        return len(self._octets) - self._at

    def receive(self, octets: bytes) -> None:
        """Take what the client sent."""
        self._octets = self.take_rest() + octets

    def take_rest(self) -> bytes:
        """Take everything behind the last line."""
        rest, self._octets, self._at = self._octets[self._at :], b"", 0
        return rest

    def next(self) -> bytes | None:
        """Return the next line without its end; None until it is whole.

        Raises:
            BadLine: it is too long, or if only CRLF ends a line, a CR or LF is in it that is no part of its end.

        """
        if self._at == len(self._octets):  # as mostly behind a line
            return None
        end = self._octets.find(b"\n", self._at) + 1
        if not end:
            self._drop_overlong()
            return None
        line, self._at = self._octets[self._at : end], end
        overlong, self._overlong = self._overlong or len(line) > self._most, False
        if overlong:
            raise BadLine(f"a line has at most {self._most} octets")
        if self._lone_lf:
            return line[:-1].removesuffix(b"\r")
        if line.partition(b"\r")[2] != b"\n":
            raise BadLine("a line ends in CRLF, and has neither CR nor LF elsewhere")
        return line[:-2]

    def _drop_overlong(self) -> None:
        """Hold no more of a line than one may have."""
        if self.buffered > self._most:
            self._overlong = True
            self.take_rest()
