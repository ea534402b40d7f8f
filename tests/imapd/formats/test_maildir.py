import os

from twisted.trial.unittest import SynchronousTestCase

from imapd.formats import maildir
from imapd.formats.found import LeftOut
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, InternalDate
from tests.imapd.formats.files import MESSAGE, make_maildir, raw


class MaildirTests(SynchronousTestCase):
    def setUp(self):
        self.path = make_maildir(self.mktemp())

    def read(self):
        return list(maildir.read(self.path))

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
        self.assertEqual((found.source, found.size, found.folder), (str(file), len(MESSAGE), ()))
        self.assertEqual(found.flags, {SEEN, FLAGGED, ANSWERED})
        self.assertEqual(found.internal_date, InternalDate(1704103200, 0))

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
            {found.folder for found in self.read()},
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
                ("a_b",),
            },
        )

    def test_messages_come_in_the_order_of_their_names(self):
        for name in ("cur/3:2,S", "cur/1:2,", "new/2"):
            self.add(name)
        self.assertEqual([os.path.basename(found.source) for found in self.read()], ["1:2,", "3:2,S", "2"])

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
