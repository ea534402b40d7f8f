"""Whether a message's text holds what is sought: read, decoded and folded as far as the query needs it, and once."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from attrs import evolve

from mailstore import query as q
from mailstore.fulltext.text import BODY, FoldedText, body_octets, field_octets, header_octets
from mailstore.mime import Message
from mailstore.mime.casemap import casemap
from mailstore.query import Query
from mailstore.spool import MEMORY
from mailstore.sqlite import contents
from mailstore.sqlite.transactions import Reader

_COSTS: Final = {q.Header: 1, q.Text: 2, q.Body: 2}
"""In order of the octets that must be read; what needs none costs nothing."""


class MessageText(FoldedText):
    """The text of a message, made of its octets; to be used in one transaction."""

    def __init__(self, reader: Reader, content: int) -> None:
        self._reader = reader
        self._content = content

    @cached_property
    def header(self) -> bytes:
        """The header's part; `Expunged`, `Corrupt`."""
        return header_octets(self._head)

    def values(self, field: str) -> list[bytes]:
        """Return the values of the fields of a name; `Expunged`, `Corrupt`."""
        return field_octets(self._head.header(self._head.root), field)

    @cached_property
    def _head(self) -> Message:
        """The message without its body."""
        root = contents.structure(self._reader, self._content)
        return Message(contents.read(self._reader, self._content, 0, root.body), root)

    def body(self) -> Iterator[bytes]:
        """Yield the body's part in pieces; `Expunged`, `Corrupt`."""
        return self._body() if self._few is None else iter(self._few)

    def whole(self) -> Iterator[bytes]:
        """Yield the text in pieces; `Expunged`, `Corrupt`."""
        yield self.header + BODY
        yield from self.body()

    @cached_property
    def _message(self) -> Message:
        return contents.message(self._reader, self._content)

    @cached_property
    def _few(self) -> list[bytes] | None:
        """The pieces of the body, to be used for every key; None if they would take too much memory."""
        return list(self._body()) if len(self._message.octets) <= MEMORY else None

    def _body(self) -> Iterator[bytes]:
        return body_octets(self._message)


def prepare(query: Query) -> Query:
    """Return the query with its texts folded, and in each list the cheap ones first."""
    match query:
        case q.Header() | q.Body() | q.Text():
            return evolve(query, text=casemap(query.text))
        case q.Not(inner):
            return q.Not(prepare(inner))
        case q.And(queries):
            return q.And(tuple(sorted(map(prepare, queries), key=_cost)))
        case q.Or(queries):
            return q.Or(tuple(sorted(map(prepare, queries), key=_cost)))
        case _:
            return query


def keys(query: Query) -> Iterator[Query]:
    """Yield what a query is put together from."""
    match query:
        case q.Not(inner):
            yield from keys(inner)
        case q.And(queries) | q.Or(queries):
            for each in queries:
                yield from keys(each)
        case _:
            yield query


def _cost(query: Query) -> int:
    match query:
        case q.Not(inner):
            return _cost(inner)
        case q.And(queries) | q.Or(queries):
            return max(map(_cost, queries), default=0)
        case _:
            return _COSTS.get(type(query), 0)
