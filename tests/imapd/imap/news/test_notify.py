"""Notifications while no command is in progress: their place, slow clients, other processes, faults."""

import re

from imapd import limits
from imapd.doors import outflow
from imapd.doors.outflow import GATHER
from mailstore.errors import Busy
from mailstore.sqlite import changelog
from tests.imapd.imap.harness import Server
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

ALL_OF_IT = b"NOTIFY SET (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))"
NEW_MAIL = b"NOTIFY SET (selected (MessageNew (UID) MessageExpunge FlagChange))"
BIG = b"Subject: big\r\n\r\n" + b"0123456789abcdef" * (1 << 16)


@run_as_deferred
class PlaceTest(ConnectionTestCase):
    async def test_not_inside_another_answer(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect(room=1 << 14).login(mailbox="INBOX")
        await client.succeeds(NEW_MAIL)
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        await self.server.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
        fetched, *others = await client.answer()
        self.assertTrue(fetched.endswith(BIG + b")"))
        self.assertEqual(others[:-1], [b"* 2 EXISTS", b"* 2 RECENT", b"* 2 FETCH (UID 2)"])

    async def test_a_command_that_comes_meanwhile_waits(self):
        client = await self.server.connect(room=1 << 14).login(mailbox="INBOX")
        await client.succeeds(b"NOTIFY SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge))")
        await self.server.deliver("ada", "INBOX", BIG)
        client.send(b"x SEARCH ALL\r\ny LOGOUT\r\n")
        *told, found, _ = await client.answer()
        self.assertEqual(told[:2], [b"* 1 EXISTS", b"* 1 RECENT"])
        self.assertTrue(told[2].endswith(BIG + b")"))
        self.assertEqual(found, b"* SEARCH 1")
        self.assertEqual([line[:5] for line in await client.answer(b"y")], [b"* BYE", b"y OK "])

    async def test_not_behind_a_farewell(self):
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(NEW_MAIL)
        self.server.clock.advance(1800)
        await self.server.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
        self.assertTrue((await client.line()).startswith(b"* BYE"))
        await client.ended()
        self.assertEqual(client.taken(), b"")

    async def test_while_a_literal_is_on_its_way(self):
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(NEW_MAIL)
        client.send(b"x APPEND Archive {5}\r\n")
        self.assertTrue((await client.line()).startswith(b"+"))
        client.send(b"hel")
        await self.server.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
        self.assertEqual([await client.line() for _ in range(3)],
                         [b"* 1 EXISTS", b"* 1 RECENT", b"* 1 FETCH (UID 1)"])
        client.send(b"lo\r\n")
        self.assertTrue((await client.line()).startswith(b"x OK [APPENDUID"))


@run_as_deferred
class DeafTest(ConnectionTestCase):
    async def test_what_others_did_while_it_began(self):
        """Another process commits behind the question up to where all is known, and its bell comes later."""
        client = await self.server.connect().login()
        await client.succeeds(b"CREATE box")
        session = client.connection.session
        session.account.feed.unsubscribe(session._rung)
        state = session.account.state

        async def state_and_more():
            found = await state()
            await self.server.deliver("ada", "box", b"one")
            return found

        self.patch(session.account, "state", state_and_more)
        await client.succeeds(ALL_OF_IT)
        self.assertIn(b"* STATUS box (", b"".join(await client.succeeds(b"NOOP")))


@run_as_deferred
class SlowTest(ConnectionTestCase):
    async def test_a_client_that_does_not_read_is_held_up(self):
        """What waits for it is what has changed, not how often."""
        room = 1 << 12
        other = await self.server.connect().login()
        for number in range(100):
            await other.succeeds(b"CREATE box%d" % number)
        client = await self.server.connect(room=room).login()
        await client.succeeds(ALL_OF_IT)
        for _ in range(5):
            for number in range(100):
                other.send(b"x APPEND box%d {5+}\r\nhello\r\n" % number)
                await other.answer()
        self.assertLess(len(client.transport.value()), room + GATHER)
        self.assertTrue(client.transport.full)
        got = b""
        while len(re.findall(rb"MESSAGES 5\b", got)) < 100:
            got += await client.line() + b"\r\n"
        self.assertLess(got.count(b"\r\n"), 300)
        last = dict(re.findall(rb"\* STATUS (box\d+) .*MESSAGES (\d+)", got))
        self.assertEqual(last, {b"box%d" % number: b"5" for number in range(100)})
        await client.succeeds(b"NOOP")

    async def test_more_than_the_store_remembers(self):
        """RFC 5465, 5.8: it is told that there was more, and then nothing until it asks again."""
        self.patch(changelog, "LONG", 5)
        other = await self.server.connect().login()
        client = await self.server.connect(room=0).login()
        await client.succeeds(b"NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))")
        for number in range(8):
            await other.succeeds(b"CREATE box%d" % number)
        lines = [await client.line(), await client.line()]
        self.assertEqual(lines[0], b'* LIST (\\HasNoChildren) "/" box0')
        self.assertTrue(lines[1].startswith(b"* OK [NOTIFICATIONOVERFLOW] "), lines)
        await other.succeeds(b"CREATE another")
        await client.succeeds(b"SELECT INBOX")
        await self.server.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
        self.assertEqual(await client.succeeds(b"NOOP"), [])
        self.assertEqual(await client.succeeds(ALL_OF_IT), [b"* 1 EXISTS", b"* 1 RECENT"])
        await other.succeeds(b"CREATE more")
        self.assertEqual(await client.line(), b'* LIST (\\HasNoChildren) "/" more')

    async def test_who_has_enabled_metadata_is_told_all_entries_then(self):
        """RFC 5465, 5.6."""
        self.patch(changelog, "LONG", 2)
        other = await self.server.connect().login()
        client = await self.server.connect().login()
        await client.succeeds(b"ENABLE METADATA")
        for name in b"one", b"two", b"three":
            await other.succeeds(b'SETMETADATA INBOX (/private/%b "x")' % name)
        self.assertEqual(await client.succeeds(b"NOOP"), [b"* METADATA INBOX /private/one /private/three /private/two"])

    async def test_nothing_is_left_of_a_client_that_goes_away_meanwhile(self):
        self.patch(outflow, "GATHER", 1)
        client = await self.server.connect(room=0).login()
        await client.succeeds(ALL_OF_IT)
        for number in range(3):
            await self.server.deliver("ada", f"box{number}", b"Subject: new\r\n\r\n")
        self.assertTrue(client.connection._running)
        await client.gone()
        self.assertEqual(self.server.door._connections, {})
        self.assertEqual(self.server.clock.getDelayedCalls(), [])

    async def test_one_that_takes_nothing_for_long_is_dropped(self):
        client = await self.server.connect(room=0).login()
        await client.succeeds(ALL_OF_IT)
        for number in range(3):
            await self.server.deliver("ada", f"box{number}", b"Subject: new\r\n\r\n")
        self.server.clock.advance(1800)
        self.server.clock.advance(limits.FAREWELL_SECONDS)
        await client.ended()


@run_as_deferred
class OthersTest(ConnectionTestCase):
    async def test_what_another_process_does(self):
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(NEW_MAIL + b" (personal (MessageNew MessageExpunge MailboxName))")
        other = await Server(self.server.path).start()
        try:
            await other.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
            self.assertEqual([await client.line() for _ in range(3)],
                             [b"* 1 EXISTS", b"* 1 RECENT", b"* 1 FETCH (UID 1)"])
            await other.deliver("ada", "work", b"Subject: new\r\n\r\n")
            told = {await client.line(), await client.line()}
            self.assertEqual(told, {b'* LIST (\\HasNoChildren) "/" work', b"* STATUS work (UIDNEXT 2 MESSAGES 1)"})
        finally:
            await other.stop()

    async def test_very_many_mailboxes_are_told_in_parts(self):
        other = await self.server.connect().login()
        client = await self.server.connect().login()
        for number in range(450):
            await other.succeeds(b"CREATE box%03d" % number)
        told = await client.succeeds(b"NOTIFY SET STATUS (subtree (box000) (FlagChange MessageNew MessageExpunge))"
                                     b" (personal (MessageNew MessageExpunge))")
        self.assertEqual(len(told), 456)
        client.connection.session.watch.told(1)  # as if it had been away since
        client.connection.session.news = True
        self.assertEqual(len(await client.succeeds(b"NOOP")), 1)


@run_as_deferred
class FaultTest(ConnectionTestCase):
    def failing(self, client, error):
        async def fail(_):
            raise error

        account = client.connection.session.account
        self.addCleanup(setattr, account, "changes_since", account.changes_since)
        account.changes_since = fail
        return account

    async def test_what_the_store_cannot_say_now_is_told_later(self):
        client = await self.server.connect().login()
        await client.succeeds(b"NOTIFY SET (personal (MailboxName))")
        account = self.failing(client, Busy("somebody else"))
        other = await self.server.connect().login()
        await other.succeeds(b"CREATE one")
        await other.succeeds(b"CREATE two")
        self.assertEqual(client.taken(), b"")
        self.assertEqual(len(self.logged("could not be told the news")), 1)
        self.server.clock.advance(limits.NEWS_AGAIN_SECONDS)
        self.assertEqual(client.taken(), b"")
        del account.changes_since
        self.server.clock.advance(limits.NEWS_AGAIN_SECONDS)
        self.assertEqual([await client.line(), await client.line()],
                         [b'* LIST (\\HasNoChildren) "/" one', b'* LIST (\\HasNoChildren) "/" two'])

    async def test_a_fault_ends_the_notifications_and_not_the_session(self):
        client = await self.server.connect().login()
        await client.succeeds(b"NOTIFY SET (personal (MailboxName))")
        self.failing(client, RuntimeError("the plans of the castle"))
        other = await self.server.connect().login()
        await other.succeeds(b"CREATE one")
        self.assertTrue((await client.line()).startswith(b"* OK [NOTIFICATIONOVERFLOW] more happened"))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        await other.succeeds(b"CREATE two")
        self.assertEqual(await client.succeeds(b"NOOP"), [])

    async def test_who_goes_away_while_it_is_to_be_told_again(self):
        client = await self.server.connect().login()
        await client.succeeds(ALL_OF_IT)
        self.failing(client, Busy("somebody else"))
        await self.server.deliver("ada", "work", b"Subject: new\r\n\r\n")
        await client.gone()
        self.assertEqual(self.server.clock.getDelayedCalls(), [])
