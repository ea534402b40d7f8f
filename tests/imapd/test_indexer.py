"""The process beside the server: started again when it ends, and told to end."""

from twisted.internet.error import ProcessExitedAlready, ProcessTerminated
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from imapd import indexer, limits
from imapd.indexer import Indexer


class Processes(Clock):
    """A reactor whose processes end when the test says so."""

    def __init__(self):
        super().__init__()
        self.commands, self.told = [], []
        self.full = False

    def spawnProcess(self, protocol, executable, args, env, childFDs):  # noqa: N803
        self.commands.append(args)
        if self.full:
            raise OSError("no more processes")
        self.protocol = protocol
        protocol.makeConnection(self)
        return self

    def closeStdin(self):
        self.told.append("stdin")

    def signalProcess(self, signal):
        self.told.append(signal)
        if self.full:
            raise ProcessExitedAlready
        self.end()

    def end(self):
        self.protocol.processEnded(Failure(ProcessTerminated(9)))


class IndexerTest(SynchronousTestCase):
    def setUp(self):
        self.reactor = Processes()
        self.indexer = Indexer("sqlite:///somewhere", self.reactor)
        self.indexer.startService()

    def test_started(self):
        self.assertEqual(self.reactor.commands[0][-3:], ["-m", "mailstore.indexer", "sqlite:///somewhere"])

    def test_started_again_ever_later(self):
        for times, seconds in enumerate((1, 2, 4), 1):
            self.reactor.end()
            self.reactor.advance(seconds - 0.1)
            self.assertEqual(len(self.reactor.commands), times)
            self.reactor.advance(0.1)
            self.assertEqual(len(self.reactor.commands), times + 1)

    def test_started_again_at_once_if_it_ran_for_long(self):
        for _ in range(3):
            self.reactor.advance(indexer.LAST_RETRY_SECONDS + 1)
            commands = len(self.reactor.commands)
            self.reactor.end()
            self.reactor.advance(indexer.FIRST_RETRY_SECONDS)
            self.assertEqual(len(self.reactor.commands), commands + 1)

    def test_started_again_if_there_was_no_room_for_it(self):
        self.reactor.full = True
        self.reactor.end()
        self.reactor.advance(1)
        self.reactor.advance(0)
        self.assertEqual(len(self.reactor.commands), 2)
        self.reactor.full = False
        self.reactor.advance(2)
        self.assertEqual(len(self.reactor.commands), 3)

    def test_stopped(self):
        stopped = self.indexer.stopService()
        self.assertNoResult(stopped)
        self.assertEqual(self.reactor.told, ["stdin"])
        self.reactor.end()
        self.successResultOf(stopped)
        self.reactor.advance(1000)
        self.assertEqual(len(self.reactor.commands), 1)

    def test_killed_if_it_does_not_stop(self):
        stopped = self.indexer.stopService()
        self.reactor.advance(limits.INDEXER_CLOSE_SECONDS)
        self.successResultOf(stopped)
        self.assertEqual(self.reactor.told, ["stdin", "KILL"])

    def test_ends_by_itself_just_before_it_would_be_killed(self):
        stopped = self.indexer.stopService()
        self.reactor.full = True
        self.reactor.advance(limits.INDEXER_CLOSE_SECONDS)
        self.assertNoResult(stopped)
        self.reactor.end()
        self.successResultOf(stopped)

    def test_stopped_while_it_waits_to_be_started(self):
        self.reactor.end()
        self.successResultOf(self.indexer.stopService())
        self.reactor.advance(1000)
        self.assertEqual(len(self.reactor.commands), 1)

    def test_what_it_says_is_logged(self):
        self.patch(self.reactor.protocol, "_log", log := Log())
        self.reactor.protocol.errReceived(b"one\ntwo\n")
        self.assertEqual(log.lines, ["one", "two"])


class Log:
    def __init__(self):
        self.lines = []

    def warn(self, _, line):
        self.lines.append(line)
