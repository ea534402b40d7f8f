from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from imapd.formats import detect
from imapd.formats.found import Folder, Found, LeftOut
from mailstore.model import ANSWERED, FLAGGED, SEEN
from tests.imapd.formats.files import MESSAGE, raw, write


class MhTests(SynchronousTestCase):
    def setUp(self):
        self.path = Path(self.mktemp())

    def read(self):
        return [item for item in detect.read(self.path) if isinstance(item, Found)]

    def test_messages_come_by_number_with_the_flags_of_their_sequences(self):
        for number in (10, 2, 1, 3):
            write(self.path / str(number), MESSAGE)
        write(
            self.path / ".mh_sequences",
            b"cur: 3\nunseen: 2-3 99-100000000\nflagged: 1 3\nreplied: 2-2\n$Work: 10\nnonsense\nno good: x-y 1-\n",
        )
        found = self.read()
        self.assertEqual([Path(message.source).name for message in found], ["1", "2", "3", "10"])
        self.assertEqual(
            [message.flags for message in found], [{SEEN, FLAGGED}, {ANSWERED}, {FLAGGED}, {SEEN, "$Work"}]
        )
        self.assertEqual(raw(found[0]), MESSAGE)

    def test_directories_are_folders(self):
        for folder in ("inbox", "lists/python"):
            write(self.path / folder / "1", MESSAGE)
            write(self.path / folder / ".mh_sequences", b"unseen: 1\n")
        write(self.path / "empty" / ".mh_sequences", b"")
        items = list(detect.read(self.path))
        found = [(item.folder.levels, item.flags) for item in items if isinstance(item, Found)]
        self.assertEqual(found, [(("inbox",), frozenset()), (("lists", "python"), frozenset())])
        self.assertIn(Folder(("empty",)), items)

    def test_what_cannot_be_read_is_reported(self):
        write(self.path / ".mh_sequences", b"")
        (self.path / "1").symlink_to("nowhere")
        write(self.path / "2", MESSAGE)
        self.assertEqual([type(item) for item in detect.read(self.path)], [Folder, LeftOut, Found])
