from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.mailboxfilter import MAX_NAMES, MailboxFilter, Specifier, filter_mailboxes
from tests.imapd.imap.wire.parsing import parse, refusal

EVERY = frozenset(Specifier)


def named(specifier, *names):
    return MailboxFilter(specifier, frozenset(names))


FILTERS = {
    b"selected": MailboxFilter(Specifier.SELECTED),
    b"Selected-Delayed": MailboxFilter(Specifier.SELECTED_DELAYED),
    b"INBOXES": MailboxFilter(Specifier.INBOXES),
    b"personal": MailboxFilter(Specifier.PERSONAL),
    b"subscribed": MailboxFilter(Specifier.SUBSCRIBED),
    b'subtree "folder2"': named(Specifier.SUBTREE, "folder2"),
    b"subtree-one (a a/b)": named(Specifier.SUBTREE_ONE, "a", "a/b"),
    b'MAILBOXES ("a%" inbox)': named(Specifier.MAILBOXES, "a%", "INBOX"),
    b"mailboxes {1+}\r\nx": named(Specifier.MAILBOXES, "x"),
    b"mailboxes Entw&APw-rfe": named(Specifier.MAILBOXES, "Entwürfe"),
}


def rule(cursor):
    return filter_mailboxes(cursor, EVERY)


class MailboxFilterTest(SynchronousTestCase):
    def test_filters(self):
        for octets, expected in FILTERS.items():
            self.assertEqual(parse(rule, octets), expected, octets)

    def test_broken(self):
        many = b"mailboxes (" + b" ".join([b"x"] * (MAX_NAMES + 1)) + b")"
        for octets in (b"", b"everything", b"mailboxes", b"mailboxes ()", b"subtree  a", b"personal a", b"(a)", many):
            refusal(rule, octets)

    def test_only_the_known_ones(self):
        message = refusal(lambda cursor: filter_mailboxes(cursor, EVERY - {Specifier.INBOXES}), b"inboxes")
        self.assertIn("INBOXES", message)

    def test_names_that_no_mailbox_can_have_are_ignored(self):
        self.assertEqual(parse(rule, b"mailboxes (a//b c)"), named(Specifier.MAILBOXES, "c"))
        self.assertEqual(parse(rule, b"subtree /"), named(Specifier.SUBTREE))
