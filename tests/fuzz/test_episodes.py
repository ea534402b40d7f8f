"""A few episodes of the fuzzer; ``make fuzz`` plays them for ten minutes."""

from pathlib import Path
from random import Random

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from imapd.imap.commands import COMMANDS
from imapd.imap.commands.verb import Done
from tests.fuzz.episode import Episode
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import Example, Literal, examples, tokenized
from tests.fuzz.spoken import in_one_turn, turns
from tests.fuzz.talking import Fault

SEEDS = (1, 2, 3)


class EpisodeTest(TestCase):
    timeout = 120

    def test_whatever_is_said(self):
        return Deferred.fromCoroutine(self._play(*SEEDS))

    async def _play(self, *seeds):
        for seed in seeds:
            await Episode(Path(self.mktemp()), seed).run(200)

    def _sees(self, run, expected):
        """Make sure that a fault of NOOP is seen, and said with its seed."""
        self.addCleanup(COMMANDS.__setitem__, b"NOOP", COMMANDS[b"NOOP"])
        COMMANDS[b"NOOP"] = evolve(COMMANDS[b"NOOP"], run=run)
        playing = self.assertFailure(Deferred.fromCoroutine(self._play(1)), Fault)
        return playing.addCallback(lambda fault: self.assertRegex(str(fault), rf"(?s)(?i:NOOP).*seed 1: .*{expected}"))

    def test_an_internal_error_is_seen(self):
        async def run(session, _):
            raise ValueError("oops")

        return self._sees(run, "internal error").addCallback(lambda _: self.flushLoggedErrors(ValueError))

    def test_what_is_no_response_is_seen(self):
        async def run(session, _):
            session.send(b"* FLAGS  ()\r\n")
            return Done("done")

        return self._sees(run, "not IMAP")

    def test_an_answer_too_many_is_seen(self):
        async def run(session, _):
            session.send(session.tag + b" OK done\r\n")
            return Done("done")

        return self._sees(run, "it was the turn of")

    def test_a_number_of_no_message_is_seen(self):
        async def run(session, _):
            session.send(b"* 4294967295 EXPUNGE\r\n")
            return Done("done")

        return self._sees(run, "there is no message 4294967295")


class CommandTests(SynchronousTestCase):
    def test_every_verb_has_examples(self):
        found = examples()
        self.assertEqual(found.keys(), COMMANDS.keys())
        lazy = (b" ", b"1", b" ", b"PREVIEW", b" ", b"(", b"LAZY", b" ", b"lazy", b")")
        self.assertIn(Example(b"UID FETCH", lazy), found[b"UID FETCH"])
        self.assertIn(Example(b"APPEND", (b" ", b"INBOX", b" ", Literal(b""))), found[b"APPEND"])

    def test_tokens(self):
        for octets, tokens in (
            (b'a "b \\" c"(d', [b"a", b" ", b'"b \\" c"', b"(", b"d"]),
            (b"x ~{2+}\r\n\r\n y", [b"x", b" ", Literal(b"\r\n", binary=True), b" ", b"y"]),
            (b"x {3}", [b"x", b" ", b"{", b"3}"]),
            (b"x\r\ny", None),
        ):
            self.assertEqual(tokenized(octets), tokens)

    def test_turns(self):
        waiting, quick = Literal(b"ab", waits=True), Literal(b"cd", binary=True)
        for tokens, said in (
            ((b" x",), [b"t V x\r\n"]),
            ((b" x\r\ny",), [b"t V x  y\r\n"]),
            ((b" ", quick), [b"t V ~{2+}\r\ncd\r\n"]),
            ((b" ", waiting, b" ", quick), [b"t V {2}\r\n", b"ab ~{2+}\r\ncd\r\n"]),
            ((b' "', quick), [b't V "~{2}\r\n', b"cd\r\n"]),
            ((b" {3}",), [b"t V {3}\r\n", b"aaa\r\n"]),
            ((b" {3+}",), [b"t V {3+} \r\n"]),
        ):
            self.assertEqual(turns(b"t", Example(b"V", tokens)), said)

    def test_in_one_turn(self):
        for tokens, said in (
            ((b" ", Literal(b"ab", waits=True)), b"t V {2+}\r\nab\r\n"),
            ((b' "', Literal(b"ab"), b"x"), b't V "x\r\n'),
            ((b" {3}{4}",), b"t V \r\n"),
            ((b" ", Literal(b"{3}")), b"t V {3+}\r\n{3}\r\n"),
        ):
            self.assertEqual(in_one_turn(b"t", Example(b"V", tokens)), said)

    def test_a_seed_is_enough_to_say_the_same_again(self):
        said = [[mutated(Random(seed), example) for seed, example in enumerate(examples()[b"FETCH"])] for _ in range(2)]
        self.assertEqual(*said)
