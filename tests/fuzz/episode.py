"""An episode of fuzzing: a store, a door, some clients, and so many commands, all of it by the numbers of one seed."""

from pathlib import Path
from random import Random

from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from imapd.imap.commands import COMMANDS
from imapd.imap.session import State
from tests.fuzz.babble import babble
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import Example, examples
from tests.fuzz.talking import ALONE, Fault, Talker
from tests.imapd.imap.harness import USERS, Server
from tests.transcripts.test_transcripts import HERE

TALKERS = 4
TOGETHER = 12
"""Commands that are pipelined at most."""
GIVEN = [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted((HERE / "messages").glob("*.eml"))]


class Episode:
    """One store from its beginning to its end."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._server = Server(folder)
        self._seed = seed
        self._random = Random(seed)
        self._errors: list[str] = []
        self._met: set[bytes] = set()
        self._talkers = [Talker(self._server, self._random, number) for number in range(TALKERS)]

    async def run(self, commands):
        """Say about so many commands; `Fault` with the last words of whose server did wrong."""
        globalLogPublisher.addObserver(self._note)
        await self._server.start(max_message_octets=50_000)
        talker = self._talkers[0]
        try:
            await self._server.deliver("ada", "INBOX", *GIVEN)
            for talker in self._talkers:
                await talker.connect()
            while commands > 0:
                talker = self._random.choice(self._talkers)
                commands -= await self._let_talk(talker)
                if self._random.random() < 0.02:
                    await self._server.deliver("ada", "INBOX", *GIVEN)
                if self._errors:
                    raise Fault("errors were logged")
            for talker in self._talkers:
                await talker.say(Example(b"NOOP", ()))
                await talker.leave()
            await self._check_store()
        except (Fault, AssertionError) as error:
            raise Fault("\n".join([*talker.said, *self._errors, f"seed {self._seed}: {error}"])) from error
        finally:
            globalLogPublisher.removeObserver(self._note)
            await self._server.stop()

    async def _let_talk(self, talker: Talker) -> int:
        """Return how many commands were said."""
        if self._random.random() < 0.01:
            await talker.leave()
            await talker.connect()
        if self._random.random() < 0.05:
            await talker.say_anything(babble(self._random))
            return 1
        first = self._command(talker)
        alone = first.verb.upper() in ALONE or first.verb.upper() not in self._met
        self._met.add(first.verb.upper())
        if alone or self._random.random() < 0.6:
            await talker.say(first)
            return 1
        several = [first, *(self._command(talker) for _ in range(self._random.randrange(TOGETHER)))]
        several = [command for command in several if command.verb.upper() in self._met - ALONE]
        await talker.say_together(several)
        return len(several)

    def _command(self, talker: Talker) -> Example:
        """Return a command, most often of a verb that is for the talker's state, or leads back to a mailbox."""
        verbs = list(COMMANDS.values())
        if self._random.random() < 0.9:
            verbs = [verb for verb in verbs if talker.state in verb.states]
        if talker.state is State.AUTHENTICATED and self._random.random() < 0.3:
            return Example(b"SELECT", (b" INBOX",))
        verb = self._random.choice(verbs)
        return mutated(self._random, self._random.choice(examples()[verb.name]))

    async def _check_store(self) -> None:
        for name in USERS:
            account = await self._server.store.account((await self._server.store.user(name)).account)
            wrong = await account.check_consistency()
            await account.release()
            if wrong:
                raise Fault("\n".join(wrong))

    def _note(self, event) -> None:
        if event["log_level"] >= LogLevel.error:
            failure = event.get("log_failure")
            self._errors.append(failure.getTraceback() if failure else str(formatEvent(event)))
