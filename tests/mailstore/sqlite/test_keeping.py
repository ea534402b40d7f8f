"""What is kept beside messages, for how long, and how."""

import time
from types import SimpleNamespace

from attrs import evolve
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from mailstore import changes
from mailstore.errors import Expunged, NotFound, TooBig
from mailstore.mime import Message
from mailstore.model import Field, StoreFlags
from mailstore.names import INBOX
from mailstore.renderings import IfKept, Rendering
from mailstore.sqlite import accounts, changelog, flagsets, purging, room, writing
from mailstore.sqlite.account import Account
from mailstore.sqlite.purging import purge
from mailstore.uidset import EMPTY
from tests.mailstore.contract import EVERYONE, flags, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase


class HistoryTests(SqliteCase):
    async def test_a_long_history_is_told_in_three_entries(self):
        start = (await self.inbox.snapshot()).status.highest_modseq
        await self.append(b"one", b"two", b"three")
        for keyword in ("k1", "k2", "k3"):
            await self.inbox.store(uids(1, 3), StoreFlags.ADD, flags(keyword))
        await self.inbox.store(uids(2), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(uids(1, 2, 3))
        whole = await self.inbox.changes_since(start)
        self.patch(changelog, "LONG", 2)
        summary = await self.inbox.changes_since(start)
        self.assertEqual((summary.upto, summary.uid_next), (whole.upto, whole.uid_next))
        self.assertEqual(
            summary.entries,
            (
                changes.Appended(start, uids(1, 2, 3)),
                changes.FlagsChanged(start, uids(1, 2, 3)),
                changes.Expunged(start, uids(2)),
            ),
        )
        self.assertEqual((summary.changed, summary.expunged), (whole.changed, whole.expunged))
        self.assertEqual((await self.inbox.changes_since(whole.upto)).entries, ())

    async def test_no_more_of_a_long_history_is_read_than_shows_that_it_is_long(self):
        for keyword in ("k1", "k2", "k3"):
            await self.append(b"one")
            await self.inbox.store(EVERYONE, StoreFlags.ADD, flags(keyword))
        self.patch(changelog, "LONG", 2)
        read = []

        def brief(reader):
            counted = SimpleNamespace(row=reader.row, rows=lambda *asked: read.extend(reader.rows(*asked)) or read)
            (inbox,) = reader.row("SELECT id FROM mailbox WHERE name = ?", INBOX)
            return changelog.brief_since(counted, inbox, 0)

        self.assertIsNone(await self.account.database.read(brief))
        self.assertEqual(len(read), 3)


class RenderingTests(SqliteCase):
    renderings = ()

    def rendering(self, version):
        def make(message: Message) -> bytes:
            self.made.append(version)
            return b"%d: %d" % (version, len(message.octets))

        return Rendering("test.made", version, make)

    async def use(self, *renderings):
        self.made = []
        self.renderings = renderings
        await self.reopen()

    async def test_it_is_made_when_the_message_comes_in(self):
        first = self.rendering(1)
        await self.use(first)
        await self.append(b"four", b"three")
        self.assertEqual(self.made, [1, 1])
        self.assertEqual(await self.column(first), {1: b"1: 4", 2: b"1: 5"})
        self.assertEqual(self.made, [1, 1])

    async def test_one_that_is_missing_or_stale_is_made_once_when_it_is_read(self):
        await self.append(b"four", b"three", b"four", flags=flags("\\Deleted"))
        for version in (1, 2):
            rendering = self.rendering(version)
            await self.use(self.rendering(0), rendering) if version > 1 else await self.use(rendering)
            for _ in range(2):
                self.assertEqual(
                    await self.column(rendering),
                    {1: b"%d: 4" % version, 2: b"%d: 5" % version, 3: b"%d: 4" % version},
                )
            self.assertEqual(self.made, [version] * 2)

    async def test_one_that_cannot_be_what_was_made_is_made_anew(self):
        rendering = evolve(self.rendering(1), sound=lambda octets: octets.startswith(b"1: "))
        await self.use(rendering)
        await self.append(b"four", b"three")
        change = "UPDATE rendering SET octets = x'323a2034' WHERE id >> 8 = 2"
        await self.account.database.write(lambda writer: writer.execute(change))
        for _ in range(2):
            self.assertEqual(await self.column(rendering), {1: b"1: 4", 2: b"1: 5"})
        self.assertEqual(self.made, [1, 1, 1])

    async def test_nor_does_it_come_into_a_block(self):
        rendering = evolve(self.rendering(1), sound=lambda octets: octets.startswith(b"1: "))
        await self.use(rendering)
        await self.append(*(b"%04d" % number for number in range(70)))
        change = "UPDATE rendering SET octets = x'323a2034' WHERE id >> 8 = 2"
        await self.account.database.write(lambda writer: writer.execute(change))
        await self.account.tidy()
        self.assertEqual(set((await self.column(rendering)).values()), {b"1: 4"})

    async def test_some_are_there_and_some_are_not(self):
        await self.append(b"four")
        rendering = self.rendering(1)
        await self.use(rendering)
        await self.append(b"three")
        self.assertEqual(await self.column(IfKept(rendering)), {1: None, 2: b"1: 5"})
        self.assertEqual(self.made, [1])
        self.assertEqual(await self.column(rendering), {1: b"1: 4", 2: b"1: 5"})


class PurgeTests(SqliteCase):
    async def count(self, table):
        return await self.account.database.read(lambda reader: reader.value(f"SELECT count(*) FROM {table}"))

    async def test_what_was_expunged_long_ago_is_dropped(self):
        await self.append(mail("gone"), mail("copied"), flags=flags("\\Deleted"))
        await self.append(mail("stays"))
        await self.inbox.copy(uids(2), name("Sent"))
        held = (await self.column(Field.MESSAGE))[1]
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, 7)
        self.assertEqual(list(await self.column(Field.SIZE)), [1, 2, 3])
        await purge(self.account.database, kept_days=-1)
        self.assertEqual(list(await self.column(Field.SIZE)), [3])
        await self.assert_raises(Expunged, held.read(0, 10))
        await self.assert_raises(Expunged, held.root())
        sent = await self.account.mailbox(name("Sent"))
        self.assertEqual(await self.octets(1, sent), mail("copied"))
        self.assertEqual([await self.count(table) for table in ("content", "chunk", "rendering")], [2, 2, 4])

    async def test_uids_stay_used(self):
        await self.append(flags=flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, kept_days=-1)
        self.assertEqual(await self.append(), uids(2))

    async def test_a_deleted_mailbox_is_forgotten(self):
        sent = await self.account.mailbox(name("Sent"))
        await self.append(*(mail(str(number)) for number in range(250)), mailbox=sent)
        await self.account.delete(name("Sent"))
        await purge(self.account.database, kept_days=-1)
        await self.assert_raises(NotFound, sent.changes_since(0))
        self.assertEqual([rows async for rows in sent.fetch(EVERYONE, [])], [])
        self.assertEqual([await self.count(table) for table in ("message", "content", "change")], [0, 0, 0])

    async def test_keywords_that_nobody_uses_are_forgotten_when_there_are_many(self):
        self.patch(flagsets, "MAX_KEYWORDS", 4)
        await self.append(flags=flags("a", "b", "c"))
        await self.inbox.store(uids(1), StoreFlags.REPLACE, flags("b", "\\Seen"))
        await self.assert_raises(TooBig, self.inbox.store(uids(1), StoreFlags.ADD, flags("d", "e")))
        await purge(self.account.database, 7)
        self.assertEqual((await self.inbox.snapshot()).keywords, flags("b"))
        await self.inbox.store(uids(1), StoreFlags.ADD, flags("d", "e", "A"))
        self.assertEqual((await self.column(Field.FLAGS))[1], flags("b", "\\Seen", "d", "e", "A"))

    async def test_an_account_is_tidied_before_it_is_closed_and_not_when_it_is_opened(self):
        self.patch(accounts, "LINGER_SECONDS", 0.0)
        await self.append(flags=flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await self.account.database.write(lambda writer: writer.execute("UPDATE message SET expunged_at = 1"))
        await self.reopen()
        await self.store._threads.pause(0.01)
        self.assertEqual(await self.count("message"), 1)
        await self.account.release()
        while self.store._accounts._places:
            await self.store._threads.pause()
        connection = self.other_connection()
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT count(*) FROM message").fetchall(), [(0,)])

    async def test_what_was_expunged_stays_while_somebody_has_the_maildrop(self):
        self.patch(self.account, "policy", evolve(self.account.policy, kept_days=0))
        await self.append(flags=flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        earlier = f"UPDATE message SET expunged_at = {int(time.time()) - 3600}"
        await self.account.database.write(lambda writer: writer.execute(earlier))
        lock = await self.account.lock_maildrop()
        await self.account.tidy()
        self.assertEqual(await self.count("message"), 1)
        await lock.release()
        await self.account.tidy()
        self.assertEqual(await self.count("message"), 0)


class ClaimsTests(SqliteCase):
    async def test_a_claim_is_written_in_the_transaction_of_the_next_change(self):
        await self.append()
        commits = []
        self.account.database._writes._connection.set_commit_hook(lambda: bool(commits.append(1)))
        await self.inbox.claim_recent(2)
        await self.append(mail("2"))
        self.assertEqual(len(commits), 1)
        await self.inbox.claim_recent(3)
        await self.inbox.store(uids(1), StoreFlags.ADD, flags("\\Seen"))
        self.assertEqual(len(commits), 2)


class QuietTests(SqliteCase):
    """An account that nothing is written to lets go of what only writing needs, and has it again at once."""

    @property
    def writing(self):
        return self.account.database._writes._connection

    async def test_after_a_while_without_a_write(self):
        await self.append()
        await self.account.database.rest()
        self.assertIsNotNone(self.writing)
        await self.append()
        await self.account.database.rest()
        self.assertIsNotNone(self.writing)
        await self.account.database.rest()
        self.assertIsNone(self.writing)
        self.assertEqual(len(await self.append()), 1)

    async def test_what_comes_while_it_lets_go(self):
        await self.append()
        await self.account.database.rest()
        resting = Deferred.fromCoroutine(self.account.database.rest())
        self.assertEqual(await self.append(), uids(2))
        await resting
        await self.account.database.rest()
        resting = Deferred.fromCoroutine(self.account.database.rest())
        database = self.account.database
        await self.reopen()
        await resting
        await database.rest()

    async def test_it_was_sure_of_the_disk_already(self):
        """Only the first change of a process, and one behind a failure, begins the log anew."""
        settled = []
        self.patch(writing, "settle", lambda *_: settled.append(1))
        await self.append()
        await self.account.database.rest()
        await self.account.database.rest()
        await self.append()
        self.assertEqual(settled, [1])

    async def test_every_account_is_asked(self):
        await self.append()
        await self.store._rest()
        await self.store._rest()
        self.assertIsNone(self.writing)


class OpenAccountsTests(SqliteCase):
    async def test_an_account_that_nobody_needs_is_closed(self):
        self.patch(accounts, "LINGER_SECONDS", 0.0)
        await self.append()
        await self.inbox.claim_recent(2)
        await self.account.release()
        while self.store._accounts._places:
            await self.store._threads.pause()
        self.assertEqual([path.suffix for path in self.path.parent.iterdir() if "-" in path.suffix], [])
        account = await self.store.account((await self.store.user("ada")).account)
        self.assertIsNot(account, self.account)
        snapshot = await (await account.mailbox(INBOX)).snapshot()
        self.assertEqual((snapshot.first_recent, snapshot.uids), (2, uids(1)))

    async def test_of_many_that_nobody_needs_those_that_were_needed_last_stay_open(self):
        self.patch(accounts, "LINGERING", 3)
        users = [await self.store.add_user(f"user{number}", "no hash") for number in range(6)]
        for user in [*users, users[3]]:
            await (await self.store.account(user.account)).release()
        while len(self.store._accounts._places) > 4:
            await self.store._threads.pause()
        wanted = {self.account.id, *(user.account for user in users[3:])}
        self.assertEqual({account.id for account in self.store._accounts.open_ones()}, wanted)
        await self.assert_raises(NotFound, self.store.account("no such account"))

    async def test_each_is_closed_when_its_own_time_is_up(self):
        first, second = [
            await self.store.account((await self.store.add_user(name, "no hash")).account) for name in ("one", "two")
        ]
        clock, closed = Clock(), []

        async def close(account_id, _):
            closed.append(account_id)

        self.patch(self.store._accounts, "_threads", SimpleNamespace(reactor=clock))
        self.patch(self.store._accounts, "_close_unused", close)
        await first.release()
        await second.release()
        clock.advance(accounts.LINGER_SECONDS - 1)
        await (await self.store.account(first.id)).release()
        clock.advance(1)
        self.assertEqual(closed, [second.id])
        clock.advance(accounts.LINGER_SECONDS - 2)
        self.assertEqual(closed, [second.id])
        clock.advance(1)
        self.assertEqual(closed, [second.id, first.id])
        self.assertEqual(clock.getDelayedCalls(), [])

    async def test_one_that_is_needed_again_stays_open(self):
        await self.account.release()
        account = await self.store.account((await self.store.user("ada")).account)
        self.assertIs(account, self.account)
        self.assertEqual((await self.inbox.snapshot()).uids, EMPTY)


class TidiedTests(SqliteCase):
    """When an account is tidied that nobody needs any more."""

    async def start(self):
        """Make users; let accounts be closed at once, and tell in `tidied` which were tidied."""
        self.tidied, self.until = [], succeed(None)

        async def tidy(account):
            self.tidied.append(account.id)
            await self.store._threads.pause()
            await self.until

        self.patch(Account, "tidy", tidy)
        self.patch(accounts, "LINGER_SECONDS", 0.0)
        return [await self.store.add_user(f"user{number}", "no hash") for number in range(3)]

    async def used(self, user):
        """Return whether an account was tidied, which is opened and closed."""
        self.tidied.clear()
        await (await self.store.account(user.account)).release()
        while user.account in self.store._accounts._places:
            await self.store._threads.pause()
        return self.tidied == [user.account]

    async def test_once_an_hour_at_most(self):
        first, second, third = await self.start()
        self.patch(accounts, "REMEMBERED", 2)
        order = [first, second, first, second, third, second, first]
        self.assertEqual([await self.used(user) for user in order], [True, True, False, False, True, False, True])
        self.patch(accounts, "TIDY_SECONDS", 0.0)
        self.assertTrue(await self.used(first))

    async def test_who_needs_it_meanwhile_has_it_at_once(self):
        first, *_ = await self.start()
        self.until = Deferred()
        account = await self.store.account(first.account)
        await account.release()
        while not self.tidied:
            await self.store._threads.pause()
        self.assertIs(await self.store.account(first.account), account)
        self.until.callback(None)
        await self.store._threads.pause(0.01)
        self.assertEqual(self.store._accounts.open_ones().count(account), 1)

    async def test_only_so_many_at_once(self):
        users = await self.start()
        self.patch(accounts, "TIDIED_AT_ONCE", 2)
        self.until = Deferred()
        for user in users:
            await (await self.store.account(user.account)).release()
        last = users[-1].account
        while last in self.store._accounts._places:
            await self.store._threads.pause()
        self.assertEqual(self.tidied, [user.account for user in users[:2]])
        self.until.callback(None)


class SpaceTests(SqliteCase):
    async def test_what_was_expunged_is_dropped_while_space_is_short_the_oldest_first(self):
        await self.append(*(mail(str(number)) for number in range(5)), flags=flags("\\Deleted"))
        await self.inbox.expunge(uids(4))
        await self.inbox.expunge(EVERYONE)
        for uid in range(1, 6):
            change = f"UPDATE message SET expunged_at = {uid} WHERE uid = {uid}"
            await self.account.database.write(lambda writer, change=change: writer.execute(change))
        self.patch(purging, "AT_ONCE", 2)
        turns = iter([True, True, False])
        self.patch(purging, "is_short", lambda folder: next(turns))
        await purging.purge(self.account.database, 30_000)
        self.assertEqual(list(await self.column(Field.SIZE)), [5])

    def test_space_is_short(self):
        for free, short in ((1 << 40, False), (100 << 20, True)):
            self.patch(room, "shutil", Disk(1 << 40, free))
            self.assertEqual(room.is_short(self.path.parent), short)


class Disk:
    def __init__(self, total, free):
        self.total, self.free = total, free

    def disk_usage(self, folder):
        return self
