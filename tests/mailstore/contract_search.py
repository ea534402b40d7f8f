"""SEARCH, exactly."""

import time
from datetime import date

from mailstore.errors import NotFound
from mailstore.model import DELETED, SEEN, Flag, InternalDate, StoreFlags
from mailstore.names import INBOX
from mailstore.query import (
    All,
    Among,
    And,
    Body,
    ChangedSince,
    HasFlag,
    HasSentDate,
    Header,
    Larger,
    Not,
    OlderThan,
    Or,
    ReceivedBefore,
    SentBefore,
    Smaller,
    Text,
)
from mailstore.uidset import EMPTY, UidSet
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, name, uids

DAY = 24 * 60 * 60

MIXED = (
    b"Subject: =?utf-8?q?R=C3=B8dgr=C3=B8d?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"med fl=F8de\r\n"
    b"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+bm9nZXQgYW5kZXQ8L2I+\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nc2VjcmV0\r\n--b--\r\n"
)


class SearchContract(StoreCase):
    async def found(self, query, within=EVERYONE):
        return await self.inbox.search(query, within)

    async def test_flags(self):
        await self.append(mail("1"), mail("2"), flags=flags("\\Seen", "$Label"))
        await self.append(mail("3"))
        self.assertEqual(await self.found(HasFlag(SEEN)), uids(1, 2))
        self.assertEqual(await self.found(HasFlag(Flag("$LABEL"))), uids(1, 2))
        self.assertEqual(await self.found(HasFlag(Flag("$Lab"))), EMPTY)
        self.assertEqual(await self.found(Not(HasFlag(SEEN))), uids(3))
        self.assertEqual(await self.found(HasFlag(Flag("a b"))), EMPTY)

    async def test_dates_disregard_time_and_zone(self):
        await self.append(date=InternalDate(3 * DAY - 1, 0))
        await self.append(date=InternalDate(3 * DAY - 1, 1))
        await self.append(date=InternalDate(3 * DAY, -1))
        self.assertEqual(await self.found(ReceivedBefore(date(1970, 1, 4))), uids(1, 3))
        self.assertEqual(await self.found(Not(ReceivedBefore(date(1970, 1, 4)))), uids(2))

    async def test_ages(self):
        this_moment = int(time.time())
        await self.append(date=InternalDate(this_moment - DAY, 60))
        await self.append(date=InternalDate(this_moment + DAY, 0))
        self.assertEqual(await self.found(OlderThan(DAY)), uids(1))
        self.assertEqual(await self.found(OlderThan(2 * DAY)), EMPTY)
        self.assertEqual(await self.found(Not(OlderThan(1))), uids(2))

    async def test_sent_dates(self):
        await self.append(b"Date: Fri, 21 Nov 1997 23:59:00 -0600\r\n\r\n", b"Date: never\r\n\r\n", b"\r\n")
        await self.append(b"Date: Sat, 22 Nov 1997 00:01:00 +0900\r\n\r\n")
        self.assertEqual(await self.found(SentBefore(date(1997, 11, 22))), uids(1))
        self.assertEqual(await self.found(HasSentDate()), uids(1, 4))
        self.assertEqual(await self.found(Not(SentBefore(date(1997, 11, 22)))), uids(2, 3, 4))

    async def test_sizes(self):
        await self.append(b"x", b"xx", b"xxx")
        self.assertEqual(await self.found(Larger(2)), uids(3))
        self.assertEqual(await self.found(Smaller(2)), uids(1))
        self.assertEqual(await self.found(Smaller(10**30)), uids(1, 2, 3))

    async def test_mod_sequences(self):
        await self.append(mail("1"), mail("2"))
        await self.inbox.store(uids(2), StoreFlags.ADD, flags("a"))
        now = await self.account.state()
        self.assertEqual(await self.found(ChangedSince(now)), uids(2))
        self.assertEqual(await self.found(ChangedSince(now - 1)), uids(1, 2))
        self.assertEqual(await self.found(ChangedSince(2**70)), EMPTY)

    async def test_headers(self):
        await self.append(b"Subject: one\r\nSUBJECT: =?utf-8?q?Gr=C3=BCn?=\r\nX-Empty:\r\n\r\nSubject: body", b"\r\nno")
        self.assertEqual(await self.found(Header("subject", "")), uids(1))
        self.assertEqual(await self.found(Header("x-empty", "")), uids(1))
        self.assertEqual(await self.found(Header("subject", "GRÜN")), uids(1))
        self.assertEqual(await self.found(Header("subject", "ONE")), uids(1))
        self.assertEqual(await self.found(Header("subject", "body")), EMPTY)
        self.assertEqual(await self.found(Header("x-none", "")), EMPTY)

    async def test_text_is_decoded_and_folded(self):
        await self.append(MIXED, mail())
        for sought in ("fløde", "FLØDE", "noget andet", "<B>NOGET", "øde"):
            self.assertEqual(await self.found(Body(sought)), uids(1), sought)
        for sought in ("c2VjcmV0", "rødgrød", "=F8"):
            self.assertEqual(await self.found(Body(sought)), EMPTY, sought)
        self.assertEqual(await self.found(Text("rødgrød")), uids(1))
        self.assertEqual(await self.found(Text("subject: greet")), uids(2))
        self.assertEqual(await self.found(Text("")), uids(1, 2))
        self.assertEqual(await self.found(Body("")), uids(1, 2))

    async def test_what_is_sought_may_lie_across_chunks(self):
        await self.append(b"\r\n" + b"x" * 65_530 + b"needle in the hay" + b"y" * 65_536)
        self.assertEqual(await self.found(Body("xneedle in the hayy")), uids(1))

    async def test_and_or_not(self):
        await self.append(mail("apple", "red"), mail("apple", "green"), mail("pear", "green"))
        await self.inbox.store(uids(1), StoreFlags.ADD, flags("\\Seen"))
        apple, green, seen = Body("apple"), Header("subject", "green"), HasFlag(SEEN)
        for query, expected in (
            (And((apple, green)), uids(2)),
            (Or((apple, green)), uids(1, 2, 3)),
            (And((apple, Not(green))), uids(1)),
            (And((apple, seen)), uids(1)),
            (Or((And((apple, seen)), Not(apple))), uids(1, 3)),
            (Not(Or((seen, green))), EMPTY),
            (Not(And((apple, Not(seen)))), uids(1, 3)),
            (And((All(), Not(All()))), EMPTY),
            (And(()), uids(1, 2, 3)),
            (Or(()), EMPTY),
            (Among(UidSet([(2, 9)])), uids(2, 3)),
            (Or((Among(uids(1)), And((Among(uids(3)), green)))), uids(1, 3)),
        ):
            self.assertEqual(await self.found(query), expected, query)

    async def test_only_within(self):
        await self.append(mail("1"), mail("2"), mail("3"))
        self.assertEqual(await self.found(All(), uids(1, 3, 7)), uids(1, 3))
        self.assertEqual(await self.found(Not(HasFlag(SEEN)), uids(2)), uids(2))
        self.assertEqual(await self.found(Text("hello"), EMPTY), EMPTY)

    async def test_expunged_messages_that_are_kept_are_found(self):
        await self.append(mail("apple"), mail("pear"), flags=flags("\\Deleted"))
        await self.inbox.expunge(uids(1))
        self.assertEqual(await self.found(Body("apple")), uids(1))
        self.assertEqual(await self.found(HasFlag(DELETED)), uids(1, 2))

    async def test_many_messages(self):
        await self.append(*(mail(f"number {number}.") for number in range(300)))
        for _ in range(3):
            await self.inbox.copy((await self.inbox.snapshot()).uids, INBOX)
        within = (await self.inbox.snapshot()).uids
        found = await self.found(Body("number 7."), within)
        self.assertEqual(len(found), len(within) // 300)
        self.assertEqual(await self.found(Not(Body("number 7.")), within), within - found)

    async def test_each_message_is_counted_once_it_is_decided(self):
        await self.append(*(mail(f"number {number}") for number in range(5)))
        for query in (All(), Text("number 3"), Or((HasFlag(SEEN), Body("nothing")))):
            counted: list[int] = []
            await self.inbox.search(query, uids(1, 2, 4), counted.append)
            self.assertEqual(sum(counted), 3, query)

    async def test_a_deleted_mailbox(self):
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        await self.account.delete(name("work"))
        await self.assert_raises(NotFound, work.search(All(), EVERYONE))
