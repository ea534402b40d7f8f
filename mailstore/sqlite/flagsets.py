"""Flags: each combination is one small row, each keyword has one spelling (tables ``flagset``, ``keyword``)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from mailstore.errors import Corrupt, InvalidName, TooBig
from mailstore.model import DELETED, SEEN, SYSTEM_FLAGS, Flag, Flags
from mailstore.sqlite.transactions import Reader, Writer

MAX_KEYWORDS: Final = 500
"""In an account: people use some ten, and every session is told all of them."""
MAX_SETS: Final = 1000
"""Combinations of flags before those are looked for that no message has any more; most accounts have some ten."""
MAX_KEYWORD_OCTETS: Final = 100
"""Longer ones are nobody's labels."""

def canonical(reader: Reader, flags: Iterable[Flag]) -> Flags:
    """Return `flags` with every keyword in the spelling of its first use; one that was never used stays as it is.

    Raises:
        TooBig: a keyword is too long.
        InvalidName: a keyword holds a space, or something that cannot be seen.

    """
    once = {_fold(flag): flag for flag in flags}
    return frozenset(flag if flag in SYSTEM_FLAGS else spelling(reader, _checked(flag)) for flag in once.values())


def spelling(reader: Reader, flag: Flag) -> Flag:
    """Return a flag in the spelling of its first use, or as it is."""
    known: Flag | None = reader.value("SELECT name FROM keyword WHERE folded = ?", _fold(flag))
    return known or flag


def known_keywords(reader: Reader) -> Flags:
    """Return every keyword that the account uses."""
    return _shared(frozenset(name for (name,) in reader.rows("SELECT name FROM keyword")))


@lru_cache(1024)
def _shared(flags: Flags) -> Flags:
    """Return these flags, the same object for all sessions that keep them."""
    return flags


def intern(writer: Writer, flags: Flags) -> int:
    """Return the id of a combination of canonical flags; `TooBig` if it would bring too many keywords."""
    text = _text(flags)
    found: int | None = writer.value("SELECT id FROM flagset WHERE flags = ?", text)
    if found is not None:
        return found
    for flag in flags.difference(SYSTEM_FLAGS):
        _register(writer, flag)
    return writer.insert(
        "INSERT INTO flagset (flags, seen, deleted) VALUES (?, ?, ?)", text, SEEN in flags, DELETED in flags
    )


def parse(text: str) -> Flags:
    """Return the flags of a row."""
    return frozenset(map(Flag, text.split()))


def load(reader: Reader, flagset: int) -> Flags:
    """Return the flags that have this id; `Corrupt` if there are none, though a message has them."""
    text = reader.value("SELECT flags FROM flagset WHERE id = ?", flagset)
    if text is None:
        raise Corrupt("the account is damaged, an administrator must look")
    return parse(text)


def crowded(reader: Reader) -> bool:
    """Tell whether there are so many combinations or keywords that it is time to forget those that nobody has."""
    keywords, sets = reader.rows("SELECT (SELECT count(*) FROM keyword), (SELECT count(*) FROM flagset)")[0]
    return bool(keywords > MAX_KEYWORDS // 2 or sets > MAX_SETS)


def forget_unused(writer: Writer) -> None:
    """Drop the combinations that no message has, and the keywords that are in none of the others.

    To be run as a write of its own: in the middle of one, a combination may be about to be used.
    """
    writer.execute("DELETE FROM flagset WHERE id NOT IN (SELECT flagset_id FROM message)")
    used = frozenset().union(*(parse(flags) for (flags,) in writer.rows("SELECT flags FROM flagset")))
    unused = known_keywords(writer) - used
    writer.executemany("DELETE FROM keyword WHERE name = ?", ((keyword,) for keyword in unused))


def disagreeing(reader: Reader) -> list[tuple[str]]:
    """Return the combinations whose columns or keywords are not what their text says."""
    keywords = known_keywords(reader)
    rows = reader.rows("SELECT flags, seen, deleted FROM flagset")
    return [
        (text,)
        for text, seen, deleted in rows
        if (flags := parse(text)) - keywords - set(SYSTEM_FLAGS)
        or (SEEN in flags, DELETED in flags) != (bool(seen), bool(deleted))
        or text != _text(flags)
    ]


def agree(writer: Writer) -> None:
    """Make the columns and the keywords from the texts of the combinations."""
    writer.execute("DELETE FROM keyword")
    for (text,) in writer.rows("SELECT flags FROM flagset ORDER BY id"):
        flags = parse(text)
        keywords = ((_fold(flag), flag) for flag in flags if not flag.startswith("\\"))
        writer.executemany("INSERT OR IGNORE INTO keyword (folded, name) VALUES (?, ?)", keywords)
        sql = "UPDATE flagset SET seen = ?, deleted = ? WHERE flags = ?"
        writer.execute(sql, SEEN in flags, DELETED in flags, text)


class FlagSets:
    """The combinations as values: for the same combination always the same object.

    A row never changes and its id is never used again, so nothing here becomes wrong.
    """

    def __init__(self) -> None:
        self._sets: dict[int | str, Flags] = {}

    def of(self, reader: Reader, ids: Sequence[int | str]) -> list[Flags]:
        """Return the flags for each of `ids`, in order; those that SQLite has spelled need not be read."""
        for missing in set(ids).difference(self._sets):
            number = int(missing)
            if number not in self._sets:
                self._sets[number] = load(reader, number)
            self._sets[missing] = self._sets[number]
        return list(map(self._sets.__getitem__, ids))


def _text(flags: Flags) -> str:
    return " ".join(sorted(flags))


def _fold(flag: str) -> str:
    return flag.lower()


def _checked(keyword: Flag) -> Flag:
    if not keyword or not keyword.isprintable() or " " in keyword:
        raise InvalidName("a keyword cannot be empty or hold spaces or controls")
    if len(keyword.encode()) > MAX_KEYWORD_OCTETS:
        raise TooBig(f"a keyword has at most {MAX_KEYWORD_OCTETS} octets")
    return keyword


def _register(writer: Writer, keyword: Flag) -> None:
    if writer.value("SELECT 1 FROM keyword WHERE folded = ?", _fold(keyword)) is not None:
        return
    if writer.value("SELECT count(*) FROM keyword") >= MAX_KEYWORDS:
        raise TooBig(f"an account has at most {MAX_KEYWORDS} keywords")
    writer.execute("INSERT INTO keyword (folded, name) VALUES (?, ?)", _fold(keyword), keyword)
