from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.news.context import shares
from imapd.imap.wire.fetchatt import Item
from mailstore.uidset import EMPTY, UidSet

UID, FLAGS, SIZE = Item.UID, Item.FLAGS, Item.RFC822_SIZE


class SharesTest(SynchronousTestCase):
    def test_each_message_once_with_all_that_is_asked_for(self):
        for asked, expected in (
            ([], {}),
            ([(UidSet.of(1, 2, 3), ())], {}),
            ([(UidSet.of(9), (UID,))], {}),
            ([(UidSet.of(1, 2, 9), (UID,))], {(UID,): UidSet.of(1, 2)}),
            (
                [(UidSet.of(1, 2, 3), (UID,)), (UidSet.of(2), (FLAGS, UID)), (UidSet.of(2, 3), (SIZE,))],
                {(UID,): UidSet.of(1), (UID, FLAGS, SIZE): UidSet.of(2), (UID, SIZE): UidSet.of(3)},
            ),
            ([(UidSet.of(1), (UID,)), (UidSet.of(2), (UID,))], {(UID,): UidSet.of(1, 2)}),
        ):
            self.assertEqual(shares(UidSet.of(1, 2, 3), asked), expected, asked)

    def test_nobody(self):
        self.assertEqual(shares(EMPTY, [(UidSet.of(1), (UID,))]), {})
