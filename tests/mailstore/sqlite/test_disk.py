"""What the disk may do to a store, and what a store does to the disk."""

import random
import stat
import threading
from pathlib import Path

from mailstore.errors import Corrupt, StoreError, Unavailable
from mailstore.interfaces import NewMessage
from mailstore.model import Field
from mailstore.names import INBOX
from mailstore.spool import Spool
from mailstore.sqlite import flagsets, messages
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, uids
from tests.mailstore.sqlite.case import SqliteCase


class DiskTests(SqliteCase):
    async def limit(self, pages):
        """Let the file grow no further than this many pages."""
        await self.account.database.write(lambda writer: writer.rows(f"PRAGMA max_page_count = {pages}"))

    async def test_a_full_disk_refuses_what_does_not_fit_and_recovers(self):
        await self.append(mail("before"))
        await self.limit(60)
        large = Spool(random.Random(1).randbytes(500_000))
        await self.assert_raises(Unavailable, self.inbox.append([NewMessage(large)]))
        self.assertEqual(await self.octets(1), mail("before"))
        self.assertEqual((await self.account.status(INBOX)).messages, 1)
        await self.limit(10_000)
        await self.inbox.append([NewMessage(large)])
        self.assertEqual((await self.account.status(INBOX)).messages, 2)

    async def test_writes_wait_for_another_process(self):
        other = self.other_connection()
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.05, other.close)
        release.start()
        await self.append()
        release.join()

    async def test_files_are_the_owners(self):
        await self.append()
        for path in Path(self.place).rglob("*"):
            expected = 0o700 if path.is_dir() else 0o600
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), expected, path)

    async def test_damage_to_octets_is_found(self):
        await self.append(mail("damaged"), mail("whole"))
        await self.account.database.write(
            lambda writer: writer.execute("UPDATE chunk SET octets = CAST(zeroblob(9) AS BLOB) WHERE id < 131072")
        )
        await self.assert_raises(Corrupt, self.octets(1))
        self.assertEqual(await self.octets(2), mail("whole"))
        [problem] = await self.account.check_consistency()
        self.assertIn("content 1", problem)
        await self.store.delete_user("ada")


class CountsTests(SqliteCase):
    async def test_counts_that_are_wrong_are_found(self):
        await self.append(mail("one"), mail("two"))
        for sql, rule in (
            ("UPDATE account SET octets = octets + ?", "an account whose usage"),
            ("UPDATE account SET messages = messages + ?", "an account whose usage"),
            ("UPDATE mailbox SET deleted_octets = deleted_octets + ? WHERE name = 'INBOX'", "a mailbox whose counts"),
        ):
            await self.account.database.write(lambda writer, sql=sql: writer.execute(sql, 1))
            [problem] = await self.account.check_consistency()
            self.assertIn(rule, problem)
            await self.account.database.write(lambda writer, sql=sql: writer.execute(sql, -1))


    async def test_what_is_expunged_has_the_flag_that_clients_are_told(self):
        self.patch(messages, "BLOCK", 1)
        for given in ("\\Deleted",), ("\\Deleted", "\\Seen"), ("\\Flagged",):
            await self.append(flags=flags(*given))
        await self.account.database.write(lambda writer: writer.execute("UPDATE flagset SET deleted = NOT deleted"))
        self.assertEqual((await self.inbox.expunge(EVERYONE)).uids, uids(1, 2))
        self.assertEqual((await self.account.status(INBOX)).messages, 1)
        await self.account.database.write(flagsets.agree)


class DamagedTests(StoreCase):
    open_store = SqliteCase.open_store

    async def test_a_damaged_account_touches_no_other(self):
        bob = await self.store.add_user("bob", "")
        await (await self.store.account(bob.account)).release()
        await self.close(self.store)
        [path] = Path(self.place).glob(f"accounts/*/{bob.account}.db")
        path.write_bytes(b"no database at all" * 1000)
        self.store = self.another_store()
        await self.assert_raises(Corrupt, self.store.account(bob.account))
        ada = await self.store.account((await self.store.user("ada")).account)
        self.assertEqual(len(await ada.mailboxes()), 6)
        await self.store.delete_user("bob")

    async def test_a_store_that_is_damaged_in_the_middle_raises_only_store_errors(self):
        await self.append(*(mail("x" * 5000 + str(number)) for number in range(50)))
        await self.close(self.store)
        [path] = Path(self.place).glob("accounts/*/*.db")
        octets = bytearray(path.read_bytes())
        octets[8192 : len(octets) - 8192] = bytes(len(octets) - 16384)
        path.write_bytes(octets)
        self.store = self.another_store()
        try:
            account = await self.store.account((await self.store.user("ada")).account)
            inbox = await account.mailbox(INBOX)
            [rows async for rows in inbox.fetch(EVERYONE, [Field.FLAGS])]
            await self.append(mailbox=inbox)
        except StoreError:
            pass
        await self.store.delete_user("ada")
