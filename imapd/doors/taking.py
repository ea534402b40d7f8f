"""What comes in is taken up one thing at a time, until something has to wait, or one side is slower than the other."""

from collections.abc import Callable
from functools import partial
from typing import Final

from imapd import limits
from imapd.doors import stepping
from imapd.doors.outflow import ITwoWays, Outflow
from imapd.doors.reading import Reading
from imapd.doors.stepping import Steps


def nothing() -> None:
    """Do nothing."""


class Taking:
    """What a connection does between its transport and its commands.

    Not that of IMAP, which keeps the same bounds by itself (`imapd.imap.stream.inflow`, `imapd.imap.connection`): what
    comes in may have to be inflated first, news are told between commands, and a command that runs may be woken.

    Attributes:
        outflow: octets on their way to the client.
        running: whether something is being done, behind which all that comes waits.
        over: whether nothing more is taken up.

    """

    def __init__(self, transport: ITwoWays, take: Callable[[], bool], waiting: Callable[[], int]) -> None:
        """Take the transport and what to ask.

        Args:
            transport: of the connection.
            take: takes up one thing of what came in; tells whether there was any.
            waiting: how many octets came in that are not taken up.

        """
        self.outflow: Final = Outflow(transport, self.advance)
        self.running = self.over = False
        self._take = take
        self._waiting = waiting
        self._advancing = False
        self._reading = Reading(transport)

    def advance(self) -> None:
        """Take up what has come in, until a command has to wait, the client is slow to read, or nothing is left."""
        if self._advancing:
            return
        self._advancing = True
        while not (self.over or self.outflow.full) and self._take():
            pass
        self._advancing = False
        if not self.over:
            self.outflow.send()
            self._reading.go_on(self._waiting() <= limits.WAITING_OCTETS)

    def run(self, steps: Steps, behind: Callable[[], None] = nothing) -> None:
        """Do something, then what is to be done `behind` it, then take up what has come in meanwhile."""
        self.running = True
        stepping.run(steps, partial(self._finished, behind), self.outflow.flush)

    def close(self) -> None:
        """Take up nothing more, and end the connection once everything written is sent."""
        self.over = True
        self.outflow.close()

    def abort(self) -> None:
        """Take up nothing more, and end the connection at once."""
        self.over = True
        self.outflow.abort()

    def _finished(self, behind: Callable[[], None]) -> None:
        self.running = False
        behind()
        self.advance()
