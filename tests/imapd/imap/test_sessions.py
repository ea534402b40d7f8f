"""Sessions that act on one mailbox at the same moment, so that the store commits for them together."""

import re

from twisted.internet.defer import Deferred, gatherResults

from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

MESSAGES = [b"Subject: number %d\r\n\r\n" % number for number in range(1, 9)]


@run_as_deferred
class AtOnceTest(ConnectionTestCase):
    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", *MESSAGES)
        self.sessions = [await self.server.connect().login(mailbox="INBOX") for _ in range(3)]
        for session in self.sessions:
            await session.succeeds(b"NOOP")

    async def all_say(self, *commands):
        """Let each session give its command before any is answered; return the answers."""
        for session, command in zip(self.sessions, commands, strict=True):
            session.send(b"x " + command + b"\r\n")
        return await gatherResults([Deferred.fromCoroutine(session.answer()) for session in self.sessions])

    async def views(self):
        """Return what each session sees, once all have been told everything."""
        for session in self.sessions:
            await session.succeeds(b"NOOP")
        views = [await session.succeeds(b"FETCH 1:* (UID FLAGS)") for session in self.sessions]
        return [[re.sub(rb" ?\\Recent", b"", line) for line in view] for view in views]

    async def test_nobodys_changes_of_flags_are_taken_for_anothers_own(self):
        """A session does not hear of its own silent changes; those of the same commit are not its own."""
        stores = [b"STORE 1 +FLAGS.SILENT (%b)" % flag for flag in (b"\\Seen", b"\\Flagged", b"\\Draft")]
        for session, answer in zip(self.sessions, await self.all_say(*stores), strict=True):
            told = b" ".join(answer + await session.succeeds(b"NOOP"))
            self.assertRegex(told, rb"\* 1 FETCH \(UID 1 FLAGS \(\\Flagged \\Seen \\Draft")
        first, *others = await self.views()
        self.assertEqual(others, [first, first])

    async def test_one_message_is_moved_once(self):
        answers = await self.all_say(*[b"MOVE 3 Archive"] * 3)
        endings = sorted(answer[-1].split(b" ")[1] for answer in answers)
        self.assertEqual(endings, [b"NO", b"NO", b"OK"])
        self.assertEqual(await self.sessions[0].succeeds(b"STATUS Archive (MESSAGES)"),
                         [b"* STATUS Archive (MESSAGES 1)"])
        first, *others = await self.views()
        self.assertEqual((len(first), others), (len(MESSAGES) - 1, [first, first]))

    async def test_each_session_is_told_once_of_each_expunge(self):
        await self.sessions[0].succeeds(b"STORE 2,4,6 +FLAGS.SILENT (\\Deleted)")
        told = [[line for line in answer if b"EXPUNGE" in line] for answer in await self.all_say(*[b"EXPUNGE"] * 3)]
        for session, heard in zip(self.sessions, told, strict=True):
            heard += [line for line in await session.succeeds(b"NOOP") if b"EXPUNGE" in line]
            heard.remove(b"x OK EXPUNGE completed")
            self.assertEqual(heard, [b"* 6 EXPUNGE", b"* 4 EXPUNGE", b"* 2 EXPUNGE"])

    async def test_numbers_mean_what_each_was_told(self):
        """The classic fault of this field: the wrong message, when several sessions expunge."""
        await self.sessions[0].succeeds(b"STORE 1:3 +FLAGS.SILENT (\\Deleted)")
        await self.sessions[0].succeeds(b"EXPUNGE")
        answers = await self.all_say(*[b"FETCH 5 BODY.PEEK[HEADER.FIELDS (Subject)]"] * 3)
        numbers = [found[1] for answer in answers if (found := re.search(rb"number (\d)", answer[0]))]
        self.assertEqual(numbers, [b"8", b"5", b"5"])

    async def test_messages_that_come_together_are_all_there(self):
        for round_ in range(5):
            await self.all_say(*(b"APPEND INBOX {%d+}\r\n%b" % (len(text), text) for text in MESSAGES[:3]))
            first, *others = await self.views()
            self.assertEqual((len(first), others), (len(MESSAGES) + 3 * (round_ + 1), [first, first]))

    async def test_a_message_is_recent_to_one_session(self):
        for session in self.sessions[1:]:
            await session.idles()
        await self.server.deliver("ada", "INBOX", b"new")
        for session in self.sessions[1:]:
            self.assertEqual(await session.line(), b"* 9 EXISTS")
            await session.line()
            session.send(b"DONE\r\n")
            await session.answer()
        recents = [await session.succeeds(b"SEARCH RECENT") for session in self.sessions]
        self.assertEqual(sum(line.split().count(b"9") for (line, *_) in recents), 1)
