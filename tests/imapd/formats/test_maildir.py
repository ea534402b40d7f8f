import os

from twisted.trial.unittest import SynchronousTestCase

from imapd.formats import maildir
from imapd.formats.found import ROOT, Folder, Identity, LeftOut, Subscribed
from imapd.formats.uidlformat import DOVECOTS
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, InternalDate
from tests.imapd.formats.files import MESSAGE, make_maildir, raw, write


class MaildirTests(SynchronousTestCase):
    def setUp(self):
        self.path = make_maildir(self.mktemp())

    def items(self):
        return list(maildir.read(self.path, DOVECOTS))

    def read(self):
        return [item for item in self.items() if not isinstance(item, Folder | Subscribed)]

    def add(self, name, folder="."):
        file = self.path / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(MESSAGE)
        return file

    def test_a_message_with_its_octets_date_and_flags(self):
        file = self.add("cur/1.host:2,FRS")
        os.utime(file, (1, 1704103200))
        [found] = self.read()
        self.assertEqual(raw(found), MESSAGE)
        self.assertEqual((found.source, found.size, found.folder), (str(file), len(MESSAGE), ROOT))
        self.assertEqual(found.flags, {SEEN, FLAGGED, ANSWERED})
        self.assertEqual(found.internal_date, InternalDate(1704103200, 0))

    def while_listing(self, happens):
        """Let something happen as soon as the first folder of files was looked into."""
        real, waiting = os.listdir, [happens]

        def listdir(path):
            names = real(path)
            if waiting:
                waiting.pop()()
            return names

        self.patch(maildir.os, "listdir", listdir)

    def test_a_file_that_goes_from_new_to_cur_meanwhile(self):
        file = self.add("new/1.host")
        self.while_listing(lambda: file.rename(self.path / "cur/1.host:2,S"))
        self.assertEqual([found.flags for found in self.read()], [{SEEN}])

    def test_files_that_get_other_flags_meanwhile_or_go(self):
        first, second, gone = (self.add(f"{name}") for name in ("new/1.host", "cur/2.host:2,", "cur/3.host:2,"))
        self.add("cur/2.host,S=1:2,")

        def change():
            first.rename(self.path / "cur/1.host:2,F")
            second.rename(self.path / "cur/2.host:2,S")
            gone.unlink()

        found = maildir.read(self.path, DOVECOTS)
        self.assertEqual(next(found), ROOT)
        real = maildir._message  # the folder was listed when the first message is looked at
        self.patch(maildir, "_message", lambda *args: (change() if first.exists() else None, real(*args))[1])
        *found, left_out = found
        self.assertEqual([each.flags for each in found], [{FLAGGED}, set(), {SEEN}])
        self.assertEqual(left_out.source, str(gone))

    def test_uids_and_keywords_that_are_written_down_meanwhile(self):
        for sub in ("new", "cur"):
            self.add(f"{sub}/1.{sub}:2,a")

        def written():
            (self.path / "dovecot-uidlist").write_text("3 V77 N9\n7 :1.new\n8 :1.cur\n")
            (self.path / "dovecot-keywords").write_text("0 Work\n")

        self.while_listing(written)
        [folder, *found] = self.items()
        self.assertEqual(folder.identity.uid_next, 9)
        self.assertEqual([(each.uid, each.flags) for each in found], [(7, {"Work"}), (8, {"Work"})])

    def test_every_letter_and_no_letter(self):
        for name, flags in (
            ("new/1", set()),
            ("cur/2:2,", set()),
            ("cur/3:2,DFPRST", {DRAFT, FLAGGED, "$Forwarded", ANSWERED, SEEN, DELETED}),
            ("cur/4!2,S", {SEEN}),
            ("cur/5:2,Zz", set()),
            ("cur/6,S=12:1,S", set()),
        ):
            file = self.add(name)
            self.assertEqual([found.flags for found in self.read()], [flags], name)
            file.unlink()

    def test_dovecots_keywords(self):
        (self.path / "dovecot-keywords").write_text("0 $label1\n1 no good\n25 Work\n26 beyond\n")
        self.add("cur/1:2,Sabz{")
        self.assertEqual([found.flags for found in self.read()], [{SEEN, "$label1", "Work"}])

    def test_folders_of_maildir_plus_plus_and_nested_ones(self):
        for folder in (
            ".Sent",
            ".Work.2024",
            "Lists/python",
            ".Entw&APw-rfe",
            ".k&APY",
            ".A&B-",
            ".Q&-A",
            ".a&AC4-b",
            "Äpfel",
            ".a&AC8-b",
        ):
            for sub in ("cur", "new"):
                (self.path / folder / sub).mkdir(parents=True)
            self.add("cur/1:2,S", folder)
        self.assertEqual(
            {found.folder.levels for found in self.read()},
            {
                ("Sent",),
                ("Work", "2024"),
                ("Lists", "python"),
                ("Entwürfe",),
                ("k&APY",),
                ("A&B-",),
                ("Q&A",),
                ("a.b",),
                ("Äpfel",),
                ("a/b",),
            },
        )

    def test_messages_come_in_the_order_of_their_names(self):
        for name in ("cur/3:2,S", "cur/1:2,", "new/2"):
            self.add(name)
        self.assertEqual([os.path.basename(found.source) for found in self.read()], ["1:2,", "2", "3:2,S"])

    def test_what_is_no_message_is_passed_over(self):
        for name in ("tmp/1", "dovecot-uidlist", "cur/.hidden", ".Sent/maildirfolder"):
            self.add(name)
        self.assertEqual(self.read(), [])

    def test_a_message_that_goes_away_is_reported(self):
        os.symlink("nowhere", self.path / "cur" / "1:2,S")
        [left_out] = self.read()
        self.assertIsInstance(left_out, LeftOut)

    def test_what_a_maildir_is(self):
        self.assertTrue(maildir.is_maildir(self.path))
        self.assertTrue(maildir.holds_maildir(self.path.parent))
        self.assertFalse(maildir.is_maildir(self.path.parent))

    def test_dovecots_uids_and_uidls(self):
        for name in ("cur/1.a,S=5,W=6:2,S", "cur/2.b:2,", "new/3.c", "new/4.d"):
            self.add(name)
        self.write(
            "dovecot-uidlist",
            b"3 V1234567890 N44 Gabcdef0123 X\n4 W12 :2.b\n7 Puidl%7 S3 :1.a,S=5,W=6\n9 :gone\n8 :late\n43 :3.c\nx\n",
        )
        [folder, *found] = self.items()
        self.assertEqual(folder.identity, Identity("maildir:abcdef0123", 1234567890, 44))
        named = [(message.uid, message.uidl) for message in found[:3]]
        self.assertEqual(named, [(4, "00000004499602d2"), (7, "uidl%7"), (43, "0000002b499602d2")])
        self.assertEqual((os.path.basename(found[3].source), found[3].uid), ("4.d", None))
        self.assertEqual({message.folder for message in found}, {folder})

    def test_couriers_uids_uidls_keywords_and_subscriptions(self):
        for name in ("cur/1.a:2,S", "cur/2.b:2,", "cur/3.c:2,F"):
            self.add(name)
        make_maildir(self.path / ".Work")
        self.write("courierimapuiddb", b"1 1234567890 9\n3 2.b\n5 1.a\n")
        self.write("courierpop3dsizelist", b"/3 12 99\n1.a:2,S 100 7:99:0\n2.b 200 8:0:0\n3.c 10 0:0:0\n")
        self.write("courierimapkeywords/:list", b"$Label1\nWork\n\n1.a:0 1\n2.b:1\n")
        self.write("courierimapkeywords/.1.2.b", b"Old\n")
        self.write("courierimapkeywords/.2.2.b", b"New\n$Label1\n")
        self.write("courierimapsubscribed", b"INBOX\nINBOX.Gone.2024\n")
        inbox, first, second, third, work, gone = self.items()
        self.assertEqual(inbox, Folder((), Identity(f"maildir:{self.path.resolve()}", 1234567890, 9), subscribed=True))
        self.assertEqual([message.uid for message in (first, second, third)], [3, 5, None])
        self.assertEqual([message.uidl for message in (first, second, third)], ["UID8", "UID7-99", "3.c"])
        self.assertEqual(first.flags, {"New", "$Label1"})
        self.assertEqual(second.flags, {SEEN, "$Label1", "Work"})
        self.assertEqual((work, gone), (Folder(("Work",), subscribed=False), Subscribed(("Gone", "2024"))))

    def test_both_versions_of_dovecots_subscriptions(self):
        make_maildir(self.path / ".Work.2024")
        for octets in (b"V\t2\n\nWork\t2024\nEntw&APw-rfe\ta\x01tb\n", b"Work.2024\nEntw&APw-rfe.a\tb\n"):
            self.write("subscriptions", octets)
            self.assertEqual(
                self.items(),
                [
                    Folder((), subscribed=False),
                    Folder(("Work", "2024"), subscribed=True),
                    Subscribed(("Entwürfe", "a\tb")),
                ],
            )

    def test_uidlists_that_cannot_be_read(self):
        self.add("cur/1.a:2,S")
        for octets in (b"", b"\n", b"3\n", b"3 Vx N2\n1 :1.a\n", b"\xff\xfe", b"2 V1\n1 :1.a\n", b"1 2\n"):
            self.write("dovecot-uidlist", octets)
            folder, found = self.items()
            self.assertEqual((folder.identity, found.uid), (None, None), octets)

    def test_what_our_export_adds_to_the_names_of_files(self):
        octets = b"a: b\n\nlone\r\n"
        for name, seconds, zone, stored in (
            ("cur/1.a,S=5,Z=-90:2,S", 1000, -90, b"a: b\r\n\r\nlone\r\n"),
            ("cur/1.a,E=1,D=-77:2,S", -77, 0, octets),
        ):
            file = self.path / name
            file.write_bytes(octets)
            os.utime(file, (1, 1000))
            [found] = self.read()
            self.assertEqual(found.internal_date, InternalDate(seconds, zone))
            self.assertEqual(b"".join(found.octets()), stored)
            file.unlink()

    def test_a_link_to_a_folder_is_reported_and_not_followed(self):
        other = make_maildir(self.mktemp(), **{"cur/1:2,": MESSAGE})
        os.symlink(other.resolve(), self.path / ".Linked")
        os.symlink(self.path.resolve(), self.path / ".Round")
        found = [item.source for item in self.items() if isinstance(item, LeftOut)]
        self.assertEqual(sorted(map(os.path.basename, found)), [".Linked", ".Round"])

    def test_what_is_no_file_is_reported(self):
        os.mkfifo(self.path / "cur" / "1:2,")
        os.mkdir(self.path / "cur" / "2:2,")
        os.symlink("3:2,", self.path / "cur" / "3:2,")
        self.assertEqual([type(item) for item in self.read()], [LeftOut] * 3)

    def test_folders_without_end(self):
        make_maildir(self.path.joinpath(*["a"] * 90), **{"cur/1:2,": MESSAGE})
        self.assertEqual([type(item) for item in self.read()], [LeftOut])

    def write(self, name, octets):
        write(self.path / name, octets)
