from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.news.notifying import (
    EVERYTHING,
    NOTHING,
    Affected,
    Watch,
    Wish,
    affected,
    items_at_first,
    items_of,
    metadata_watch,
    notify_watch,
)
from imapd.imap.wire.fetchatt import Item
from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier
from imapd.imap.wire.notifyopts import Event, EventGroup
from mailstore.changes import (
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    MessagesChanged,
    MetadataChanged,
    SubscriptionChanged,
)

MESSAGES = frozenset({Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE})
FLAGS = MESSAGES | {Event.FLAG_CHANGE}
NAMES = frozenset({Event.MAILBOX_NAME})


def group(specifier, events, *names, items=()):
    return EventGroup(MailboxFilter(specifier, frozenset(names)), events, items)


def watching(*groups, upto=1):
    return notify_watch(groups, upto)


class EventsTest(SynchronousTestCase):
    def test_groups_add_up(self):
        watch = watching(group(Specifier.MAILBOXES, MESSAGES, "a"), group(Specifier.SUBTREE, NAMES, "a"))
        for name, expected in {"a": MESSAGES | NAMES, "a/b": NAMES, "ab": frozenset()}.items():
            self.assertEqual(watch.events(name, subscribed=False), expected, name)

    def test_nothing_wanted_ends_the_search(self):
        watch = watching(
            group(Specifier.MAILBOXES, NAMES, "a", "b"),
            group(Specifier.MAILBOXES, frozenset(), "a"),
            group(Specifier.PERSONAL, MESSAGES),
        )
        for name, expected in {"a": NAMES, "b": NAMES | MESSAGES, "c": MESSAGES}.items():
            self.assertEqual(watch.events(name, subscribed=False), expected, name)

    def test_subscriptions_matter_to_some(self):
        watch = watching(group(Specifier.SUBSCRIBED, MESSAGES))
        self.assertTrue(watch.by_subscription)
        self.assertEqual(watch.events("a", subscribed=True), MESSAGES)
        self.assertEqual(watch.events("a", subscribed=False), frozenset())
        self.assertFalse(watching(group(Specifier.PERSONAL, MESSAGES)).by_subscription)

    def test_what_is_told_of_the_selected_mailbox(self):
        for groups, expected in (
            ([], NOTHING),
            ([group(Specifier.PERSONAL, FLAGS)], NOTHING),
            ([group(Specifier.SELECTED, frozenset())], Wish(False, False, False, at_once=True)),
            ([group(Specifier.SELECTED, FLAGS, items=(Item.UID,))], Wish(True, True, True, (Item.UID,), at_once=True)),
            ([group(Specifier.SELECTED_DELAYED, MESSAGES)], Wish(True, True, False)),
        ):
            self.assertEqual(watching(*groups).selected, expected)

    def test_the_group_of_the_selected_mailbox_is_about_no_other(self):
        watch = watching(group(Specifier.SELECTED, FLAGS))
        self.assertEqual(watch.events("INBOX", subscribed=True), frozenset())
        self.assertFalse(watch.asks_for(Event.MESSAGE_NEW))

    def test_who_has_enabled_metadata_hears_the_rest_as_ever(self):
        watch = metadata_watch(1)
        self.assertEqual(watch.selected, EVERYTHING)
        self.assertFalse(watch.at_all_times)
        events = watch.events("x", subscribed=False)
        self.assertEqual(events, {Event.MAILBOX_METADATA_CHANGE, Event.SERVER_METADATA_CHANGE})


class OwnTest(SynchronousTestCase):
    def test_own_changes_are_passed_until_somebody_elses(self):
        watch = Watch((), 5)
        for modseq in (6, 7, 9):
            watch.own(modseq)
        watch.pass_own()
        self.assertEqual(watch.upto, 7)
        self.assertTrue(watch.is_own(SubscriptionChanged(9, "x")))
        self.assertFalse(watch.is_own(SubscriptionChanged(8, "x")))
        watch.told(9)
        watch.told(8)
        watch.pass_own()
        self.assertEqual(watch.upto, 8)

    def test_only_a_mailbox_that_was_told_less_of_is_looked_at_when_it_is_left(self):
        watch = Watch((), 5)
        watch.leave("one", 5)
        watch.leave("two", 4)
        self.assertEqual(watch.left, [("two", 4)])


