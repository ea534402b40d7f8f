"""Short reads answer at once: a connection steps a command's coroutine once by hand, and needs no more."""

from mailstore.errors import Busy
from mailstore.model import SEEN, Field
from mailstore.names import INBOX
from mailstore.query import HasFlag, Not
from mailstore.sqlite import connections, fetching, searching
from tests.mailstore.contract import EVERYONE, SUBJECT, mail, uids
from tests.mailstore.sqlite.case import SqliteCase


async def collect(generator):
    return [each async for each in generator]


class InlineTests(SqliteCase):
    def at_once(self, coroutine):
        """Return what the coroutine returns without waiting for anything."""
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value
        coroutine.close()
        return self.fail("it waits")

    async def test_reads(self):
        for slices in fetching, searching:
            self.patch(slices, "SLICE_SECONDS", 60.0)  # a machine that is busy elsewhere does not make a read long
        await self.append(mail("one"), mail("two"))
        account = self.at_once(self.store.account((await self.store.user("ada")).account))
        self.at_once(self.store.credentials("ada"))
        inbox = self.at_once(account.mailbox(INBOX))
        for read in (account.state(), account.mailboxes(), account.subscriptions(), account.status(INBOX)):
            self.at_once(read)
        for read in (account.changes_since(0), inbox.snapshot(), inbox.changes_since(0), inbox.claim_recent(2)):
            self.at_once(read)
        self.assertEqual(self.at_once(inbox.search(Not(HasFlag(SEEN)), EVERYONE)), uids(1, 2))
        [rows] = self.at_once(collect(inbox.fetch(EVERYONE, [*Field, SUBJECT])))
        message = rows.columns[Field.MESSAGE][1]
        self.at_once(message.root())
        self.assertEqual(self.at_once(message.read(0, message.size)), mail("two"))
        self.assertEqual(b"".join(self.at_once(collect(message.stream(0, message.size)))), mail("two"))

    async def test_a_file_that_is_busy_for_a_moment_is_asked_again(self):
        answers = [Busy(), Busy(), 7]

        def answer(_):
            if isinstance(answers[0], Busy):
                raise answers.pop(0)
            return answers[0]

        self.assertEqual(await self.account.database.read(answer), 7)

    async def test_a_file_that_stays_busy(self):
        self.patch(connections, "BUSY_SECONDS", 0.01)

        def answer(_):
            raise Busy

        await self.assert_raises(Busy, self.account.database.read(answer))
