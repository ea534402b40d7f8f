"""Messages as trees, in flat arrays: a few dozen octets a message, and nothing recursive."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final

STEP: Final = 500
"""Nodes that are looked at in one go: a fraction of a millisecond."""


class Forest:
    """Nodes are numbered from 1 on; 0 is none.

    Attributes:
        parents: the node above each.
        messages: the UID of each node's message; 0 for a dummy.
        order: the nodes that are no dummies, by sent date and then by message (RFC 5256, 2.2).

    """

    def __init__(self) -> None:
        self.parents = array("I", [0])
        self.messages = array("I", [0])
        self.order = array("I")

    def add(self, message: int = 0) -> int:
        """Return a new node without a parent."""
        self.parents.append(0)
        self.messages.append(message)
        return len(self.parents) - 1

    def is_dummy(self, node: int) -> bool:
        """Tell whether this is a node, and one without a message."""
        return node != 0 and not self.messages[node]

    def ordered(self) -> Iterator[Sequence[int]]:
        """Yield `order` in steps."""
        for start in range(0, len(self.order), STEP):
            yield self.order[start : start + STEP]

    def above(self, node: int) -> int:
        """Return the nearest message above, or if there is none the topmost dummy; the way there is made short."""
        parents, messages = self.parents, self.messages
        passed = []
        top = parents[node]
        while top and not messages[top] and parents[top]:
            passed.append(top)
            top = parents[top]
        for dummy in passed:
            parents[dummy] = top
        return top


class Spelling:
    """The trees of a forest as THREAD answers them, siblings in the forest's order."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self._roots = array("I")
        self._first = array("I", bytes(4 * len(forest.parents)))
        self._next = array("I", bytes(4 * len(forest.parents)))

    @property
    def octets(self) -> int:
        """What the trees take at most, and a set of their messages: eight numbers for each node."""
        return 8 * self._first.itemsize * len(self._first)

    def arrange(self) -> Iterator[None]:
        """Find out what is below each node, in steps; a dummy stands where the first of its children would."""
        forest, first, after = self._forest, self._first, self._next
        for start in range(len(forest.order), 0, -STEP):
            for node in reversed(forest.order[max(start - STEP, 0) : start]):
                parent = forest.above(node)
                after[node], first[parent] = first[parent], node
            yield
        first[0] = 0
        for nodes in forest.ordered():
            for node in nodes:
                parent = forest.above(node)
                if not parent:
                    self._roots.append(node)
                elif forest.is_dummy(parent) and first[parent] == node:
                    self._roots.append(parent)
            yield

    def pieces(self, call: Callable[[int], int]) -> Iterator[bytes]:
        """Yield the threads, piece by piece; `call` returns what the client calls the message of a UID.

        ::

            thread-data    = "THREAD" [SP 1*thread-list]
            thread-list    = "(" (thread-members / thread-nested) ")"
            thread-members = nz-number *(SP nz-number) [SP thread-nested]
            thread-nested  = 2*thread-list
        """
        messages, first, after = self._forest.messages, self._first, self._next
        for root in self._roots:
            waiting = [root]
            while waiting:
                node = waiting.pop()
                if not node:
                    yield b")"
                    continue
                waiting.append(0)
                yield b"(%d" % call(messages[node]) if messages[node] else b"("
                while (child := first[node]) and not after[child]:
                    node = child
                    yield b" %d" % call(messages[node])
                if first[node]:
                    yield b" " if messages[node] else b""
                    waiting += reversed(self._children(node))

    def _children(self, node: int) -> list[int]:
        children = []
        child = self._first[node]
        while child:
            children.append(child)
            child = self._next[child]
        return children
