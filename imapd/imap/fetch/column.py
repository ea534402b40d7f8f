"""One item of a FETCH response whose value is ready in the store."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import frozen

from imapd.imap.session import Session
from mailstore.interfaces import Rows, Source


@frozen
class Column:
    """How an item is spelled for many messages at once.

    Attributes:
        template: how the item is spelled, with places for its value.
        sources: what is asked of the store, beyond what the rows have anyway.
        encode: the values of a batch, for each place of the template.

    """

    template: bytes
    sources: Sequence[Source]
    encode: Callable[[Session, Rows], Sequence[Iterable[Any]]]
