"""An account that is exported and imported again is the same account."""

import os
from pathlib import Path
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from imapd.formats import detect
from imapd.formats.maildirexport import MaildirExport
from imapd.formats.mboxexport import MboxExport, quoted
from imapd.moving.intake import Intake
from imapd.moving.outflow import Outflow
from mailstore import open_store
from mailstore.errors import Corrupt
from mailstore.interfaces import NewMessage
from mailstore.model import DELETED, SYSTEM_FLAGS, Field, Flag, InternalDate, SpecialUse
from mailstore.names import INBOX, mailbox_name
from mailstore.spool import Spool
from mailstore.sqlite import mailboxes
from mailstore.uidset import UidSet
from tests.imapd.moving.test_intake import Listener

FORMATS = (MaildirExport, MboxExport)
NAMES = (
    *("INBOX", "Sent", "Work", "Work/2024", "example.org", "example_org", "INBOX/a.b", "Entwürfe & mehr", ".hidden"),
    *("a.mbox", "Work.sbd", "\U0001f600" * 150, "cur", "WORK", "x" * 240 + "1", "x" * 240 + "2"),
)
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\0", b"From ", b">From me\r\n", b"a", b"\xff", b"Subject: s\r\n", b"\r\n\r\n", b" "),
    b"X-UID: 9\r\nStatus: RO\r\nX-Mozilla-Status: 0009\r\n",
    b"From a Mon Jan  1 10:00:00 2024\r\n",
)
FLAGS = (*SYSTEM_FLAGS, *map(Flag, ("$Forwarded", "$Junk", "a", "Work-2")))

OCTETS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join), st.binary(max_size=40))
DATES = st.builds(
    InternalDate,
    st.one_of(st.integers(0, 2**31), st.integers(-(2**36), 2**38)),
    st.integers(-12 * 60, 14 * 60),
)
MESSAGES = st.tuples(OCTETS, st.frozensets(st.sampled_from(FLAGS)), DATES, st.sampled_from([None, "uidl:1", "!x~"]))
MAILBOX = st.lists(st.tuples(MESSAGES, st.booleans()), max_size=5)
ACCOUNTS = st.tuples(
    st.dictionaries(st.sampled_from(NAMES), MAILBOX, max_size=5),
    st.frozensets(st.sampled_from((*NAMES, "Drafts", "gone/a.b"))),
)


def examples():
    """Return random accounts, the same each time."""
    found = []

    @settings(max_examples=8, deadline=None, derandomize=True, database=None)
    @given(ACCOUNTS)
    def take(account):
        found.append(account)

    take()
    return found


