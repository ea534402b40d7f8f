"""What SEARCH asks for (RFC 3501, 6.4.4), and how the store is asked for it.

The tree that a client's words make still has message numbers and ``\\Recent`` in it, which only a session knows.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from attrs import frozen

from imapd.imap.wire.numberset import NumberSet
from mailstore import query
from mailstore.query import Query
from mailstore.uidset import UidSet


@frozen
class Leaf:
    """A key that the store understands as it is."""

    query: Query


@frozen
class Numbers:
    """The messages with these numbers, or with these UIDs."""

    numbers: NumberSet
    by_uid: bool


@frozen
class Recent:
    r"""The messages that are ``\Recent`` in this session."""


@frozen
class Filter:
    """The messages that the filter of this name, in small letters, finds (RFC 5466); only until it is `inserted`."""

    name: str


@frozen
class KeyNot:
    """The messages that `key` does not find."""

    key: "Key"


@frozen
class KeyAnd:
    """The messages that every one of `keys` finds."""

    keys: tuple["Key", ...]


@frozen
class KeyOr:
    """The messages that at least one of `keys` finds."""

    keys: tuple["Key", ...]


Resolve = Callable[[NumberSet, bool], UidSet]
"""Returns the UIDs of message numbers, or with True of UIDs as the client wrote them."""

Key = Leaf | Numbers | Recent | Filter | KeyNot | KeyAnd | KeyOr


def leaves(key: Key) -> Iterator[Leaf | Numbers | Recent | Filter]:
    """Yield the keys that are made of no others."""
    match key:
        case KeyNot(denied):
            yield from leaves(denied)
        case KeyAnd(keys) | KeyOr(keys):
            yield from chain.from_iterable(map(leaves, keys))
        case _:
            yield key


def filters(key: Key) -> Iterator[str]:
    """Yield the names of the filters that are used, as often as they are."""
    return (leaf.name for leaf in leaves(key) if isinstance(leaf, Filter))


def inserted(key: Key, found: Mapping[str, Key]) -> Key:
    """Return `key` with what the filters stand for in their place."""
    match key:
        case Filter(name):
            return found[name]
        case KeyNot(denied):
            return KeyNot(inserted(denied, found))
        case KeyAnd(keys):
            return KeyAnd(tuple(inserted(each, found) for each in keys))
        case KeyOr(keys):
            return KeyOr(tuple(inserted(each, found) for each in keys))
    return key


def depth(key: Key) -> int:
    """Return how many keys lie inside one another at most."""
    match key:
        case KeyNot(denied):
            return 1 + depth(denied)
        case KeyAnd(keys) | KeyOr(keys):
            return 1 + max(map(depth, keys))
    return 1


def asks_modseq(key: Key) -> bool:
    """Tell whether MODSEQ is among the keys: then the answer has a mod-sequence as well (RFC 7162, 3.1.5)."""
    return any(isinstance(leaf, Leaf) and isinstance(leaf.query, query.ChangedSince) for leaf in leaves(key))


def calls_by_number(key: Key) -> bool:
    """Tell whether messages are called by their numbers."""
    return any(isinstance(leaf, Numbers) and not (leaf.by_uid or leaf.numbers.saved) for leaf in leaves(key))


def asks_age(key: Key) -> bool:
    """Tell whether messages are found, or not found, as they grow older (RFC 5032)."""
    return any(isinstance(leaf, Leaf) and _is_of_age(leaf.query) for leaf in leaves(key))


def _is_of_age(asked: Query) -> bool:
    match asked:
        case query.OlderThan():
            return True
        case query.Not(denied):
            return _is_of_age(denied)
        case query.And(queries) | query.Or(queries):
            return any(map(_is_of_age, queries))
    return False


def settled(key: Key, resolve: Resolve) -> Key:
    """Return what `key` asks later on: numbers, and ``$``, mean the messages that they mean now (RFC 5267, 4.3)."""
    match key:
        case Numbers(numbers, by_uid) if numbers.saved or not by_uid:
            return Leaf(query.Among(resolve(numbers, by_uid)))
        case KeyNot(denied):
            return KeyNot(settled(denied, resolve))
        case KeyAnd(keys):
            return KeyAnd(tuple(settled(each, resolve) for each in keys))
        case KeyOr(keys):
            return KeyOr(tuple(settled(each, resolve) for each in keys))
    return key


def translate(key: Key, resolve: Resolve, recent: UidSet) -> Query:
    r"""Return what the store is asked.

    Args:
        key: the key of a program.
        resolve: what message numbers and UIDs mean.
        recent: the messages that are ``\Recent`` in this session.

    """
    match key:
        case Leaf(found):
            return found
        case Numbers(numbers, by_uid):
            return query.Among(resolve(numbers, by_uid))
        case Recent():
            return query.Among(recent)
        case Filter(name):
            raise AssertionError(f"the filter {name} was not inserted")
        case KeyNot(denied):
            return query.Not(translate(denied, resolve, recent))
        case KeyAnd(keys):
            return query.And(tuple(translate(each, resolve, recent) for each in keys))
        case KeyOr(keys):
            return query.Or(tuple(translate(each, resolve, recent) for each in keys))
