"""The disk refuses: what was not kept is not acknowledged, what is there can be read, and all goes on by itself."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import apsw
from twisted.internet.defer import Deferred, gatherResults

from mailstore.errors import StoreError, Unavailable
from mailstore.model import Field, StoreFlags
from mailstore.names import INBOX
from mailstore.query import Body
from mailstore.sqlite import connections
from tests.crash.disk import Lost, Recorder, Wrote
from tests.mailstore.contract import EVERYONE, flags, mail, together, uids
from tests.mailstore.sqlite.case import SqliteCase


class FaultCase(SqliteCase):
    async def setUp(self):
        self.faults: dict[tuple[str, str], Exception] = {}
        self.recorder = None
        await super().setUp()
        self.bob = (await self.store.add_user("bob", "hash")).account
        await self.append(mail("before"))

    def open_store(self, place):
        if self.recorder is None:
            self.recorder = Recorder(place, self.fault)
            self.recorder.__enter__()
        return super().open_store(place)

    async def tearDown(self):
        self.faults.clear()
        await super().tearDown()
        self.recorder.__exit__()

    @property
    def path(self):
        return Path(self.place) / "accounts" / self.account.id[:2] / f"{self.account.id}.db"

    def fault(self, operation, path, end):
        kinds = self.faults.items()
        return next((error for (which, end), error in kinds if which == operation and path.endswith(end)), None)

    async def outcome(self, coroutine):
        try:
            return await coroutine
        except StoreError as error:
            return type(error)

    async def reads(self):
        """Read in every way, and from an account that is not open."""
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1))
        self.assertEqual(await self.octets(1), mail("before"))
        self.assertEqual(await self.inbox.search(Body("before"), EVERYONE), uids(1))
        bob = await self.store.account(self.bob)
        self.assertEqual((await bob.status(INBOX)).messages, 0)
        await bob.release()


def refuse(*_):
    raise OSError(errno.EIO, "the disk failed")


class FaultTests(FaultCase):
    async def refused_for_now(self):
        """Everything that writes is refused, and nothing else; once there are no more faults, nothing is."""
        for change in (
            lambda: self.append(mail("after")),
            lambda: self.inbox.store(uids(1), StoreFlags.ADD, flags("\\Flagged")),
            lambda: self.inbox.copy(uids(1), INBOX),
            lambda: self.account.subscribe("news"),
        ):
            self.assertEqual(await self.outcome(change()), Unavailable)
            await self.reads()
        self.faults.clear()
        self.assertEqual(await self.append(mail("after")), uids(2))
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_no_room(self):
        self.faults["write", "-wal"] = apsw.FullError()
        await self.refused_for_now()

    async def test_writes_fail(self):
        self.faults["write", "-wal"] = apsw.IOError()
        await self.refused_for_now()

    async def test_syncs_fail(self):
        self.faults["sync", "-wal"] = apsw.IOError()
        await self.refused_for_now()

    async def test_no_room_but_for_small_changes(self):
        """A gathered change that does not fit costs its neighbours nothing."""
        log = f"{self.path}-wal"
        room = os.path.getsize(log) + 200_000

        def fault(operation, path, end):
            return apsw.FullError() if path == log and end > room else None

        self.patch(self.recorder, "fault", fault)
        await self.reopen()
        large = mail(os.urandom(300_000).hex())
        outcomes = await together(*(self.outcome(self.append(each)) for each in (mail("a"), large, mail("b"))))
        self.assertEqual(outcomes[1], Unavailable)
        self.assertEqual(len(outcomes[0] | outcomes[2]), 2)

    async def test_no_member_of_a_batch_that_failed_is_acknowledged(self):
        self.faults["sync", "-wal"] = apsw.IOError()
        outcomes = await together(*(self.outcome(self.append(mail(str(number)))) for number in range(6)))
        self.assertEqual(outcomes, [Unavailable] * 6)
        await self.reads()
        self.faults.clear()
        self.assertEqual(await self.append(), uids(2))

    async def test_after_a_failed_sync_the_log_begins_anew(self):
        """Nothing is written behind what may be lost; see `WriteQueue`."""
        self.faults["sync", "-wal"] = apsw.IOError()
        self.assertEqual(await self.outcome(self.append()), Unavailable)
        self.faults.clear()
        await self.the_log_begins_anew()

    async def test_it_does_though_the_bell_could_not_be_rung_either(self):
        self.faults["sync", "-wal"] = apsw.IOError()
        patches = [self.patch(os, name, refuse) for name in ("pwrite", "ftruncate")]
        self.assertEqual(await self.outcome(self.append()), Unavailable)
        for patch in patches:
            patch.restore()
        self.faults.clear()
        await self.the_log_begins_anew()

    async def the_log_begins_anew(self):
        await self.append()
        events = self.recorder.events
        lost = max(number for number, event in enumerate(events) if isinstance(event, Lost))
        log = events[lost].inode
        written = [event.offset for event in events[lost:] if isinstance(event, Wrote) and event.inode == log]
        self.assertEqual(written[0], 0)

    async def test_checkpoints_that_fail(self):
        """SQLite keeps the log then.  (It takes the commit for done; apsw raises what came of the checkpoint.)"""
        self.patch(connections, "WAL_PAGES", 2)
        await self.reopen()
        self.faults["sync", ".db"] = apsw.IOError()
        for number in range(3):
            await self.outcome(self.append(mail(str(number))))
        self.faults.clear()
        last = await self.append(mail("last"))
        await self.reopen()
        self.assertEqual(await self.octets(1), mail("before"))
        self.assertEqual(await self.octets(last.first), mail("last"))

    async def test_a_message_that_cannot_be_read_from_its_file(self):
        def prepare():
            raise OSError(28, "No space left on device")

        self.assertEqual(await self.outcome(self.account.database.write_prepared(prepare, 0)), Unavailable)

    async def test_a_user_whose_making_failed(self):
        self.faults["sync", "registry.db-wal"] = apsw.IOError()
        self.assertEqual(await self.outcome(self.store.add_user("eve", "hash")), Unavailable)
        self.faults.clear()
        self.assertEqual([user.name for user in await self.store.users()], ["ada", "bob"])
        self.assertEqual(len(list(Path(self.place).glob("accounts/*/*.db"))), 2)
        await self.store.add_user("eve", "hash")


class NoSharedMemoryTests(SqliteCase):
    """SQLite wants a file of 32 kB beside each open database, for which a full disk has no room."""

    async def open_without(self):
        """Open the account where no such file can be made."""
        await self.append(mail("before"))
        await self.close(self.store)
        self.shared = Path(f"{self.path}-shm")
        self.shared.symlink_to(self.shared)
        self.store = self.another_store()
        self.account = await self.store.account((await self.store.user("ada")).account)
        self.inbox = await self.account.mailbox(INBOX)

    async def tearDown(self):
        await self.close(self.store)
        self.shared.unlink(missing_ok=True)
        self.store = self.another_store()
        await super().tearDown()

    async def test_an_account_is_opened_all_the_same(self):
        await self.open_without()
        self.assertEqual(await self.octets(1), mail("before"))
        self.assertEqual(await self.inbox.search(Body("before"), EVERYONE), uids(1))
        self.assertEqual(await self.append(mail("after")), uids(2))
        self.assertEqual(sorted(await self.column(Field.SIZE)), [1, 2])

    def ask(self):
        """Return what another process hears that asks."""
        asking = f"import apsw; apsw.Connection({str(self.path)!r}).execute('SELECT * FROM account')"
        return subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=False).stderr

    async def test_others_have_their_turn_though_it_is_used(self):
        await self.open_without()
        await self.append(mail("after"))
        self.assertEqual(await self.inbox.search(Body("before"), EVERYONE), uids(1))
        self.assertIn("BusyError", self.ask())
        await self.account.rest()
        self.assertNotIn("BusyError", self.ask())
        self.assertEqual(await self.octets(1), mail("before"))
        self.assertEqual(await self.append(mail("more")), uids(3))
        self.assertIn("BusyError", self.ask())

    async def test_it_is_shared_when_there_is_room_again(self):
        await self.open_without()
        await self.append(mail("after"))
        self.shared.unlink()
        await self.account.rest()
        self.assertEqual(await self.append(mail("more")), uids(3))
        self.assertEqual(await self.octets(2), mail("after"))
        self.assertEqual(self.ask(), "")

    async def test_who_asks_while_it_is_let_go_of_opens_it_as_it_still_is(self):
        """In one process SQLite lets two ways to open a file pass each other's locks."""
        await self.open_without()
        self.shared.unlink()
        resting = [Deferred.fromCoroutine(self.account.rest()) for _ in range(2)]
        await self.account.state()
        await gatherResults(resting)
        self.assertIn("BusyError", self.ask())
        await self.account.rest()
        await self.account.state()
        self.assertEqual(self.ask(), "")

    async def test_other_processes_are_told_that_it_is_busy(self):
        await self.open_without()
        await self.append(mail("after"))
        self.assertIn("BusyError", self.ask())
        self.assertEqual(await self.append(mail("more")), uids(3))