class RoundTripTests(TestCase):
    async def setUp(self):
        self.stores = []

    async def tearDown(self):
        for store in self.stores:
            await store.close()

    async def account(self, made=1_700_000_000):
        """Make an account, as if at some time: those of one server are made one after another."""
        self.patch(mailboxes, "time", SimpleNamespace(time=lambda: made))
        self.stores.append(open_store(f"sqlite://{self.mktemp()}"))
        user = await self.stores[-1].add_user("ada", "hash")
        return await self.stores[-1].account(user.account)

    async def fill(self, named, subscribed):
        """Make an account with these mailboxes; messages that are marked are expunged again."""
        account = await self.account(made=1_600_000_000)
        for each, messages in named.items():
            name = mailbox_name(each)
            if name not in {info.name for info in await account.mailboxes()}:
                await account.create(name)
            mailbox = await account.mailbox(name)
            gone = []
            for (octets, flags, date, uidl), is_gone in messages:
                spool = Spool(octets)
                marked = flags | ({DELETED} if is_gone else set())
                appended = await mailbox.append([NewMessage(spool, marked, date, uidl=uidl)])
                spool.close()
                gone += list(appended.uids) * is_gone
            await mailbox.expunge(UidSet.from_uids(gone))
        for name in await account.subscriptions():
            await account.unsubscribe(name)
        for each in subscribed:
            await account.subscribe(mailbox_name(each))
        return account

    async def export(self, account, form, listener=None):
        root = Path(self.mktemp())
        root.mkdir()
        outflow = Outflow(account, form(root), listener or Listener())
        for info in await account.mailboxes():
            await outflow.write(info)
        outflow.finish(await account.subscriptions())
        return root

    async def bring(self, root, account=None):
        account = account or await self.account()
        self.listener = Listener()
        self.intake = Intake(account, INBOX, self.listener)
        await self.intake.take(detect.read(root))
        return account

    async def content(self, account):
        """Return all that an export keeps."""
        fields = (Field.FLAGS, Field.INTERNAL_DATE, Field.UIDL, Field.DIGEST)
        found = {}
        for info in await account.mailboxes():
            mailbox = await account.mailbox(info.name)
            snapshot = await mailbox.snapshot()
            messages = {}
            async for rows in mailbox.fetch(snapshot.uids, fields):
                columns = zip(*(rows.columns[field] for field in fields), strict=True)
                messages.update(zip(rows.uids, columns, strict=True))
            status = snapshot.status
            found[info.name] = (status.uid_validity, status.uid_next, info.special_use, messages)
        return found, await account.subscriptions()

    async def test_random_accounts(self):
        for named, subscribed in examples():
            await self.same_again(named, subscribed)

    async def same_again(self, named, subscribed):
        account = await self.fill(named, subscribed)
        before = await self.content(account)
        for form in FORMATS:
            root = await self.export(account, form)
            again = await self.bring(root)
            self.assertEqual(self.intake.left_out, 0)
            self.assertEqual(await self.content(again), before)
            self.assertEqual(await again.check_consistency(), [])
            taken = self.intake.taken
            await self.bring(root, again)
            self.assertEqual((self.intake.taken, self.intake.there), (0, taken))
            self.assertEqual(await self.content(again), before)


    async def test_keywords_beyond_those_that_have_letters(self):
        many = frozenset(map(Flag, (f"k{number:02}" for number in range(30))))
        account = await self.fill({"Work": [((b"a", many, InternalDate(1, 0), None), False)]}, ())
        listener = Listener()
        root = await self.export(account, MaildirExport, listener)
        self.assertIn("4 others, such as k26, only imapd", listener.lines[0])
        self.assertEqual(await self.content(await self.bring(root)), await self.content(account))

    async def test_names_that_mean_something_among_files(self):
        letters = [((b"a", frozenset(), InternalDate(1, 0), None), False)]
        for names in (("cur/a", "new/b", "tmp/c"), ("imapd-account.json/a",), ("Work/cur/a", "Work/new/b", "a")):
            account = await self.fill(dict.fromkeys(names, letters), names)
            for form in FORMATS:
                again = await self.bring(await self.export(account, form))
                self.assertEqual(await self.content(again), await self.content(account))

    async def test_folders_that_have_other_names_are_told(self):
        listener = Listener()
        await self.export(await self.fill({"a.b/c": []}, ()), MaildirExport, listener)
        [line] = listener.lines
        self.assertTrue(line.startswith("imapd: a.b/c is the folder .a_b.c"), line)

    async def test_a_message_that_is_damaged_is_left_out_and_told(self):
        letters = [(octets, frozenset(), InternalDate(1, 0), None) for octets in (b"1", b"2")]
        account = await self.fill({"Work": [(letter, False) for letter in letters]}, ())
        work = await account.mailbox(mailbox_name("Work"))
        [rows] = [rows async for rows in work.fetch(UidSet.of(1), [Field.MESSAGE])]
        [stored] = rows.columns[Field.MESSAGE]
        real = type(stored).stream

        def stream(message, start, stop):
            if message._content == stored._content:
                raise Corrupt("the message is damaged")
            return real(message, start, stop)

        self.patch(type(stored), "stream", stream)
        for form in FORMATS:
            listener = Listener()
            root = await self.export(account, form, listener)
            self.assertEqual(listener.lines, ["imapd: Work, UID 1: the message is damaged"])
            again = await self.bring(root)
            work = await again.mailbox(mailbox_name("Work"))
            self.assertEqual((await work.snapshot()).uids, UidSet.of(2))

    async def test_a_message_is_read_once(self):
        account = await self.fill({"Work": [((b"a\r\n" * 700_000, frozenset(), InternalDate(1, 0), None), False)]}, ())
        before = await self.content(account)
        [rows] = [rows async for rows in (await account.mailbox("Work")).fetch(UidSet.of(1), [Field.MESSAGE])]
        kind = type(rows.columns[Field.MESSAGE][0])
        real, asked = kind.stream, set()

        def stream(message, start, stop):
            if message._content in asked:
                raise Corrupt("the message is damaged")
            asked.add(message._content)
            return real(message, start, stop)

        for form in FORMATS:
            asked.clear()
            patched = self.patch(kind, "stream", stream)
            root = await self.export(account, form)
            patched.restore()
            self.assertEqual(await self.content(await self.bring(root)), before)

    async def test_special_uses_of_folders_that_have_other_names(self):
        account = await self.fill({"a.b": [], "x" * 240: []}, ["a.b", "x" * 240])
        await account.annotate("a.b", {}, {SpecialUse.ARCHIVE})
        await account.annotate("x" * 240, {}, {SpecialUse.JUNK})
        for form in FORMATS:
            again = await self.bring(await self.export(account, form))
            self.assertEqual(await self.content(again), await self.content(account))

    async def test_a_folder_is_as_dovecot_has_it(self):
        date = InternalDate(1_500_000_000, 60)
        letters = [(b"lf\r\n", frozenset(map(Flag, ("\\Seen", "$Forwarded", "b"))), date, "own")]
        letters += [(b"bare\n", frozenset({Flag("a")}), date, None)]
        account = await self.fill({"Work/2024": [(letter, False) for letter in letters]}, ["Work/2024", "INBOX"])
        root = await self.export(account, MaildirExport)
        folder = root / ".Work.2024"
        status = await account.status(mailbox_name("Work/2024"))
        bases = ["1500000000.U1.imapd,S=3,W=4,Z=60", "1500000000.U2.imapd,S=5,W=6,Z=60,E=1"]
        self.assertEqual(
            (folder / "dovecot-uidlist").read_text().splitlines(),
            [
                f"3 V{status.uid_validity} N3 G{status.id}",
                f"1 Pown :{bases[0]}",
                f"2 P00000002{status.uid_validity:08x} :{bases[1]}",
            ],
        )
        self.assertEqual((folder / "dovecot-keywords").read_text(), "0 $Forwarded\n1 b\n2 a\n")
        self.assertEqual(sorted(os.listdir(folder / "cur")), [f"{bases[0]}:2,PSab", f"{bases[1]}:2,c"])
        self.assertEqual((folder / "cur" / f"{bases[0]}:2,PSab").read_bytes(), b"lf\n")
        self.assertEqual((folder / "cur" / f"{bases[0]}:2,PSab").stat().st_mtime, 1_500_000_000)
        self.assertEqual((root / "subscriptions").read_text(), "V\t2\n\nINBOX\nWork\t2024\n")

    async def test_quoting_does_not_depend_on_where_pieces_end(self):
        octets = b"From a\n>From b\n>>From c\n>>>\nFro\nFrom\n From d\n>From e\nFrom"
        whole = b">From a\n>>From b\n>>>From c\n>>>\nFro\nFrom\n From d\n>>From e\nFrom"
        for size in (1, 2, 3, 5, 100):
            self.assertEqual(b"".join(quoted(pieces(octets, size))), whole)


def pieces(octets, size):
    """Yield octets in pieces of one size."""
    for at in range(0, len(octets), size):
        yield octets[at : at + size]
