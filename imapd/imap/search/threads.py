"""The algorithms of THREAD (RFC 5256, 3), one step of the RFC's after the other; nothing is recursive.

An algorithm is given the keys of each message, and then builds its forest in steps that take a millisecond or so.
"""

from array import array
from collections.abc import Iterator
from typing import Final, Protocol

from imapd.imap.search.forest import STEP, Forest
from imapd.imap.search.numbering import Numbering
from imapd.imap.search.threadkeys import NO_ID, NO_SUBJECT, ThreadKeys

MAX_WALK: Final = 4_000_000
"""Nodes that one command passes when it looks for loops, a second's work: mail is linked without, since an answer
comes after what it answers.  Links that could not be looked at are not made."""


MAX_DUMMIES: Final = 50_000
"""Messages that are not there, but referred to, that stand in the trees: some 2 MB.  In large mailboxes half as many as
there are messages; mail has fewer.  References beyond that are passed over."""


class Algorithm(Protocol):
    """Puts messages into threads."""

    forest: Forest

    def __init__(self, expected: int) -> None:
        """Make room for about as many messages as are `expected`."""

    def add(self, message: int, keys: ThreadKeys) -> int:
        """Take a message, the next in the mailbox; return its node."""

    def build(self) -> Iterator[None]:
        """Build the threads, once every message was taken and the forest has its order."""


class OrderedSubject:
    """ORDEREDSUBJECT: all messages of one base subject below the first of them."""

    def __init__(self, expected: int) -> None:
        self.forest = Forest()
        self._subjects = array("Q", [NO_SUBJECT])
        self._table = Numbering(expected)

    def add(self, message: int, keys: ThreadKeys) -> int:
        """Take a message, the next in the mailbox; return its node."""
        self._subjects.append(keys.subject)
        return self.forest.add(message)

    def build(self) -> Iterator[None]:
        """Build the threads."""
        heads = array("I", [0])
        for nodes in self.forest.ordered():
            for node in nodes:
                thread = self._table.number(self._subjects[node])
                if thread == len(heads):
                    heads.append(node)
                else:
                    self.forest.parents[node] = heads[thread]
            yield


class References:
    """REFERENCES: messages below those that they answer; threads of one base subject are one."""

    def __init__(self, expected: int) -> None:
        self.forest = Forest()
        self._dummies = max(expected // 2, MAX_DUMMIES)
        self._ids = Numbering(expected + min(expected // 2, self._dummies))
        self._subjects = array("Q", [NO_SUBJECT])
        self._replies = bytearray(1)
        self._are_parents = bytearray(1)
        self._walk = MAX_WALK

    # Step 1: links between what refers and what is referred to

    def add(self, message: int, keys: ThreadKeys) -> int:
        """Take a message, the next in the mailbox; return its node."""
        known = len(self._ids)
        node = self._node(keys.message_id or message)
        if keys.message_id != NO_ID and self.forest.messages[node]:  # an earlier one has this Message ID
            node = self._node(message)
        self._dummies += node <= known  # what was referred to is there
        self.forest.messages[node] = message
        self._subjects[node] = keys.subject
        self._replies[node] = keys.is_reply
        parent = 0
        for reference in keys.references:
            below = self._ids.find(reference) or (self._dummies and self._dummy(reference))
            if not below:
                continue
            if not self.forest.parents[below]:
                self._link(parent, below)
            parent = below
        if self.forest.parents[node] != parent:
            self.forest.parents[node] = 0
            self._link(parent, node)
        return node

    def _dummy(self, name: int) -> int:
        self._dummies -= 1
        return self._node(name)

    def _node(self, name: int) -> int:
        """Return the node of a Message ID: a dummy if it was never mentioned before."""
        node = self._ids.number(name)
        if node == len(self._subjects):
            self._add()
        return node

    def _add(self) -> int:
        self._subjects.append(NO_SUBJECT)
        self._replies.append(False)
        self._are_parents.append(False)
        return self.forest.add()

    def _link(self, parent: int, child: int) -> None:
        if parent and not self._is_above(child, parent):
            self.forest.parents[child] = parent
            self._are_parents[parent] = True

    def _is_above(self, node: int, start: int) -> bool:
        """Tell whether `node` is `start` or above it."""
        if not self._are_parents[node]:
            return node == start
        parents, at = self.forest.parents, start
        while at and at != node and self._walk:
            self._walk -= 1
            at = parents[at]
        return at != 0

    # Steps 2 to 6, for which the order is known

    def build(self) -> Iterator[None]:
        """Build the threads."""
        self._ids = Numbering(0)
        only = array("I", bytes(4 * len(self.forest.parents)))
        yield from self._prune(only)
        roots = array("I")
        yield from self._gather(only, roots)
        del only  # for the memory
        yield from self._merge(roots)

    def _prune(self, only: "array[int]") -> Iterator[None]:
        """Step 3: leave out dummies below others; note the `only` child of each that is left, or `_SEVERAL`."""
        forest = self.forest
        for nodes in forest.ordered():
            for node in nodes:
                parent = forest.parents[node] = forest.above(node)
                if forest.is_dummy(parent):
                    only[parent] = _SEVERAL if only[parent] else node
            yield

    def _gather(self, only: "array[int]", roots: "array[int]") -> Iterator[None]:
        """Steps 3 and 4: leave out dummies that have one child; gather the first messages of threads in order."""
        forest = self.forest
        for nodes in forest.ordered():
            for node in nodes:
                parent = forest.parents[node]
                if not parent or only[parent] == node:
                    forest.parents[node] = 0
                    roots.append(node)
                elif only[parent] == _SEVERAL:  # a dummy, by the first of its children
                    only[parent] = 0
                    self._subjects[parent] = self._subjects[node]
                    roots.append(parent)
            yield

    def _merge(self, roots: "array[int]") -> Iterator[None]:
        """Step 5: merge threads that have the same subject."""
        table = Numbering(len(roots))
        heads = array("I", [0])
        for start in range(0, len(roots), STEP):
            for root in roots[start : start + STEP]:
                self._enter(root, table, heads)
            yield
        for start in range(0, len(roots), STEP):
            for root in roots[start : start + STEP]:
                if self._subjects[root] != NO_SUBJECT:
                    self._merge_into(root, table.number(self._subjects[root]), heads)
            yield

    def _enter(self, root: int, table: Numbering, heads: "array[int]") -> None:
        """Step 5.B: choose the message of each subject."""
        subject, messages = self._subjects[root], self.forest.messages
        if subject == NO_SUBJECT:
            return
        thread = table.number(subject)
        if thread == len(heads):
            heads.append(root)
        held = heads[thread]
        if messages[held] and (not messages[root] or self._replies[held] > self._replies[root]):
            heads[thread] = root

    def _merge_into(self, root: int, thread: int, heads: "array[int]") -> None:
        """Step 5.C: put a thread below the one that is held for its subject, or both below a dummy.

        A dummy below another is left out when the forest is read, and its children are the other's.
        """
        forest, held = self.forest, heads[thread]
        if held == root:
            return
        if forest.messages[held] and not self._replies[root] > self._replies[held]:
            heads[thread] = self._add()
            forest.parents[held] = heads[thread]
        forest.parents[root] = heads[thread]


_SEVERAL: Final = 0xFFFF_FFFF

ALGORITHMS: Final[dict[bytes, type[Algorithm]]] = {b"ORDEREDSUBJECT": OrderedSubject, b"REFERENCES": References}
