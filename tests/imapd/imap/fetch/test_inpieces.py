"""A large message that is fetched in pieces, one command after the other."""

from mailstore.sqlite.mailbox import Mailbox
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

PIECE = 1 << 16
LARGE = b"Subject: large\r\n\r\n" + b"".join(b"%9d\r\n" % number for number in range(PIECE // 2))
OTHER = b"Subject: other\r\n\r\n" + b"".join(b"%9d\r\n" % -number for number in range(PIECE // 2))


@run_as_deferred
class InPiecesTest(ConnectionTestCase):
    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", LARGE, OTHER)
        await self.server.deliver("ada", "Archive", OTHER)
        self.client = await self.server.connect().login(mailbox="INBOX")
        self.asked = []
        fetch = Mailbox.fetch

        def noting(mailbox, uids, fields):
            self.asked.append(list(uids))
            return fetch(mailbox, uids, fields)

        self.patch(Mailbox, "fetch", noting)

    async def piece(self, start, message=b"1", text=b"FETCH %b (BODY.PEEK[]<%d.%d>)"):
        """Return the octets of a piece."""
        answer = await self.client.command(text % (message, start, PIECE))
        head, _, rest = answer.partition(b"}\r\n")
        self.assertRegex(answer, rb"x OK ")
        return rest[: int(head.rpartition(b"{")[2])]

    async def test_the_message_is_looked_for_once(self):
        pieces = [await self.piece(start) for start in range(0, len(LARGE) + PIECE, PIECE)]
        self.assertEqual(b"".join(pieces), LARGE)
        self.assertEqual(self.asked, [[1]])

    async def test_as_thunderbird_asks(self):
        text = b"UID FETCH %b (UID RFC822.SIZE BODY.PEEK[]<%d.%d>)"
        pieces = [await self.piece(start, text=text) for start in range(0, len(LARGE), PIECE)]
        self.assertEqual(b"".join(pieces), LARGE)
        self.assertEqual(self.asked, [[1]])

    async def test_pieces_of_two_messages_by_turns(self):
        for start in range(0, len(LARGE), PIECE):
            self.assertEqual(await self.piece(start), LARGE[start : start + PIECE])
            self.assertEqual(await self.piece(start, b"2"), OTHER[start : start + PIECE])

    async def test_another_command_between_has_it_forgotten(self):
        await self.piece(0)
        self.assertIsNotNone(self.client.connection.session.found)
        await self.client.succeeds(b"NOOP")
        self.assertIsNone(self.client.connection.session.found)
        await self.piece(PIECE)
        self.assertEqual(self.asked, [[1], [1]])

    async def test_nothing_is_held_while_a_client_waits(self):
        await self.piece(0)
        self.client.send(b"x IDLE\r\n")
        self.assertEqual(await self.client.line(), b"+ idling")
        session = self.client.connection.session
        self.assertEqual((session.found, session.found_before), (None, None))

    async def test_the_same_uid_of_another_mailbox(self):
        self.assertEqual(await self.piece(0), LARGE[:PIECE])
        await self.client.succeeds(b"SELECT Archive")
        self.assertEqual(await self.piece(0), OTHER[:PIECE])

    async def test_flags_are_those_of_the_moment(self):
        other = await self.server.connect().login(mailbox="INBOX")
        await self.piece(0)
        await other.succeeds(b"STORE 1 +FLAGS.SILENT (\\Flagged)")
        self.assertIn(b"\\Flagged", await self.client.command(b"FETCH 1 (FLAGS BODY.PEEK[]<9.9>)"))
        self.assertIn(b"\\Seen", await self.client.command(b"FETCH 1 (BODY[]<9.9>)"))

    async def test_a_message_that_goes_for_good_meanwhile(self):
        other = await self.server.connect().login(mailbox="INBOX")
        await self.piece(0)
        await other.succeeds(b"STORE 1 +FLAGS.SILENT (\\Deleted)")
        await other.succeeds(b"EXPUNGE")
        await other.connection.session.account.forget_expunged(None, 0)
        answer = await self.client.command(b"FETCH 1 (BODY.PEEK[]<%d.9>)" % PIECE)
        self.assertRegex(answer, rb"x NO \[EXPUNGEISSUED\]")
        self.assertRegex(await self.client.command(b"NOOP"), rb"\* 1 EXPUNGE")
        self.assertEqual(await self.piece(PIECE), OTHER[PIECE : 2 * PIECE])
