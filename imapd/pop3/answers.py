"""How a command ends well."""

from collections.abc import AsyncIterator, Callable, Iterable

from attrs import frozen


@frozen
class Ok:
    """A positive answer (RFC 1939, 3).

    Attributes:
        text: for people.
        data: what the client reads, before the text.
        body: the lines of a multi-line answer, each with its end, without the last, whole or in pieces; None if there
            are none.
        then: what is done once the answer is written, such as starting TLS.

    """

    text: str = ""
    data: bytes = b""
    body: bytes | AsyncIterator[bytes] | None = None
    then: Callable[[], None] | None = None

    def line(self, say: Callable[[str], str]) -> bytes:
        """Return the first line, without its end, in a language."""
        return b" ".join(filter(None, (b"+OK", self.data, say(self.text).encode())))


async def lines(each: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield lines with their ends, for a body of a few."""
    yield b"".join(line + b"\r\n" for line in each)
