"""Whether a message's text holds what is sought: read, decoded and folded as far as the query needs it, and once."""

from functools import cached_property
from typing import Final

from attrs import evolve

from mailstore import query as q
from mailstore.mime import Message
from mailstore.mime.casemap import casemap
from mailstore.mime.text import body_text, header_text
from mailstore.query import Query
from mailstore.sqlite import contents
from mailstore.sqlite.transactions import Reader

_COSTS: Final = {q.Header: 1, q.Text: 2, q.Body: 2}
"""In order of the octets that must be read; what needs none costs nothing."""


class FoldedText:
    """The text of one message, as searches compare it; to be used in one transaction."""

    def __init__(self, reader: Reader, content: int) -> None:
        self._reader = reader
        self._content = content

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields: name in lower case, and folded value; `Expunged`, `Corrupt`."""
        root = contents.structure(self._reader, self._content)
        octets = contents.read(self._reader, self._content, 0, root.body)
        return [(name, casemap(value)) for name, value in header_text(Message(octets, root))]

    @cached_property
    def header(self) -> str:
        """The header fields as lines."""
        return "\n".join(f"{casemap(name)}: {value}" for name, value in self.fields)

    @cached_property
    def body(self) -> str:
        """The body; `Expunged`, `Corrupt`."""
        # Piece by piece, since folding keeps the interpreter from every other thread while it runs.
        return "".join(map(casemap, body_text(contents.message(self._reader, self._content))))

    def holds(self, key: q.Header | q.Body | q.Text) -> bool:
        """Tell whether a prepared key is found here."""
        match key:
            case q.Header(field, text):
                return any(name == field and text in value for name, value in self.fields)
            case q.Body(text):
                return text in self.body
            case q.Text(text):
                return text in self.header or text in self.body


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


def _cost(query: Query) -> int:
    match query:
        case q.Not(inner):
            return _cost(inner)
        case q.And(queries) | q.Or(queries):
            return max(map(_cost, queries), default=0)
        case _:
            return _COSTS.get(type(query), 0)
