"""The id of a mailbox, which each session keeps that has selected it."""

import sys

from mailstore.names import INBOX
from tests.mailstore.sqlite.case import SqliteCase


class MailboxIdTests(SqliteCase):
    async def test_it_is_one_text_for_all(self):
        statuses = [await self.account.status(INBOX), (await self.inbox.snapshot()).status]
        self.assertIs(statuses[0].id, statuses[1].id)

    async def test_it_is_not_kept_for_ever(self):
        self.assertLess(sys.getrefcount((await self.account.status(INBOX)).id), 1000)
