"""The ``imapd`` command, run in this process on a store in memory."""

import io
import sys
from collections import defaultdict
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from twisted.internet.testing import MemoryReactor
from twisted.trial.unittest import SynchronousTestCase

from imapd.admin import main, stores
from mailstore.errors import AlreadyExists
from mailstore.model import AccountId, User
from tests.imapd.auth.register import Account, Register


class Store(Register):
    """A register that changes; it answers at once, so no reactor has to run."""

    closed = 0

    def __init__(self):
        super().__init__()
        self.problems = defaultdict(list)
        self.beyond_repair = defaultdict(list)
        self.failures = {}
        self.register_problems = []
        self.repaired = []

    async def check(self, account_id, progress):
        progress(1, 1)
        if account_id in self.failures:
            raise self.failures[account_id]
        return self.problems[account_id] + self.beyond_repair[account_id]

    async def repair(self, account_id, progress):
        self.repaired.append(account_id)
        return [f"put right: {problem}" for problem in self.problems.pop(account_id)]

    async def check_register(self):
        return self.register_problems

    async def add_user(self, name, password_hash):
        if name.casefold() in self.hashes:
            raise AlreadyExists(f"there is a user {name} already")
        self.hashes[name.casefold()] = password_hash
        self.accounts[name.casefold()] = Account(holders=0)
        return User(name, AccountId(name.casefold()))

    async def users(self):
        return [await self.user(name) for name in sorted(self.hashes)]

    async def delete_user(self, name):
        del self.hashes[(await self.user(name)).name]

    async def close(self):
        self.closed += 1


class CommandTestCase(SynchronousTestCase):
    """Runs commands on `store`."""

    def setUp(self):
        self.data = Path(self.mktemp()).absolute()
        self.store: Any = Store()
        self.patch(stores, "configured_store", lambda config, at_rest: self.store)
        self.patch(stores, "react", lambda begin: begin(MemoryReactor()))

    def imapd(self, *arguments, stdin=b""):
        """Return the status, and what was printed to standard output and error."""
        self.patch(sys, "argv", ["imapd", "--data", str(self.data), *map(str, arguments)])
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors:
            ended = self.assertRaises(SystemExit, main)
        return ended.code or 0, output.getvalue(), errors.getvalue()

    def succeeds(self, *arguments, stdin=b""):
        """Return what a command prints that goes well."""
        status, output, errors = self.imapd(*arguments, stdin=stdin)
        self.assertEqual((status, errors), (0, ""))
        return output

    def fails(self, *arguments, stdin=b"", status=1):
        """Return the one line of a command that fails."""
        ended, output, errors = self.imapd(*arguments, stdin=stdin)
        self.assertEqual((ended, output), (status, ""))
        self.assertRegex(errors, r"\Aimapd: [^\n]+\n\Z")
        return errors
