"""What SEARCH asks for (RFC 3501, 6.4.4), and how the store is asked for it.

The tree that a client's words make still has message numbers and ``\\Recent`` in it, which only a session knows.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from attrs import frozen

from imapd.imap.wire.fuzzy import Textual, by_words
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


@frozen
class Fuzzy:
    """The messages that `key` finds if its texts are taken word by word (RFC 6203)."""

    key: "Key"


Resolve = Callable[[NumberSet, bool], UidSet]
"""Returns the UIDs of message numbers, or with True of UIDs as the client wrote them."""

Key = Leaf | Numbers | Recent | Filter | KeyNot | KeyAnd | KeyOr | Fuzzy


def every(key: Key) -> Iterator[Key]:
    """Yield a key and all those that it is made of."""
    yield key
    match key:
        case KeyNot(inner) | Fuzzy(inner):
            yield from every(inner)
        case KeyAnd(keys) | KeyOr(keys):
            yield from chain.from_iterable(map(every, keys))


def _rebuilt(key: Key, change: Callable[[Key], Key]) -> Key:
    """Return `key` with those that are made of no others changed."""
    match key:
        case KeyNot(inner):
            return KeyNot(_rebuilt(inner, change))
        case Fuzzy(inner):
            return Fuzzy(_rebuilt(inner, change))
        case KeyAnd(keys):
            return KeyAnd(tuple(_rebuilt(each, change) for each in keys))
        case KeyOr(keys):
            return KeyOr(tuple(_rebuilt(each, change) for each in keys))
    return change(key)


def filters(key: Key) -> Iterator[str]:
    """Yield the names of the filters that are used, as often as they are."""
    return (each.name for each in every(key) if isinstance(each, Filter))


def inserted(key: Key, found: Mapping[str, Key]) -> Key:
    """Return `key` with what the filters stand for in their place."""
    return _rebuilt(key, lambda leaf: found[leaf.name] if isinstance(leaf, Filter) else leaf)


def settled(key: Key, resolve: Resolve) -> Key:
    """Return what `key` asks later on: numbers, and ``$``, mean the messages that they mean now (RFC 5267, 4.3)."""

    def settle(leaf: Key) -> Key:
        match leaf:
            case Numbers(numbers, by_uid) if numbers.saved or not by_uid:
                return Leaf(query.Among(resolve(numbers, by_uid)))
        return leaf

    return _rebuilt(key, settle)


def depth(key: Key) -> int:
    """Return how many keys lie inside one another at most."""
    match key:
        case KeyNot(inner) | Fuzzy(inner):
            return 1 + depth(inner)
        case KeyAnd(keys) | KeyOr(keys):
            return 1 + max(map(depth, keys))
    return 1


def asks_modseq(key: Key) -> bool:
    """Tell whether MODSEQ is among the keys: then the answer has a mod-sequence as well (RFC 7162, 3.1.5)."""
    return any(isinstance(each, Leaf) and isinstance(each.query, query.ChangedSince) for each in every(key))


def calls_by_number(key: Key) -> bool:
    """Tell whether messages are called by their numbers."""
    return any(isinstance(each, Numbers) and not (each.by_uid or each.numbers.saved) for each in every(key))


def is_fuzzy(key: Key) -> bool:
    """Tell whether FUZZY is among the keys."""
    return any(isinstance(each, Fuzzy) for each in every(key))


def fuzzy_texts(key: Key) -> list[Textual]:
    """Return the texts that are taken word by word, each once."""
    inside = (inner for each in every(key) if isinstance(each, Fuzzy) for inner in every(each.key))
    asked = (leaf.query for leaf in inside if isinstance(leaf, Leaf))
    return list(dict.fromkeys(each for each in asked if isinstance(each, Textual) and each.text))


def asks_age(key: Key) -> bool:
    """Tell whether messages are found, or not found, as they grow older (RFC 5032)."""
    return any(isinstance(each, Leaf) and _is_of_age(each.query) for each in every(key))


def _is_of_age(asked: Query) -> bool:
    match asked:
        case query.OlderThan():
            return True
        case query.Not(denied):
            return _is_of_age(denied)
        case query.And(queries) | query.Or(queries):
            return any(map(_is_of_age, queries))
    return False


def translate(key: Key, resolve: Resolve, recent: UidSet) -> Query:  # noqa: PLR0911  # a table
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
        case Fuzzy(inner):
            return by_words(translate(inner, resolve, recent))
