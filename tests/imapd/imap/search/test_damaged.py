"""One message is damaged: the others are found, and the ending says that they may not be all."""

from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

LEFT_OUT = b"x NO [CORRUPTION] damaged messages were left out, an administrator must look"


def letter(number, text):
    return b"Subject: letter %d\r\nMessage-ID: <%d@example.org>\r\n\r\n%b\r\n" % (number, number, text)


@run_as_deferred
class DamagedTest(ConnectionTestCase):
    async def prepare(self):
        """Log in where the second of three letters is damaged."""
        await self.server.deliver("ada", "INBOX", letter(3, b"whole"), letter(2, b"broken"), letter(1, b"sound"))
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        sql = "UPDATE chunk SET codec = 1, octets = x'00' WHERE id >> 16 = 2"
        await account.database.write(lambda writer: writer.execute(sql))
        await account.release()
        return await self.server.connect().login(mailbox="INBOX")

    async def test_the_others_are_found(self):
        client = await self.prepare()
        for command, expected in (
            (b"SEARCH BODY sound", b"* SEARCH 3"),
            (b"SEARCH NOT BODY sound", b"* SEARCH 1"),
            (b"SEARCH BODY nowhere", b"* SEARCH"),
            (b"UID SEARCH RETURN (COUNT ALL) NOT TEXT nowhere", b'* ESEARCH (TAG "x") UID ALL 1,3 COUNT 2'),
            (b"SORT (SUBJECT) UTF-8 NOT TEXT nowhere", b"* SORT 3 1"),
            (b"THREAD REFERENCES UTF-8 NOT TEXT nowhere", b"* THREAD (1)(3)"),
        ):
            *told, ending = await self.answer(client, command)
            self.assertEqual((told, ending), ([expected], LEFT_OUT), command)
        *told, ending = await self.answer(client, b"ESEARCH IN (personal) TEXT letter")
        self.assertIn(b"UID ALL 1,3", told[0])
        self.assertEqual(ending, LEFT_OUT)
        self.assertTrue(self.logged("the account of ada is damaged"))

    async def test_what_needs_no_damaged_octets_is_answered(self):
        client = await self.prepare()
        self.assertEqual(await client.succeeds(b"SEARCH UNSEEN OR UID 2 BODY sound"), [b"* SEARCH 2 3"])
        self.assertEqual(await client.succeeds(b"SEARCH NOT UID 2 BODY sound"), [b"* SEARCH 3"])

    async def test_nothing_is_saved_or_kept_up_to_date(self):
        client = await self.prepare()
        await client.succeeds(b"SEARCH RETURN (SAVE) UID 1")
        self.assertEqual((await self.answer(client, b"SEARCH RETURN (SAVE ALL UPDATE) BODY sound"))[-1], LEFT_OUT)
        self.assertEqual(await client.succeeds(b"SEARCH $"), [b"* SEARCH"])
        self.assertEqual(len(await client.succeeds(b"STORE 3 FLAGS (\\Deleted)")), 1)

    async def answer(self, client, command):
        client.send(b"x " + command + b"\r\n")
        return await client.answer()
