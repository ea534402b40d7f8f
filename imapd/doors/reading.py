"""Whether a connection is read from."""

from twisted.internet.interfaces import IPushProducer


class Reading:
    """Holds a client up while much of what it sent waits; a little is read on, so that a disconnect is seen."""

    __slots__ = ("_goes_on", "_transport")

    def __init__(self, transport: IPushProducer) -> None:
        """Take the connection's transport, which reads."""
        self._transport = transport
        self._goes_on = True

    def go_on(self, goes_on: bool) -> None:
        """Read, or do not."""
        if goes_on is self._goes_on:
            return
        self._goes_on = goes_on
        if goes_on:
            self._transport.resumeProducing()
        else:
            self._transport.pauseProducing()
