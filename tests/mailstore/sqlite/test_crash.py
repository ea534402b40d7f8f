"""A process is killed while it writes: what it was promised is there, and nothing is half done."""

import os
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol

import mailstore
from mailstore.model import FLAGGED, Field
from tests.mailstore.contract import mail, uids
from tests.mailstore.sqlite import case

ROOT = Path(mailstore.__file__).parent.parent


class Victim(ProcessProtocol):
    """Collects what the process says, and kills it after some lines."""

    def __init__(self, lines):
        self.ended = Deferred()
        self._lines = lines
        self._heard = b""

    def outReceived(self, data):
        self._heard += data
        if self._heard.count(b"\n") >= self._lines:
            self._lines = sys.maxsize
            self.transport.signalProcess("KILL")

    def errReceived(self, data):
        sys.stderr.buffer.write(data)

    def processEnded(self, reason):
        self.ended.callback(self._heard[: self._heard.rfind(b"\n")].decode().split("\n"))


class CrashTests(case.SqliteCase):
    async def run_and_kill(self, lines):
        """Let a process write until it has said some lines; return them."""
        user = await self.store.user("ada")
        victim = Victim(lines)
        arguments = [sys.executable, "-m", "tests.mailstore.sqlite.writing_process", self.place, user.account]
        reactor.spawnProcess(victim, sys.executable, arguments, env={**os.environ, "PYTHONPATH": str(ROOT)}, path=ROOT)
        return [line.split() for line in await victim.ended.addTimeout(60, reactor)]

    async def test_killed_while_it_writes(self):
        promised = []
        for lines in (7, 60, 111):
            promised += await self.run_and_kill(lines)
            await self.reopen()
            self.assertEqual(await self.account.check_consistency(), [])
            await self.verify(promised)

    async def verify(self, promised):
        told = {word: {int(uid) for said, uid, *_ in promised if said == word} for word in ("flagged", "expunging")}
        texts = {int(uid): text for word, uid, *rest in promised if word == "appended" for text in rest}
        there = (await self.inbox.snapshot()).uids
        flags = await self.column(Field.FLAGS)
        for uid, text in texts.items():
            self.assertEqual(await self.octets(uid), mail(text))
            self.assertTrue(uid in there or uid in told["expunging"], uid)
        for uid in told["flagged"]:
            self.assertIn(FLAGGED, flags[uid])
        for uid in {int(uid) for word, uid, *_ in promised if word == "expunged"}:
            self.assertNotIn(uid, there)

    async def test_another_process_goes_on_when_one_is_killed(self):
        await self.append(mail("before"))
        promised = await self.run_and_kill(20)
        self.assertEqual(await self.octets(1), mail("before"))
        await self.verify(promised)
        appended = await self.append(mail("after"))
        self.assertEqual(await self.octets(appended.first), mail("after"))
        self.assertNotEqual(appended, uids(1))
