"""The parent's end of the sockets that clients come to: it opens them, and takes nobody in.

Each socket has one queue of clients for all workers.  One that is busy leaves them to the others, and those that wait
are still waiting when a worker dies.
"""

# mypy: disallow-untyped-calls=False

from twisted.internet.abstract import FileDescriptor
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.protocol import ServerFactory

from imapd.listening import Listening


class _Nobody(ServerFactory):
    """Stands behind a socket that nobody is taken in from."""

    noisy = False

    def __init__(self, called: str) -> None:
        self._called = called

    def logPrefix(self) -> str:
        """Twisted: what is listening."""
        return self._called


class SharedSocket(Listening):
    """A socket that is open for as long as the parent runs."""

    def __init__(self, door: str, text: str, endpoint: IStreamServerEndpoint, called: str) -> None:
        """Take what it is for, how the endpoint is written, the endpoint, and what it is called in the log."""
        super().__init__(endpoint, _Nobody(called))
        self.door, self.text = door, text

    @property
    def descriptor(self) -> int:
        """The open socket."""
        assert isinstance(self.port, FileDescriptor)
        return int(self.port.fileno())

    def privilegedStartService(self) -> None:
        """Open it; `CannotListenError` also if it is of a kind that only one process can serve."""
        super().privilegedStartService()
        port = self.port
        if not isinstance(port, FileDescriptor) or getattr(port, "factory", None) is not self.factory:
            raise CannotListenError(None, self.text, "only one worker could serve this kind of endpoint")
        port.stopReading()
