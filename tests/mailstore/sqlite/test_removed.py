"""An account that is removed while somebody uses it."""

import contextlib  # trial takes a `suppress` of the module for its own
import os
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SkipTest

from mailstore.errors import NotFound, Unavailable
from mailstore.model import Uid
from mailstore.sqlite import changelog, connections
from mailstore.sqlite.check import unseen
from tests.mailstore.contract import mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase


class RemovedTest(SqliteCase):
    async def setUp(self):
        await super().setUp()
        self.there = self.another_store()
        self.removed = Deferred()
        self.account.removed.subscribe(lambda: self.removed.callback(None))

    async def test_who_uses_it_hears_that_another_process_removed_it(self):
        if self.store._hearing._watch is None:
            raise SkipTest("this system watches no files, or has no room for more")
        await self.append(mail())
        self.account.recents.claim(1, Uid(1), Uid(2))
        path = self.path
        await self.there.delete_user("ada")
        await self.assert_nothing_is_left(path)

    async def test_where_no_bell_is_heard_the_poll_tells_and_the_disk_is_not_to_blame(self):
        path, faults = self.path, []
        self.patch(connections._log, "error", lambda *_, **__: faults.append(1))
        self.store._hearing.ignore(self.account.bell)
        self.account.look_again()
        for _ in range(2):
            await self.account.rest()
        await self.there.delete_user("ada")
        self.assertRaises(NotFound, self.account.database.read_now, changelog.current)
        await self.assert_raises(NotFound, self.account.subscribe("other"))
        await self.store._look()
        await self.assert_nothing_is_left(path)
        self.assertEqual(faults, [])

    async def test_another_one_may_have_its_name(self):
        kept, path = str(Path(self.mktemp()).absolute()), self.path
        await self.append(mail("kept"))
        backup = await self.there.backup(kept)
        await backup.update(await self.there.user("ada"), unseen)
        await backup.close()
        self.store._hearing.ignore(self.account.bell)
        await self.there.delete_user("ada")
        user = await self.there.restore(kept, "ada", "ada", unseen)
        self.assertEqual(self.path, path)
        await self.store._look()
        self.assertEqual(await self.left_open(path), [])
        await self.assert_raises(Unavailable, self.account.state())
        self.account = await self.store.account(user.account)
        self.inbox = await self.account.mailbox(name("INBOX"))
        self.assertEqual(await self.octets(1), mail("kept"))
        self.assertEqual(await self.append(mail("more")), uids(2))

    async def test_what_is_done_then_to_the_other_one_is_not_acknowledged(self):
        """Whoever uses that has another bell, and would not be told."""
        kept = str(Path(self.mktemp()).absolute())
        backup = await self.there.backup(kept)
        await backup.update(await self.there.user("ada"), unseen)
        await backup.close()
        self.store._hearing.ignore(self.account.bell)
        for _ in range(3):
            await self.account.rest()
        await self.there.delete_user("ada")
        user = await self.there.restore(kept, "ada", "ada", unseen)
        restored = await self.there.account(user.account)
        before = restored.stamp()
        await self.assert_raises(NotFound, self.account.subscribe("other"))
        self.assertEqual(restored.stamp(), before)
        await restored.release()
        await self.store._look()
        await self.account.release()
        self.account = await self.store.account(user.account)

    async def test_who_removes_it_closes_it_for_all(self):
        path = self.path
        await self.store.delete_user("ada")
        await self.assert_nothing_is_left(path)

    async def assert_nothing_is_left(self, path):
        """Wait until the account is closed; its name can be made anew."""
        self.assertEqual((await self.left_open(path), list(path.parent.glob("*"))), ([], []))
        await self.assert_raises(Unavailable, self.account.state())
        await self.account.release()
        again = await self.store.account((await self.there.add_user("ada", "")).account)
        self.assertIn("INBOX", [info.name for info in await again.mailboxes()])
        await again.release()

    async def left_open(self, path):
        """Return which files of an account are open when it was said to be removed, at last."""
        await self.removed.addTimeout(10, reactor)
        for _ in range(500):
            if not (held := self.held(path)):
                break
            await deferLater(reactor, 0.01)
        return held

    def held(self, path):
        """Return which files of an account are open."""
        found = []
        for link in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # another thread has closed it meanwhile
                found.append(os.readlink(link))
        return [each for each in found if path.stem in each]
