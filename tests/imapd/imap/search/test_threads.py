"""THREAD's algorithms, against trees worked out by hand and against the RFC's steps written without care for cost."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.search import threads as threads_module
from imapd.imap.search.forest import Spelling
from imapd.imap.search.threadkeys import ThreadKeys
from imapd.imap.search.threads import OrderedSubject, References


def exhaust(steps):
    for _ in steps:
        pass


def threads(algorithm, mail):
    """Return how THREAD answers; `mail` are the keys of messages 1, 2 and so on, their dates all there."""
    built = algorithm(len(mail))
    nodes = [(keys.sent, number, built.add(number, keys)) for number, keys in enumerate(mail, 1)]
    built.forest.order.extend(node for _, _, node in sorted(nodes))
    exhaust(built.build())
    spelling = Spelling(built.forest)
    exhaust(spelling.arrange())
    return b"".join(spelling.pieces(int)).decode()


def message(sent, message_id=0, references=(), subject=0, is_reply=False):
    """Return keys; ids are small numbers here."""
    named = [each and each | 1 << 63 for each in (message_id, *references)]
    return ThreadKeys(sent, is_reply, subject, named[0], named[1:])


class Node:
    """A message, or a dummy, as the RFC speaks of it."""

    def __init__(self, number=None, keys=None):
        self.number, self.keys, self.parent, self.children = number, keys, None, []

    @property
    def real(self):
        return self.number is not None

    def adopt(self, child):
        child.leave()
        child.parent = self
        self.children.append(child)

    def leave(self):
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None

    def has_above(self, other):
        node = self
        while node is not None and node is not other:
            node = node.parent
        return node is other

    @property
    def age(self):
        return (self.keys.sent, self.number) if self.real else min(child.age for child in self.children)

    @property
    def subject(self):
        return self.keys.subject if self.real else min(self.children, key=lambda child: child.age).keys.subject

    def spelled(self):
        children = sorted(self.children, key=lambda child: child.age)
        below = [child.spelled() for child in children]
        own = f"{self.number}" if self.real else ""
        if len(below) == 1:
            return f"{own} {below[0]}"
        return own + (" " if own and below else "") + "".join(f"({each})" for each in below)


def linked(mail):
    """Step 1."""
    known, everyone = {}, []

    def named(name):
        if name not in known:
            known[name] = Node()
            everyone.append(known[name])
        return known[name]

    for number, keys in enumerate(mail, 1):
        node = named(keys.message_id) if keys.message_id else None
        if node is None or node.real:
            node = Node()
            everyone.append(node)
        node.number, node.keys = number, keys
        above = None
        for reference in map(named, keys.references):
            if above is not None and reference.parent is None and not above.has_above(reference):
                above.adopt(reference)
            above = reference
        if node.parent is not above:
            node.leave()
            if above is not None and not above.has_above(node):
                above.adopt(node)
    return everyone


def prune(node, root):
    """Step 3."""
    for child in list(node.children):
        prune(child, root)
        if not child.real and (node is not root or len(child.children) < 2):
            for grandchild in list(child.children):
                node.adopt(grandchild)
            child.leave()


def merge(root):
    """Steps 4 and 5."""
    table = {}
    heads = sorted(root.children, key=lambda child: child.age)
    subjects = {head: head.subject for head in heads}
    for head in filter(subjects.get, heads):
        held = table.setdefault(subjects[head], head)
        if held.real and (not head.real or (held.keys.is_reply and not head.keys.is_reply)):
            table[subjects[head]] = head
    for head in filter(subjects.get, heads):
        held = table[subjects[head]]
        if held is head or head.parent is not root:
            continue
        if not held.real and not head.real:
            for child in list(head.children):
                held.adopt(child)
            head.leave()
        elif not held.real or (head.keys.is_reply and not held.keys.is_reply):
            held.adopt(head)
        else:
            table[subjects[head]] = dummy = Node()
            root.adopt(dummy)
            dummy.adopt(head)
            dummy.adopt(held)


def naive(mail):
    root = Node()
    for node in linked(mail):
        if node.parent is None:
            root.adopt(node)
    prune(root, root)
    merge(root)
    return "".join(f"({child.spelled()})" for child in sorted(root.children, key=lambda child: child.age))


IDS = st.integers(0, 8)
MESSAGES = st.builds(
    message,
    sent=st.integers(-3, 3),
    message_id=IDS,
    references=st.lists(st.integers(1, 12), max_size=4),
    subject=st.integers(0, 3),
    is_reply=st.booleans(),
)


class ReferencesTest(SynchronousTestCase):
    def test_by_hand(self):
        for mail, expected in (
            ([], ""),
            ([message(2), message(1)], "(2)(1)"),
            ([message(1, 1), message(2, 2, [1]), message(3, 3, [1, 2])], "(1 2 3)"),
            ([message(1, 1), message(3, 2, [1]), message(2, 3, [1])], "(1 (3)(2))"),
            # what both answer is not there
            ([message(2, 1, [9]), message(1, 2, [9])], "((2)(1))"),
            ([message(2, 1, [9])], "(1)"),
            # nor what is between
            ([message(1, 1), message(2, 2, [1, 9])], "(1 2)"),
            # a loop, and a message that answers itself
            ([message(1, 1, [2]), message(2, 2, [1])], "(2 1)"),
            ([message(1, 1, [1])], "(1)"),
            # a Message ID that was there before
            ([message(1, 1), message(2, 1), message(3, 2, [1])], "(1 3)(2)"),
            # the last reference breaks what another message's said
            ([message(1, 3, [1, 2]), message(2, 2, [4]), message(3, 4), message(4, 1)], "(3 2 1)(4)"),
            # one subject: an answer below, two that are none as siblings, a dummy's children among them
            ([message(2, subject=1), message(1, subject=1, is_reply=True)], "(1 2)"),
            ([message(2, subject=1), message(1, subject=1)], "((2)(1))"),
            ([message(1, 1, [9], 1), message(2, 2, [9], 2), message(3, subject=1)], "((1)(2)(3))"),
            ([message(1, 1, [9], 1), message(2, 2, [9]), message(3, 3, [8], 1), message(4, 4, [8])], "((1)(2)(3)(4))"),
        ):
            self.assertEqual(threads(References, mail), expected)
            self.assertEqual(naive(mail), expected)

    @settings(max_examples=600, deadline=None, derandomize=True)
    @given(st.lists(MESSAGES, max_size=12))
    def test_like_the_steps_one_by_one(self, mail):
        self.assertEqual(threads(References, mail), naive(mail))

    def test_a_chain_of_many(self):
        count = 100_000
        chain = [message(number, number, [number - 1] if number > 1 else []) for number in range(1, count + 1)]
        expected = "(" + " ".join(map(str, range(1, count + 1))) + ")"
        self.assertEqual(threads(References, chain), expected)
        backwards = "(" + " ".join(map(str, range(count, 0, -1))) + ")"
        self.assertEqual(threads(References, chain[::-1]), backwards)

    def test_a_comb_of_many(self):
        count = 20_000
        comb = [message(number, number, [number - 1] if number > 1 else []) for number in range(1, count)]
        comb += [message(count + number, count + number, [number]) for number in range(1, count)]
        self.assertEqual(threads(References, comb).count("("), 2 * count - 3)

    def test_only_so_many_dummies(self):
        self.patch(threads_module, "MAX_DUMMIES", 1)
        mail = [
            message(1, message_id=1, references=[50, 51]),  # 50 is not there, and 51 is one too many
            message(2, message_id=2, references=[60, 1]),
        ]
        self.assertEqual(threads(References, mail), "(1 2)")
        self.assertEqual(threads(References, [*mail, message(3, references=[51])]), "(1 2)(3)")
        self.assertEqual(threads(References, [*mail, message(3, references=[50])]), "((1 2)(3))")

    def test_a_dummy_that_turns_out_to_be_there_makes_room(self):
        self.patch(threads_module, "MAX_DUMMIES", 1)
        mail = [message(2, references=[50]), message(1, message_id=50), message(3, references=[60])]
        self.assertEqual(threads(References, [*mail, message(4, references=[60])]), "(2 1)((3)(4))")

    def test_hostile_references_take_bounded_room(self):
        self.patch(threads_module, "MAX_DUMMIES", 10)
        built = References(100)
        for number in range(1, 101):
            built.add(number, message(number, number, references=range(number * 1000, number * 1000 + 100)))
        self.assertEqual(len(built.forest.parents) - 1, 150)


class OrderedSubjectTest(SynchronousTestCase):
    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.lists(MESSAGES, max_size=12))
    def test_like_the_rfc_says(self, mail):
        by_subject = {}
        for number, keys in sorted(enumerate(mail, 1), key=lambda each: (each[1].sent, each[0])):
            by_subject.setdefault(keys.subject, []).append(number)
        expected = ""
        for first, *others in by_subject.values():
            below = (
                " " + "".join(f"({each})" for each in others) if len(others) > 1 else "".join(map(" {}".format, others))
            )
            expected += f"({first}{below})"
        self.assertEqual(threads(OrderedSubject, mail), expected)
