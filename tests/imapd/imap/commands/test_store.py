"""A session that changed flags asks the store for news only if something else happened, and then hears of it."""

from tests.imapd.imap.harness import Server
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred


@run_as_deferred
class OwnFlagsTest(ConnectionTestCase):
    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", b"one", b"two", b"three")
        self.client, self.other = [await self.server.connect().login(mailbox="INBOX") for _ in range(2)]
        await self.client.succeeds(b"NOOP")
        self.session = self.client.connection.session
        self.asked = []
        ask = self.session.mailbox.changes_since
        self.session._mailbox.changes_since = lambda *since: self.asked.append(since) or ask(*since)

    async def store(self, text=b"STORE 1 +FLAGS.SILENT (\\Seen)"):
        return b" ".join(await self.client.succeeds(text))

    async def test_nothing_is_asked_when_nothing_else_happened(self):
        for flag in b"\\Seen", b"\\Draft", b"\\Flagged":
            self.assertIn(b"* 1 FETCH", await self.store(b"STORE 1 +FLAGS (%b)" % flag))
        await self.client.succeeds(b"FETCH 2 BODY[]")
        await self.store(b"STORE 2 +FLAGS.SILENT (\\Seen)")  # it has it already
        self.assertEqual(self.asked, [])
        self.assertEqual(self.session.selected.modseq, await self.session.account.state())

    async def test_what_others_did_before_is_told(self):
        await self.other.succeeds(b"STORE 2 +FLAGS (\\Flagged)")
        self.assertRegex(await self.store(), rb"\* 2 FETCH .*Flagged")
        await self.server.deliver("ada", "INBOX", b"four")
        self.assertIn(b"* 4 EXISTS", await self.store(b"STORE 1 +FLAGS.SILENT (\\Draft)"))

    async def test_what_another_process_did_unheard_is_told(self):
        self.session.account.feed.unsubscribe(self.session._rung)
        other = await Server(self.server.path).start()
        try:
            await other.deliver("ada", "INBOX", b"four")
        finally:
            await other.stop()
        self.session.account.feed.subscribe(self.session._rung)
        self.assertIn(b"* 4 EXISTS", await self.store())

    async def test_what_others_did_in_another_mailbox_changes_nothing(self):
        await self.server.deliver("ada", "Archive", b"four")
        await self.store()
        self.assertEqual(await self.client.succeeds(b"NOOP"), [])

    async def test_what_others_did_while_it_was_answered_is_told(self):
        store = self.session.mailbox.store

        async def store_and_be_late(*what):
            stored = await store(*what)
            await self.other.succeeds(b"STORE 3 +FLAGS (\\Flagged)")
            return stored

        self.session._mailbox.store = store_and_be_late
        self.assertRegex(await self.store(), rb"\* 3 FETCH .*Flagged")

    async def test_the_mod_sequence_that_is_told_is_that_of_the_change(self):
        await self.client.succeeds(b"ENABLE CONDSTORE")
        told = await self.store(b"STORE 1 +FLAGS (\\Seen)")
        self.assertIn(b"MODSEQ (%d)" % self.session.selected.highest_modseq, told)
        self.assertNotIn(b"HIGHESTMODSEQ", told)
        self.assertEqual(self.asked, [])

    async def test_an_expunge_that_waits_keeps_the_mod_sequence_below_it(self):
        """RFC 7162, 3.2: EXPUNGE cannot be told during STORE, nor passed over by its mod-sequence."""
        await self.other.succeeds(b"STORE 3 +FLAGS.SILENT (\\Deleted)")
        await self.other.succeeds(b"EXPUNGE")
        await self.store()
        upto = self.session.selected.highest_modseq
        await self.store(b"STORE 2 +FLAGS.SILENT (\\Seen)")
        self.assertEqual(self.session.selected.highest_modseq, upto)
        self.assertIn(b"* 3 EXPUNGE", await self.client.succeeds(b"NOOP"))

    async def test_searches_that_are_kept_up_to_date_learn_of_it(self):
        await self.store(b"SEARCH RETURN (UPDATE ALL) UNSEEN")
        self.assertRegex(await self.store(), rb"REMOVEFROM \(0 1\)")

    async def test_who_is_notified_hears_nothing_of_his_own(self):
        await self.client.succeeds(b"NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))")
        self.assertEqual(await self.store(), b"")
        await self.other.succeeds(b"STORE 2 +FLAGS (\\Flagged)")
        self.assertRegex(await self.client.line(), rb"\* 2 FETCH .*Flagged")
