from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import No
from imapd.imap.wire.fetchatt import Item
from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier
from imapd.imap.wire.notifyopts import MAX_GROUPS, Event, EventGroup, event_groups
from mailstore.model import MailboxName
from tests.imapd.imap.wire.parsing import parse, refusal

NEW_AND_GONE = frozenset({Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE})
EVERYTHING = MailboxFilter(Specifier.PERSONAL)

GROUPS = {
    b"(personal NONE)": [EventGroup(EVERYTHING, frozenset())],
    b"(PERSONAL (messagenew MESSAGEEXPUNGE))": [EventGroup(EVERYTHING, NEW_AND_GONE)],
    b"(personal (MailboxName SubscriptionChange MailboxName))": [
        EventGroup(EVERYTHING, frozenset({Event.MAILBOX_NAME, Event.SUBSCRIPTION_CHANGE}))
    ],
    b"(personal (MailboxMetadataChange ServerMetadataChange))": [
        EventGroup(EVERYTHING, frozenset({Event.MAILBOX_METADATA_CHANGE, Event.SERVER_METADATA_CHANGE}))
    ],
    b"(selected (MessageNew (uid flags uid) MessageExpunge FlagChange))": [
        EventGroup(
            MailboxFilter(Specifier.SELECTED), NEW_AND_GONE | {Event.FLAG_CHANGE}, (Item.UID, Item.FLAGS)
        )
    ],
    b"(selected-delayed none) (mailboxes {1+}\r\nx (MessageExpunge MessageNew))": [
        EventGroup(MailboxFilter(Specifier.SELECTED_DELAYED), frozenset()),
        EventGroup(MailboxFilter(Specifier.MAILBOXES, frozenset({MailboxName("x")})), NEW_AND_GONE),
    ],
}


class EventGroupsTest(SynchronousTestCase):
    def test_groups(self):
        for octets, expected in GROUPS.items():
            self.assertEqual(parse(event_groups, octets), tuple(expected), octets)

    def test_so_many_groups_and_no_more(self):
        groups = [b"(personal NONE)"] * MAX_GROUPS
        self.assertEqual(len(parse(event_groups, b" ".join(groups))), MAX_GROUPS)
        with self.assertRaises(No) as caught:
            parse(event_groups, b" ".join([*groups, b"(inboxes NONE)"]))
        self.assertEqual(caught.exception.code, "NOTIFICATIONOVERFLOW")

    def test_broken(self):
        for octets in (
            b"",
            b"()",
            b"(personal)",
            b"(personal ())",
            b"(personal(MailboxName))",
            b"(personal (MailboxName)",
            b"(personal (MailboxName )) ",
            b"(personal (MessageNew ()) MessageExpunge)",
            b"(personal (MessageNew (uid) MessageExpunge))",
            b"(personal (MessageNew))",
            b"(selected (MailboxName))",
            b"(selected NONE) (selected-delayed NONE)",
            b"(subtree-one x (MailboxName))",
        ):
            refusal(event_groups, octets)
