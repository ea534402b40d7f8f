"""Backups beside a process that writes, and backups that are killed."""

import os
import subprocess
import sys
from pathlib import Path

import apsw
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol

import mailstore
from mailstore.sqlite import accountcopy
from tests.mailstore.contract import EVERYONE, mail
from tests.mailstore.sqlite.test_backup import BackupCase, tables

ROOT = Path(mailstore.__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


class Writing(ProcessProtocol):
    """Says when a process has begun to write, and when it has written some more, and when it has ended."""

    def __init__(self):
        self.ended = Deferred()
        self._awaited = []
        self._heard = 0

    def lines(self, number):
        """Return a `Deferred` that fires after this many lines from here on."""
        more = Deferred()
        self._awaited.append((self._heard + number, more))
        return more.addTimeout(60, reactor)

    def outReceived(self, data):
        self._heard += data.count(b"\n")
        reached = [each for each in self._awaited if each[0] <= self._heard]
        self._awaited = [each for each in self._awaited if each[0] > self._heard]
        for _, more in reached:
            more.callback(None)

    def errReceived(self, data):
        sys.stderr.buffer.write(data)

    def processEnded(self, reason):
        self.ended.callback(None)


class WritingTests(BackupCase):
    async def test_it_is_the_account_at_one_moment(self):
        """What the log says of the moments up to the backup's is in it, and what it holds agrees with that."""
        self.patch(accountcopy, "STEP_CONTENTS", 3)
        writing = Writing()
        arguments = [sys.executable, "-m", "tests.mailstore.sqlite.writing_process", self.place, self.account.id]
        process = reactor.spawnProcess(writing, sys.executable, arguments, env=ENVIRONMENT, path=ROOT)
        for number in range(5):
            await writing.lines(10)
            before = await self.account.state()
            await self.back_up(whole=number == 3)
            kept = tables(self.kept_path)
            [(_, moment, *_)] = kept["account"]
            self.assertLessEqual(before, moment)
            self.assertLessEqual(moment, await self.account.state())
            [modseq] = [place for place, column in enumerate(self.columns("change")) if column == "modseq"]
            self.assertEqual({row for row in tables(self.path)["change"] if row[modseq] <= moment}, kept["change"])
            await self.assert_sound()
        process.signalProcess("KILL")
        await writing.ended
        await self.back_up()
        self.assert_same()

    def columns(self, table):
        connection = apsw.Connection(str(self.kept_path))
        names = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        connection.close()
        return names


class KilledTests(BackupCase):
    def run_and_kill(self, step):
        """Back up in a process that dies at a step; return whether it came that far."""
        arguments = ["tests.mailstore.sqlite.backing_process", self.place, self.kept, str(step)]
        done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env=ENVIRONMENT, timeout=60, check=False)
        return done.returncode < 0

    async def test_the_first(self):
        await self.append(*(mail(str(number)) for number in range(12)))
        for step in (3, 15, 15, 1, 2):  # each goes on from where the one before ended
            self.assertTrue(self.run_and_kill(step))
            self.assertFalse(self.kept_path.exists())
        await self.back_up()
        self.assert_same()

    async def test_a_later_one(self):
        await self.append(*(mail(str(number)) for number in range(12)))
        await self.back_up()
        before = tables(self.kept_path)
        await self.inbox.move(EVERYONE, (await self.account.mailboxes())[0].name)
        await self.append(*(mail(f"more {number}") for number in range(12)))
        for step in (3, 25):
            self.assertTrue(self.run_and_kill(step))
            self.assertEqual(tables(self.kept_path), before)
            await self.assert_sound()
        self.assertTrue(self.run_and_kill(26))
        self.assert_same()
        await self.assert_sound()
        self.assertFalse(self.run_and_kill(99))
        self.assert_same()
