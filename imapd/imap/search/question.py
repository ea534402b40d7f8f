"""What SEARCH, SORT and ESEARCH have in common: what is looked for, and how it is answered."""

from collections.abc import Callable

from attrs import frozen

from imapd.imap.errors import No
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import SearchProgram
from imapd.imap.wire.searchopts import ReturnOptions
from imapd.imap.wire.sortcriteria import Criterion, SortKey


@frozen
class Question:
    """What is looked for, and how it is answered.

    Attributes:
        program: the keys, or why they are refused.
        by_uid: whether UIDs are answered.
        options: what is to be returned (RFC 4731, 3.1); None for the answer of RFC 3501 or RFC 5256.
        criteria: in which order, the most important criterion first; none for that of the mailbox.

    """

    program: SearchProgram | No
    by_uid: bool
    options: ReturnOptions | None = None
    criteria: tuple[Criterion, ...] = ()

    def wants(self, option: bytes) -> bool:
        """Tell whether a return option is given."""
        return self.options is not None and option in self.options.names

    @property
    def weighs(self) -> bool:
        """Whether it matters how relevant a message is (RFC 6203, 4 and 6)."""
        return self.wants(b"RELEVANCY") or any(each.key is SortKey.RELEVANCY for each in self.criteria)


def keys(cursor: Cursor, rule: Callable[[Cursor], SearchProgram]) -> SearchProgram | No:
    """Return what `rule` reads; if it refuses a charset, that waits until the command runs, since it empties ``$``."""
    try:
        return rule(cursor)
    except No as refusal:
        cursor.skip()
        return refusal
