"""Whether an index says what the messages say; nothing is changed."""

from array import array
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final

import apsw

from mailstore.errors import Corrupt, Expunged
from mailstore.fulltext import columns, postings
from mailstore.fulltext.postings import Posting
from mailstore.fulltext.text import pieces
from mailstore.sqlite import contents
from mailstore.sqlite.database import Database
from mailstore.sqlite.index import segments, sorting
from mailstore.sqlite.index.errors import IndexDamaged, IndexLost, guarded
from mailstore.sqlite.index.files import belongs, index_path, open_for_reading
from mailstore.sqlite.index.segments import Merged, Segment
from mailstore.sqlite.index.texts import Texts
from mailstore.sqlite.transactions import Reader

CONTENTS: Final = 50
"""Messages whose texts are made anew in one go."""
ATTEMPTS: Final = 100
PAUSE_SECONDS: Final = 0.1
"""Between two attempts to read an index: whoever opens it first after a crash holds it until its log is read."""


async def index_problems(database: Database) -> list[str]:
    """Return what is wrong with the index of an account, in words for an administrator; nothing if there is none."""
    for _ in range(ATTEMPTS):
        path = index_path(database.path)
        if not path.exists() or not path.stat().st_size:  # it is about to be made
            return []
        try:
            return [_made_anew_without(path, each) async for each in _wrong(database)]
        except IndexDamaged as error:
            return [_made_anew_without(path, f"it is damaged ({error.__cause__!r})")]
        except Corrupt:
            return ["the search index: nobody can tell, pages of the account are damaged"]
        except IndexLost:  # somebody makes it ready, or throws it away
            await database.pause(PAUSE_SECONDS)
    return ["the search index: it cannot be read now; try again"]


def _made_anew_without(path: Path, wrong: str) -> str:
    return f"the search index: {wrong}; delete {path}, it is made anew"


async def _wrong(database: Database) -> AsyncIterator[str]:
    """Yield what is wrong; `IndexLost`, `Corrupt` if the account cannot be read."""
    every = await database.read_in_thread(_contents)
    index = await database.read_in_thread(partial(_open, path=database.path))
    if index is None:
        return
    with closing(index):
        check = _Check(Reader(index))
        ids = every[: bisect_right(every, check.upto())]
        for start in range(0, len(ids), CONTENTS):
            some = ids[start : start + CONTENTS]
            for content in await database.read_in_thread(partial(check.wrong_texts, ids=some)):
                yield f"a wrong text of content {content}"
        for segment in check.segments():
            if await database.read_in_thread(partial(check.is_wrong, segment=segment)):
                yield f"wrong postings from content {min(segment.contents, default=segment.last)} on"


@guarded()
def _open(account: Reader, path: Path) -> apsw.Connection | None:
    """Open an index, to be read as it is at this moment; None if it is one that nobody uses."""
    index = open_for_reading(path)
    index.execute("BEGIN")
    if belongs(account, Reader(index)):
        return index
    index.close()
    return None


class _Check:
    """Compares an index with its account; `IndexLost`."""

    def __init__(self, index: Reader) -> None:
        self._index = index
        self._texts = Texts()

    @guarded()
    def upto(self) -> int:
        """Return the last content that the index knows."""
        return int(self._index.value("SELECT upto FROM made"))

    @guarded()
    def segments(self) -> list[Segment]:
        """Return what the postings are kept in."""
        return segments.every(self._index)

    def wrong_texts(self, account: Reader, ids: Sequence[int]) -> list[int]:
        """Return those of some contents whose text is not what it would be if it was made anew."""
        texts = ((content, self._text_of(content)) for content in ids)
        return [content for content, text in texts if text is not None and text != _made_anew(account, content, text)]

    @guarded()
    def is_wrong(self, _: Reader, segment: Segment) -> bool:
        """Tell whether the postings or columns of a segment are not those of its texts; takes seconds."""
        there = segments.merged(self._index, [segment])
        anew = self._sorted_anew(list(dict.fromkeys(there.contents)))
        return (
            there.contents != anew.contents
            or there.unsorted != anew.unsorted
            or any(one != other for one, other in zip_longest(there.postings, anew.postings))
            or list(there.columns) != list(anew.columns)
        )

    def _sorted_anew(self, contents: Sequence[int]) -> Merged:
        """Sort texts as many at a time as a new segment has, and keep of each time what it would write, unpacked."""
        places, unsorted, starts = array("q"), array("q"), list[int]()
        found: list[Iterator[Posting]] = []
        rows: list[list[bytes]] = [[] for _ in columns.FIELDS]
        done = 0
        while done < len(contents):
            some = sorting.sort(self._index, self._texts, contents[done:], sorting.MOST_POSTINGS)
            done += len(set(some.contents))
            starts.append(len(places))
            unsorted.extend(len(places) + place for place in some.unsorted)
            places.extend(some.contents)
            found.append(chain.from_iterable(map(postings.each, [page for _, page in postings.pages(some.postings())])))
            rows = [[*cells, *more] for cells, more in zip(rows, some.rows, strict=True)]
        return Merged(places, unsorted, postings.merged(found, starts), map(columns.column, rows))

    @guarded()
    def _text_of(self, content: int) -> bytes | None:
        """Return the text that is kept; None if there is none since the message was damaged."""
        if self._index.value("SELECT size FROM content WHERE id = ?", content) == 0:
            return None
        return b"".join(self._texts.pieces(self._index, content))


def _contents(account: Reader) -> list[int]:
    return [content for (content,) in account.rows("SELECT id FROM content NOT INDEXED ORDER BY id")]


def _made_anew(account: Reader, content: int, kept: bytes) -> bytes:
    """Return the text of a message; nothing if it is damaged, what was kept if it was dropped for good meanwhile."""
    try:
        return b"".join(pieces(contents.message(account, content)))
    except Expunged:
        return kept
    except Corrupt:
        return b""
