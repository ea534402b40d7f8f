import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from imapd.formats import detect
from imapd.formats.found import Folder, Found, LeftOut, Subscribed
from mailstore.model import InternalDate
from tests.imapd.formats.files import MESSAGE, make_maildir, raw, write

FROM = b"From ada@example.org Mon Jan  1 10:00:00 2024\n"


class DetectTests(SynchronousTestCase):
    def setUp(self):
        self.folder = Path(self.mktemp())

    def found(self, path=""):
        return [found for found in detect.read(self.folder / path) if isinstance(found, Found)]

    def read(self, path=""):
        return [raw(found) for found in self.found(path)]

    def test_a_message_is_read_whole_whatever_its_name(self):
        for name in ("1.eml", "1", "1.mbox"):
            write(self.folder / name, MESSAGE)
            self.assertEqual(self.read(name), [MESSAGE])

    def test_an_mbox_whatever_its_name(self):
        for name in ("Archive", "a.mbox", "a.eml"):
            write(self.folder / name, FROM + MESSAGE + b"\n" + FROM + MESSAGE + b"\n")
            self.assertEqual(self.read(name), [MESSAGE, MESSAGE])

    def test_one_separator_alone_belongs_to_an_eml_and_not_to_an_mbox(self):
        for name, octets in (("a.eml", FROM + MESSAGE), ("a.EML", FROM + MESSAGE), ("Archive", MESSAGE)):
            write(self.folder / name, FROM + MESSAGE)
            self.assertEqual(self.read(name), [octets])

    def test_an_eml_is_a_message_whatever_it_holds(self):
        for octets in (b"\n\nbody", b"From here on\n", b"\xff\xfe\0"):
            write(self.folder / "a.eml", octets)
            self.assertEqual(self.read("a.eml"), [octets])

    def test_other_files_are_reported_and_the_rest_is_read(self):
        write(self.folder / "a.txt", b"hello\n")
        write(self.folder / "b.eml", MESSAGE)
        left_out, found = [each for each in detect.read(self.folder) if not isinstance(each, Folder)]
        self.assertIsInstance(left_out, LeftOut)
        self.assertEqual(raw(found), MESSAGE)

    def test_an_mbox_that_becomes_shorter_costs_what_was_not_read_of_it(self):
        path = write(self.folder / "a.mbox", (FROM + MESSAGE + b"x" * 10_000 + b"\n\n") * 100)
        write(self.folder / "b.eml", MESSAGE)
        left_out, found = [], 0
        for each in detect.read(self.folder):
            if isinstance(each, LeftOut):
                left_out.append(each)
            elif isinstance(each, Found):
                found += 1
                path.write_bytes(path.read_bytes()[:200_000])
        self.assertEqual(left_out, [LeftOut(str(path), "it became shorter while it was read; import it again")])
        self.assertGreater(found, 2)
        self.assertEqual(raw(each), MESSAGE)

    def test_a_folder_is_read_with_those_below_it_but_no_hidden_or_empty_files(self):
        for name, octets in (("b.eml", MESSAGE), ("a/1", MESSAGE), (".DS_Store", b"x"), ("empty", b"")):
            write(self.folder / name, octets)
        os.symlink("..", self.folder / "a" / "round")
        self.assertEqual(self.read(), [MESSAGE, MESSAGE])

    def test_a_maildir_inside_keeps_its_folder(self):
        make_maildir(self.folder / "mail" / ".Sent", **{"new/1": MESSAGE})
        write(self.folder / "notes.txt", b"not mail\n")
        self.assertEqual([found.folder.levels for found in self.found()], [("mail", "Sent")])

    def test_what_cannot_be_read_is_reported(self):
        self.folder.mkdir()
        os.mkfifo(self.folder / "fifo")
        for name in ("missing", "fifo"):
            [left_out] = detect.read(self.folder / name)
            self.assertEqual(left_out.source, str(self.folder / name))

    def test_the_date_of_a_message_file(self):
        received = b"Received: from a\n\tby b; Mon, 1 Jan 2024 11:00:00 +0100\n"
        for octets, date in (
            (received + b"Received: x; Fri, 1 Dec 2023 10:00:00 +0000\n" + MESSAGE, InternalDate(1704103200, 60)),
            (MESSAGE, InternalDate(1704099600, 60)),
            (b"Date: yesterday\n\n", InternalDate(1700000000, 0)),
            (b"Date: Fri, 1 Jan 2100 10:00:00 +0000\n\n", InternalDate(1700000000, 0)),
        ):
            path = write(self.folder / "1.eml", octets)
            os.utime(path, (1, 1700000000))
            self.assertEqual([found.internal_date for found in self.found()], [date])

    def test_mboxes_below_a_folder_are_folders_and_messages_are_in_their_directorys(self):
        for name in ("Inbox", "Work.sbd/2024", "Apple.mbox/mbox", "old.mbox"):
            write(self.folder / name, FROM + MESSAGE)
        for name in ("one.eml", "letters/two.eml", "letters/three.eml"):
            write(self.folder / name, MESSAGE)
        write(self.folder / "Empty", b"")
        write(self.folder / "Inbox.msf", b"// <!-- <mdb:mork")
        items = list(detect.read(self.folder))
        self.assertEqual(
            sorted(found.folder.levels for found in items if isinstance(found, Found)),
            [(), ("Apple",), ("Inbox",), ("Work", "2024"), ("letters",), ("letters",), ("old",)],
        )
        self.assertIn(Folder(("Empty",)), items)
        self.assertEqual([item for item in items if isinstance(item, LeftOut)], [])

    def test_an_mbox_by_itself_is_no_folder(self):
        write(self.folder / "Work", FROM + MESSAGE)
        self.assertEqual([found.folder.levels for found in self.found("Work")], [()])

    def test_subscriptions_beside_mboxes(self):
        for name in ("INBOX", "Work/2024", "Other"):
            write(self.folder / name, FROM + MESSAGE)
        write(self.folder / ".subscriptions", b"INBOX\nWork\nWork/2024\ngone/example.org\n")
        items = list(detect.read(self.folder))
        subscribed = {item.levels: item.subscribed for item in items if isinstance(item, Folder)}
        self.assertEqual(subscribed, {(): True, ("Other",): False, ("Work", "2024"): True})
        self.assertEqual(
            [item for item in items if isinstance(item, Subscribed)],
            [Subscribed(("Work",)), Subscribed(("gone", "example.org"))],
        )

    def test_what_is_nested_too_deep_is_reported(self):
        write(self.folder.joinpath(*["a"] * 70) / "1.eml", MESSAGE)
        [left_out] = detect.read(self.folder)
        self.assertIn("levels", left_out.reason)

    def test_a_folder_that_cannot_be_read_keeps_nobody_from_the_others(self):
        write(self.folder / "a" / "1.eml", MESSAGE)
        write(self.folder / "b" / "1.eml", MESSAGE)
        listdir = os.listdir

        def refused(path):
            if str(path).endswith("a"):
                raise PermissionError(13, "Permission denied", str(path))
            return listdir(path)

        self.patch(os, "listdir", refused)
        items = list(detect.read(self.folder))
        self.assertEqual([item.reason for item in items if isinstance(item, LeftOut)], ["Permission denied"])
        self.assertEqual([item.folder.levels for item in items if isinstance(item, Found)], [("b",)])
