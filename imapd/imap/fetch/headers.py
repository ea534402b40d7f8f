"""Sections of a message's own header that are made of what the store keeps, not of the message.

Lists of fields that a client asks of every new message are kept as they are sent.  Of mail that has settled the whole
header is kept as well, from which any other list is cut.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import is_
from typing import Any, Final

from imapd.imap.fetch.column import Column
from imapd.imap.fetch.renderings import HEADER, HEADER_LISTS, header_list
from imapd.imap.session import Session
from imapd.imap.wire.encode import of_literal
from imapd.imap.wire.fetchatt import FromOctets, Section, SectionText
from mailstore.interfaces import Rows, Source
from mailstore.mime import select_fields
from mailstore.renderings import IfKept

IF_KEPT: Final = IfKept(HEADER)
"""The header, of mail that has settled."""

_Cut = Callable[[bytes], bytes]
_is_none: Final = partial(is_, None)

AT_MOST: Final = 4
"""Sections of one command that are made of what is kept: each may be all headers of a batch, a megabyte or two, and
they go out together.  No client asks for more than two; more are read from each message, one after the other."""


def list_column(section: Section) -> Column | None:
    """Return the column of header fields that are kept, or among those that are."""
    if not _is_peeked(section) or section.text is not SectionText.HEADER_FIELDS:
        return None
    names = _names(section)
    rendering = header_list(names)
    if rendering is None:
        return None
    if names in HEADER_LISTS:
        return Column(_name(section) + b" %b", (rendering,), lambda _, rows: [rows.columns[rendering]])
    return _column(section, rendering, lambda kept: select_fields(of_literal(kept), names))


def header_columns(sections: Sequence[FromOctets]) -> list[Column]:
    """Return the columns of sections that can be cut from a header; none if one of them cannot, or they are many."""
    if len(sections) > AT_MOST:
        return []
    columns = [_header_column(section) for section in sections if isinstance(section, Section) and _is_peeked(section)]
    return columns if len(columns) == len(sections) else []


def _header_column(section: Section) -> Column:
    if section.text is SectionText.HEADER:
        return _column(section, IF_KEPT, None)
    negate = section.text is SectionText.HEADER_FIELDS_NOT
    return _column(section, IF_KEPT, partial(select_fields, names=_names(section), negate=negate))


_TEXTS: Final = {SectionText.HEADER, SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT}


def _is_peeked(section: Section) -> bool:
    return section.partial is None and section.text in _TEXTS and section.peek and not section.path


def _names(section: Section) -> frozenset[bytes]:
    return frozenset(name.lower() for name in section.fields)


def _column(section: Section, source: Source, cut: _Cut | None) -> Column:
    def encode(_: Session, rows: Rows) -> Sequence[Iterable[Any]]:
        kept: Sequence[bytes] = rows.columns[source]
        octets = kept if cut is None else list(map(cut, kept))
        return map(len, octets), octets

    return Column(_name(section) + b" {%d}\r\n%b", (source,), encode)


def _name(section: Section) -> bytes:
    """Return how the response names a section, as it stands in a template."""
    return section.label.replace(b"%", b"%%")


def runs(rows: Rows) -> Iterator[Rows]:
    """Yield the messages in their order, those whose header is kept apart from the others."""
    if IF_KEPT not in rows.columns:
        yield rows
        return
    stop = 0
    for _, run in groupby(rows.columns[IF_KEPT], _is_none):
        start, stop = stop, stop + len(list(run))
        columns: dict[Source, Sequence[Any]] = {source: each[start:stop] for source, each in rows.columns.items()}
        yield Rows(rows.uids[start:stop], columns)


def are_kept(run: Rows) -> bool:
    """Tell whether the headers of a run are kept."""
    return IF_KEPT in run.columns and run.columns[IF_KEPT][0] is not None
