"""What FUZZY makes of a search (RFC 6203): all words of a text, in any order, each of them anywhere."""

from typing import Final

from attrs import evolve

from mailstore import query
from mailstore.query import Query

MAX_WORDS: Final = 20
"""Of a text that are looked for: more than people type, and each costs as much as a text of its own."""

Textual = query.Header | query.Body | query.Text


def by_words(asked: Query) -> Query:
    """Return a query that takes each text word by word, and is as exact as before in everything else."""
    match asked:
        case query.Header() | query.Body() | query.Text():
            return all_words(asked)
        case query.Not(inner):
            return query.Not(by_words(inner))
        case query.And(queries):
            return query.And(tuple(map(by_words, queries)))
        case query.Or(queries):
            return query.Or(tuple(map(by_words, queries)))
    return asked


def all_words(asked: Textual) -> Query:
    """Return a query for all words of a text; for the text as it is, if it has none."""
    words = list(dict.fromkeys(asked.text.split()))[:MAX_WORDS] or [asked.text]
    return query.And(tuple(evolve(asked, text=word) for word in words))
