"""Just enough of a client: it counts octets, finds the line that ends an answer, and parses nothing else.

So the client is never what is slow: it takes some 970 MB in a second of CPU.
"""

import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from attrs import frozen

BUFFER: Final = 1 << 20
HEAD: Final = 1 << 10
"""Octets of a longer line that are kept."""
HOST: Final = "127.0.0.1"


class BenchError(Exception):
    """The server refused, took too long, or lacks what is asked for."""


@frozen
class Reply:
    """An answer.

    Attributes:
        line: the one that ended it.
        octets: how many came, that line included.
        text: all of them, if they were to be kept.

    """

    line: bytes
    octets: int
    text: bytes


class Wire:
    """A connection that waits for a line with a certain beginning."""

    def __init__(self, port: int, timeout: float, tls: bool = False) -> None:
        self.socket: socket.socket = socket.create_connection((HOST, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = _trusting().wrap_socket(self.socket)
        self._timeout = timeout
        self._buffer: bytearray | None = None

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def wait(self, start: bytes, keep: bool = False) -> Reply:
        """Read up to a whole line that begins with `start`; nothing may stand behind it."""
        pattern, total, kept = b"\r\n" + start, 0, []
        buffer = self._buffer = self._buffer or bytearray(BUFFER)
        view, limit = memoryview(buffer), time.monotonic() + self._timeout
        buffer[:2], end = b"\r\n", 2
        while True:
            count = self.socket.recv_into(view[end:])
            if not count:
                raise BenchError("the server hung up")
            if keep:
                kept.append(bytes(view[end : end + count]))
            total += count
            end += count
            at = buffer.find(pattern, 0, end)
            stop = buffer.find(b"\r\n", at + 2, end) if at >= 0 else -1
            if stop >= 0:
                return Reply(bytes(view[at + 2 : stop]), total, b"".join(kept))
            if time.monotonic() > limit:
                raise BenchError("no answer in time")
            first = at if at >= 0 else max(0, end - len(pattern) + 1)
            end -= first
            view[:end] = bytes(view[first : first + end])
            if end == BUFFER:  # the last octet may be the CR of its end
                view[HEAD] = view[end - 1]
                end = HEAD + 1

    def rest(self) -> None:
        """Give the buffer back, for a connection that is one of thousands."""
        self._buffer = None

    def close(self) -> None:
        self.socket.close()


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it made its certificate a moment ago
    return context


class Imap(Wire):
    """A connection to an IMAP server, which has greeted."""

    def __init__(self, port: int, timeout: float, capabilities: bytes = b"", tls: bool = False) -> None:
        super().__init__(port, timeout, tls)
        self._number = 0
        self._capabilities = capabilities.split()
        self.wait(b"* ")

    def login(self, user: str, password: str) -> None:
        self.command(b'LOGIN "%b" "%b"' % (user.encode(), password.encode()))

    def tag(self) -> bytes:
        self._number += 1
        return b"Zq%d" % self._number

    def command(self, text: bytes, *, keep: bool = False) -> Reply:
        """Send a command that must be answered OK."""
        reply = self.attempt(text, keep=keep)
        if reply.line.split(b" ", 2)[1].upper() != b"OK":
            raise BenchError(f"{text[:60]!r}: {reply.line[:200]!r}")
        return reply

    def attempt(self, text: bytes, *, keep: bool = False) -> Reply:
        """Send a command that may be refused."""
        tag = self.tag()
        self.send(tag + b" " + text + b"\r\n")
        return self.wait(tag + b" ", keep)

    def append(self, mailbox: bytes, messages: Sequence[tuple[bytes, bytes]]) -> int:
        """Append messages, pairs of date-time and octets, by one command; return how many octets they have."""
        tag = self.tag()
        head = tag + b' APPEND "' + mailbox + b'"'
        for date, octets in messages:
            if self._must_ask(len(octets)):
                self.send(head + b" () " + date + b" {%d}\r\n" % len(octets))
                self.wait(b"+")
                self.send(octets)
            else:
                self.send(head + b" () " + date + b" {%d+}\r\n" % len(octets) + octets)
            head = b""
        self.send(b"\r\n")
        reply = self.wait(tag + b" ")
        if not reply.line.upper().startswith(tag.upper() + b" OK"):
            raise BenchError(f"APPEND: {reply.line[:200]!r}")
        return sum(len(octets) for _, octets in messages)

    def _must_ask(self, octets: int) -> bool:
        return not (b"LITERAL+" in self._capabilities or (b"LITERAL-" in self._capabilities and octets <= 4096))

    def logout(self) -> None:
        with suppress(OSError, BenchError):
            self.attempt(b"LOGOUT")
        self.close()
