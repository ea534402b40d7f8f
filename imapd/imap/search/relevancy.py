"""How relevant what FUZZY finds is (RFC 6203, 4): points for what can be told of a message by searching it.

A text counts for most where people look first, in the subject; then as it was written, and in the sender's name or
address; and of two messages the newer one is wanted more often.
"""

from typing import Final

from imapd.doors.turns import batched, in_turns
from imapd.imap.errors import Bad, No
from imapd.imap.search.finding import Scope
from imapd.imap.search.question import Question
from imapd.imap.wire.fuzzy import Textual, all_words
from imapd.imap.wire.searchtree import fuzzy_texts, is_fuzzy
from mailstore import query
from mailstore.interfaces import left_out
from mailstore.query import Query
from mailstore.uidset import UidSet

MAX_TEXTS: Final = 5
"""Of a search that are weighed."""

_HIGHEST: Final = 100
_SUBJECT: Final = 40
_AS_WRITTEN: Final = 25
_SENDER: Final = 20
_MONTH: Final = 10
_YEAR: Final = 5
_DAY: Final = 24 * 60 * 60


class Relevancy:
    """The score of each message that was found, from 1 to 100: an octet each."""

    def __init__(self, found: UidSet, points: int = 0) -> None:
        self._found = found
        self._points = bytearray([points]) * len(found)

    def of(self, uid: int) -> int:
        """Return the score of a message; it must have been found."""
        return max(self._points[(self._found.rank(uid) or 1) - 1], 1)

    async def add(self, uids: UidSet, points: int) -> None:
        """Give some of the messages more points."""
        more = bytes(min(each + points, _HIGHEST) for each in range(256))
        async for ranks in in_turns(batched(self._found.ranks(uids), 500)):
            for first, last in ranks:
                self._points[first - 1 : last] = self._points[first - 1 : last].translate(more)


async def weigh(scope: Scope, question: Question, found: UidSet) -> Relevancy | None:
    """Return how relevant the messages are that were found; None if that is not asked.

    Raises:
        Bad: it is asked, and nothing was to be found by FUZZY (RFC 6203, 4).

    """
    if not question.weighs or isinstance(question.program, No):
        return None
    if not is_fuzzy(question.program.key):
        raise Bad("RELEVANCY goes with FUZZY among the keys")
    texts = fuzzy_texts(question.program.key)[:MAX_TEXTS]
    if not texts:
        return Relevancy(found, _HIGHEST)
    relevancy = Relevancy(found)
    for signal, points in [*_signals_of_age(), *(each for text in texts for each in _signals(text, len(texts)))]:
        await relevancy.add(await scope.mailbox.search(signal, found, damaged=left_out), points)
    return relevancy


def _signals_of_age() -> list[tuple[Query, int]]:
    return [(query.Not(query.OlderThan(days * _DAY)), points) for days, points in ((30, _MONTH), (365, _YEAR))]


def _signals(text: Textual, share: int) -> list[tuple[Query, int]]:
    """Return what may hold of a message for a text, and how much it is worth; all texts have the same share."""
    return [
        (all_words(query.Header("subject", text.text)), _SUBJECT // share),
        (text, _AS_WRITTEN // share),
        (all_words(query.Header("from", text.text)), _SENDER // share),
    ]
