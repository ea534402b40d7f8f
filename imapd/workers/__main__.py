"""``python -m imapd.workers ORDER``: a worker, started by its parent and of no use to anybody else."""

# mypy: disallow-untyped-calls=False

import atexit
import signal
import sys
from contextlib import suppress
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.error import ReactorNotRunning
from twisted.internet.process import ProcessReader
from twisted.logger import Logger, globalLogBeginner

from imapd.config import ConfigError
from imapd.service import MailService, worker_service
from imapd.tls import CertificateError
from imapd.workers import records
from imapd.workers.order import RETIRE, Order

reactor: Any = _reactor


class Orders:
    """What the parent says on standard input, which ends with the parent if not before."""

    def __init__(self, service: MailService) -> None:
        self._service = service
        self._reader = ProcessReader(reactor, self, "orders", sys.stdin.fileno())
        self._reader.startReading()

    def childDataReceived(self, name: str, data: bytes) -> None:
        """Twisted: it says something, of which there is only one thing."""
        assert data == RETIRE
        self._service.retire().addBoth(lambda _: self._end())

    def childConnectionLost(self, name: str, reason: object) -> None:
        """Twisted: it says nothing more."""
        self._end()

    def _end(self) -> None:
        with suppress(ReactorNotRunning):  # who retires may be told to end meanwhile
            reactor.stop()


def main() -> None:
    """Serve."""
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C and a lost terminal reach us too, and are for the parent
        signal.signal(number, signal.SIG_IGN)
    output = records.gathering(sys.stdout)
    atexit.register(output.flush)
    globalLogBeginner.beginLoggingTo([records.Observer(output, reactor)], redirectStandardIO=False)
    try:
        service = worker_service(Order.read(sys.argv[1]))
        service.privilegedStartService()
        service.startService()
    except (ConfigError, CertificateError) as error:
        Logger().critical("{error}", error=error)
        sys.exit(1)
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.callWhenRunning(Orders, service)
    reactor.callWhenRunning(records.say_ready, output)
    reactor.run()


if __name__ == "__main__":
    main()
