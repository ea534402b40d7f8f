"""The lock on a maildrop ends with the process that holds it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from mailstore.errors import Conflict
from tests.mailstore.sqlite.case import SqliteCase

_HOLDS = """
import fcntl, os, sys
descriptor = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("held", flush=True)
sys.stdin.read()
"""


class LockingTests(SqliteCase):
    async def test_a_process_that_is_killed_lets_go(self):
        path = self.account.database.path.with_suffix(".maildrop")
        with subprocess.Popen([sys.executable, "-c", _HOLDS, path], stdin=-1, stdout=-1) as holder:
            self.assertEqual(holder.stdout.readline(), b"held\n")
            await self.assert_raises(Conflict, self.account.lock_maildrop())
            os.kill(holder.pid, signal.SIGKILL)
            holder.wait()
        await (await self.account.lock_maildrop()).release()

    async def test_the_file_goes_with_the_account(self):
        lock = await self.account.lock_maildrop()
        path = Path(self.account.database.path)
        self.assertTrue(path.with_suffix(".maildrop").exists())
        await lock.release()
        await self.store.delete_user("ada")
        self.assertEqual(list(path.parent.glob("*")), [])