class AffectedTest(SynchronousTestCase):
    def test_names(self):
        def named(*names):
            return [Affected(name, Event.MAILBOX_NAME) for name in names]

        for changes, expected in (
            ([], []),
            ([MailboxCreated(1, "a")], named("a")),
            ([MailboxCreated(1, "a/b/c")], named("a/b/c", "a/b")),
            ([MailboxCreated(1, "a/b"), MailboxCreated(2, "a/c"), MailboxDeleted(3, "a/b")], named("a/b", "a", "a/c")),
            ([SubscriptionChanged(1, "a/b")], [Affected("a/b", Event.SUBSCRIPTION_CHANGE)]),
            (
                [MailboxRenamed(1, "a", "b"), MailboxRenamed(1, "a/x", "b/x"), MailboxRenamed(1, "a/x/y", "b/x/y")],
                [Affected("b", Event.MAILBOX_NAME, "a")],
            ),
            (
                [MailboxRenamed(1, "a/x", "b/x"), MailboxRenamed(1, "a/x/y", "b/x/y"), MailboxRenamed(1, "a/z", "b/z")],
                [Affected("b/x", Event.MAILBOX_NAME, "a/x"), Affected("b/z", Event.MAILBOX_NAME, "a/z")],
            ),
            (
                [MailboxRenamed(1, "a", "b"), MailboxRenamed(2, "a/x", "c")],
                [Affected("b", Event.MAILBOX_NAME, "a"), Affected("c", Event.MAILBOX_NAME, "a/x")],
            ),
            ([MetadataChanged(1, "a", ("/shared/comment",))], []),
        ):
            self.assertEqual(affected(changes), expected)

    def test_entries(self):
        changes = [
            MetadataChanged(1, "b", ("/shared/x", "/shared/y")),
            SubscriptionChanged(2, "b"),
            MetadataChanged(3, None, ("/private/x",)),
            MetadataChanged(4, "b", ("/shared/z", "/shared/x")),
            MetadataChanged(5, "b", ("/shared/own",)),
        ]
        watch = Watch((), 0)
        watch.own(5)
        found = {name: list(changed) for name, changed in watch.entries(changes).items()}
        self.assertEqual(found, {"b": ["/shared/x", "/shared/y", "/shared/z"], None: ["/private/x"]})

    def test_entries_of_what_was_renamed(self):
        changes = [
            MetadataChanged(1, "a", ("/shared/x",)),
            MetadataChanged(2, "INBOX", ("/shared/y",)),
            MailboxRenamed(3, "a", "b"),
            MailboxRenamed(4, "INBOX", "c"),
        ]
        found = {name: list(changed) for name, changed in Watch((), 0).entries(changes).items()}
        self.assertEqual(found, {"b": ["/shared/x"], "INBOX": ["/shared/y"], "c": ["/shared/y"]})

    def test_entries_of_what_was_renamed_at_once(self):
        changes = [
            MetadataChanged(1, "a/a", ("/shared/x",)),
            MetadataChanged(2, "a/a/a", ("/shared/y",)),
            MetadataChanged(3, "a/a/a/b", ("/shared/z",)),
            MailboxRenamed(4, "a/a/a/b", "a/a/b"),
            MailboxRenamed(4, "a/a/a", "a/a"),
            MailboxRenamed(4, "a/a", "a"),
        ]
        found = {name: list(changed) for name, changed in Watch((), 0).entries(changes).items()}
        self.assertEqual(found, {"a": ["/shared/x"], "a/a": ["/shared/y"], "a/a/b": ["/shared/z"]})

    def test_no_entries_of_what_was_deleted(self):
        changes = [
            MetadataChanged(1, "a", ("/shared/x",)),
            MetadataChanged(2, "b", ("/shared/y",)),
            MailboxDeleted(3, "a"),
            MailboxDeleted(4, "b"),
            MailboxCreated(5, "b"),
            MetadataChanged(6, "b", ("/shared/z",)),
        ]
        found = {name: list(changed) for name, changed in Watch((), 0).entries(changes).items()}
        self.assertEqual(found, {"b": ["/shared/z"]})


class ItemsTest(SynchronousTestCase):
    def items(self, events, *, appended=False, flagged=False, expunged=False, condstore=False):
        changed = MessagesChanged(None, appended=appended, flagged=flagged, expunged=expunged)
        return b" ".join(items_of(changed, events, condstore=condstore))

    def test_messages(self):
        self.assertEqual(self.items(MESSAGES, appended=True), b"UIDNEXT MESSAGES")
        self.assertEqual(self.items(MESSAGES, expunged=True), b"UIDNEXT MESSAGES")
        self.assertEqual(self.items(MESSAGES, appended=True, condstore=True), b"UIDNEXT MESSAGES HIGHESTMODSEQ")
        self.assertEqual(self.items(MESSAGES, flagged=True, condstore=True), b"")
        self.assertEqual(self.items(MESSAGES), b"")
        self.assertEqual(self.items(NAMES, appended=True, condstore=True), b"")

    def test_flags(self):
        self.assertEqual(self.items(FLAGS, flagged=True), b"UIDVALIDITY UNSEEN")
        self.assertEqual(self.items(FLAGS, flagged=True, condstore=True), b"UIDVALIDITY UNSEEN HIGHESTMODSEQ")
        self.assertEqual(self.items(FLAGS, appended=True), b"UIDVALIDITY UIDNEXT MESSAGES UNSEEN")

    def test_a_new_mailbox(self):
        self.assertEqual(self.items(FLAGS), b"UIDVALIDITY UNSEEN")

    def test_at_first(self):
        self.assertEqual(b" ".join(items_at_first(MESSAGES)), b"UIDVALIDITY UIDNEXT MESSAGES")
        self.assertEqual(b" ".join(items_at_first(FLAGS)), b"UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ")
        self.assertEqual(items_at_first(NAMES), ())
