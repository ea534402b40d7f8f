from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.news.mailboxfilters import matches
from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier

MAILBOXES = ["INBOX", "INBOX/old", "a", "a/b", "a/b/c", "ab"]
SUBSCRIBED = {"a", "gone"}


def matched(specifier, *names):
    each = MailboxFilter(specifier, frozenset(names))
    return [name for name in MAILBOXES if matches(each, name, SUBSCRIBED)]


class MatchesTest(SynchronousTestCase):
    def test_specifiers(self):
        for (specifier, *names), expected in {
            (Specifier.SELECTED,): [],
            (Specifier.SELECTED_DELAYED,): [],
            (Specifier.INBOXES,): MAILBOXES,
            (Specifier.PERSONAL,): MAILBOXES,
            (Specifier.SUBSCRIBED,): ["a"],
            (Specifier.MAILBOXES, "a", "ab", "gone"): ["a", "ab"],
            (Specifier.SUBTREE, "a"): ["a", "a/b", "a/b/c"],
            (Specifier.SUBTREE, "a/b", "INBOX"): ["INBOX", "INBOX/old", "a/b", "a/b/c"],
            (Specifier.SUBTREE, "gone"): [],
            (Specifier.SUBTREE_ONE, "a"): ["a", "a/b"],
            (Specifier.SUBTREE_ONE, "a/b", "INBOX"): ["INBOX", "INBOX/old", "a/b", "a/b/c"],
        }.items():
            self.assertEqual(matched(specifier, *names), expected, (specifier, names))
