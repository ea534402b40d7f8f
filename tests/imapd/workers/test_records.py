"""What a worker logs comes out of its parent's log."""

import io
import subprocess
import sys
import time

from twisted.internet.task import Clock
from twisted.logger import Logger, LogLevel, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from imapd.workers import records
from imapd.workers.records import Records


class RecordsTest(SynchronousTestCase):
    def setUp(self):
        self.stream, self.clock = io.BytesIO(), Clock()
        self.ready, self.events = [], []
        self.records = Records("worker 7", lambda: self.ready.append(True))
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)

    def relay(self, size=1 << 16):
        octets = self.stream.getvalue()
        for start in range(0, len(octets), size):
            self.records.receive(octets[start : start + size])

    def said(self):
        return [(each["log_level"], each["log_namespace"], each["text"]) for each in self.events if "text" in each]

    def log(self):
        return Logger("imapd.imap", observer=records.Observer(self.stream, self.clock))

    def test_levels_names_and_texts(self):
        self.log().info("login: {user}", user="ada")
        self.log().error("two\nlines\0")
        self.relay()
        self.assertEqual(
            self.said(),
            [
                (LogLevel.info, "imapd.imap worker 7", "login: ada"),
                (LogLevel.error, "imapd.imap worker 7", "two\nlines\\0"),
            ],
        )

    def test_when(self):
        self.log().emit(LogLevel.info, "one")
        written = float(self.stream.getvalue().split()[2])
        self.assertLess(abs(written - time.time()), 60)
        self.records.receive(b"info imapd.imap 1700000000.25 login: ada\0")
        self.assertEqual([each["log_time"] for each in self.events if "text" in each], [1700000000.25])

    def test_lines_are_gathered_though_the_environment_says_no(self):
        program = (
            "import os, sys; from imapd.workers.records import gathering; output = gathering(sys.stdout);"
            "output.write(b'second'); os.write(1, b'first '); output.flush()"
        )
        said = subprocess.run([sys.executable, "-u", "-c", program], check=True, capture_output=True)
        self.assertEqual(said.stdout, b"first second")

    def test_a_format_that_python_does_not_know(self):
        self.log().info("{host()}: {what.name} {missing}", host=lambda: "here", what=LogLevel.info)
        self.log().info("{host()}: {what.name}", host=lambda: "here", what=LogLevel.info)
        self.relay()
        self.assertIn("Unable to format event", self.said()[0][2])
        self.assertEqual(self.said()[1][2], "here: info")

    def test_lines_are_gathered_but_no_warnings(self):
        self.patch(records, "isInIOThread", lambda: True)
        kept = io.BytesIO()
        self.stream = io.BufferedWriter(kept)
        log = self.log()
        log.info("one")
        log.info("two")
        self.assertEqual(kept.getvalue(), b"")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(records.GATHERED_SECONDS)
        self.assertEqual(kept.getvalue().count(b"\0"), 2)
        log.info("three")
        log.warn("four")
        self.assertEqual(kept.getvalue().count(b"\0"), 4)
        self.clock.advance(records.GATHERED_SECONDS)

    def test_what_another_thread_logs_is_not_kept(self):
        self.patch(records, "isInIOThread", lambda: False)
        kept = io.BytesIO()
        self.stream = io.BufferedWriter(kept)
        self.log().info("one")
        self.assertEqual(kept.getvalue().count(b"\0"), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_any_text(self):
        self.log().info("{name!r} {broken}", name="J\u00fcrgen \u2603", broken="\udcff")
        self.relay()
        self.assertEqual([text for _, _, text in self.said()], ["'J\u00fcrgen \u2603' \\udcff"])

    def test_in_pieces(self):
        self.log().warn("text of {n}", n=3)
        records.say_ready(self.stream)
        self.relay(size=1)
        self.assertEqual(self.said(), [(LogLevel.warn, "imapd.imap worker 7", "text of 3")])
        self.assertEqual(self.ready, [True])

    def test_a_failure_is_told_whole(self):
        try:
            raise ValueError("of all things")
        except ValueError:
            self.log().failure("while serving")
        self.relay()
        [(level, _, text)] = self.said()
        self.assertEqual(level, LogLevel.critical)
        self.assertIn("while serving", text)
        self.assertIn("Traceback", text)
        self.assertIn("of all things", text)

    def test_anything_else_is_told_as_it_is(self):
        self.records.receive(b"nonsense\xff\0")
        self.assertEqual(self.said(), [(LogLevel.warn, "worker 7", "nonsense\ufffd")])

    def test_memory_is_bounded(self):
        for _ in range(20):
            self.records.receive(b"x" * 10_000)
        self.assertLess(len(self.records._octets), 100_000)
