"""What a worker logs comes out of its parent's log."""

import io

from twisted.logger import Logger, LogLevel, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from imapd.workers import records
from imapd.workers.records import Records


class RecordsTest(SynchronousTestCase):
    def setUp(self):
        self.stream = io.BytesIO()
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
        return Logger("imapd.imap", observer=records.observer(self.stream))

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
