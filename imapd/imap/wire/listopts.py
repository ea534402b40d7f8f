"""The options of LIST (RFC 5258, 6; RFC 5819, 4; RFC 6154, 6; RFC 9590)."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.metadata import NOTHING, Asked, entries
from imapd.imap.wire.statusatt import StatusItems, status_items

MAX_PATTERNS: Final = 100
"""Each is compared with every name; clients name the folders of one screen."""

_SELECTION: Final = frozenset({b"SUBSCRIBED", b"REMOTE", b"RECURSIVEMATCH", b"SPECIAL-USE"})
_RETURN: Final = frozenset({b"SUBSCRIBED", b"CHILDREN", b"SPECIAL-USE", b"STATUS", b"METADATA"})
_RULES: Final[dict[bytes, Callable[[Cursor], object]]] = {b"STATUS": status_items, b"METADATA": entries}
"""What follows the names of some options."""


@frozen
class Selection:
    """Which names are asked for: those that have all of these.

    Attributes:
        subscribed: the name is subscribed, whether or not there is such a mailbox.
        special_use: the mailbox has a special use.
        recursive: a name is told of, too, for what it has below it.

    """

    subscribed: bool = False
    special_use: bool = False
    recursive: bool = False


@frozen
class Returned:
    """What is to be told of each name beside what is always told: children and special use.

    Attributes:
        subscribed: whether it is subscribed.
        status: counts; none if empty.
        metadata: entries; none if empty.

    """

    subscribed: bool = False
    status: StatusItems = ()
    metadata: Asked = NOTHING


def selection_options(cursor: Cursor) -> Selection:
    """``list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")"``

    ``list-select-opt = "SUBSCRIBED" / "REMOTE" / "RECURSIVEMATCH" / "SPECIAL-USE"``

    No mailbox is on another server, so REMOTE adds none.  By the grammar RECURSIVEMATCH needs SUBSCRIBED beside it:
    the others are independent options, which do not interact.
    """
    options = cursor.parenthesized(partial(_option, known=_SELECTION), empty=True)
    if b"RECURSIVEMATCH" in options and b"SUBSCRIBED" not in options:
        raise Bad("RECURSIVEMATCH needs SUBSCRIBED beside it")
    return Selection(b"SUBSCRIBED" in options, b"SPECIAL-USE" in options, b"RECURSIVEMATCH" in options)


def patterns(cursor: Cursor) -> list[str]:
    """``patterns = "(" list-mailbox *(SP list-mailbox) ")"``"""
    found = cursor.parenthesized(names.list_mailbox)
    if len(found) > MAX_PATTERNS:
        raise Bad(f"LIST takes at most {MAX_PATTERNS} patterns")
    return found


def return_options(cursor: Cursor) -> Returned:
    """``list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"``"""
    cursor.expect(b"RETURN ")
    options = dict(cursor.parenthesized(_return_option, empty=True))
    return Returned(b"SUBSCRIBED" in options, options.get(b"STATUS", ()), options.get(b"METADATA", NOTHING))


def _return_option(cursor: Cursor) -> tuple[bytes, Any]:
    """``return-option = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / status-option / "METADATA" SP entries``

    ``status-option = "STATUS" SP "(" status-att *(SP status-att) ")"``
    """
    name = _option(cursor, _RETURN)
    if name not in _RULES:
        return name, None
    cursor.space()
    return name, _RULES[name](cursor)


def _option(cursor: Cursor, known: frozenset[bytes]) -> bytes:
    name = cursor.keyword()
    if name not in known:
        raise Bad(f"LIST has no option {name.decode()[:40]} here")
    return name
