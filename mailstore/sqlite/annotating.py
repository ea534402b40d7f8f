"""Annotations are read in batches, and changed in one step."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import islice
from typing import Final

from mailstore.annotations import MAX_ENTRIES, SPECIAL_USE, Annotation, Branches, EntryName
from mailstore.changes import Annotated, MetadataChanged
from mailstore.model import SpecialUse
from mailstore.sqlite import annotations, changelog, mailboxes
from mailstore.sqlite.annotations import Found, Subject
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Writer

ROWS: Final = 2000
"""Annotations looked for in one go: some milliseconds."""
BATCH_OCTETS: Final = 256 << 10
"""Of values handed out in one go, and one value more."""


async def read(
    database: Database, subjects: Sequence[Subject], branches: Branches, largest: int
) -> AsyncIterator[Sequence[Annotation]]:
    """Yield the annotations of `subjects`, in their order; other jobs have their turn."""
    most = max(len(branches.roots), 1) if branches.levels == 0 else MAX_ENTRIES
    remaining = iter(subjects)
    while some := list(islice(remaining, max(ROWS // most, 1))):
        found = await database.read(partial(annotations.find, subjects=some, branches=branches))
        for part in _parts(found, largest):
            yield await database.read(partial(annotations.read, found=part, largest=largest))
        await database.pause()


def _parts(found: Sequence[Found], largest: int) -> Iterator[list[Found]]:
    """Yield what was found in parts whose values together have a bounded size."""
    part: list[Found] = []
    octets = 0
    for each in found:
        part.append(each)
        octets += each.size if each.size <= largest else 0
        if octets >= BATCH_OCTETS:
            yield part
            part, octets = [], 0
    if part:
        yield part


def annotate(
    writer: Writer, subject: Subject, values: Mapping[EntryName, bytes | None], uses: Set[SpecialUse] | None
) -> Annotated:
    """Set and remove annotations and a special use, all or none; `NotFound`, `TooBig`."""
    of = annotations.ACCOUNT if subject is None else mailboxes.find(writer, subject)
    changed = {subject: [entry for entry, value in values.items() if annotations.put(writer, of, entry, value)]}
    displaced = None
    use = next(iter(uses or ()), None)
    if uses is not None and mailboxes.special_use(writer, of) is not use:
        displaced = mailboxes.set_special_use(writer, of, use)
        changed[subject].append(SPECIAL_USE)
        if displaced is not None:
            changed[displaced] = [SPECIAL_USE]
    if not any(changed.values()):
        return Annotated()
    modseq = changelog.advance(writer)
    for name, entries in changed.items():
        changelog.record_mailbox(writer, MetadataChanged(modseq, name, tuple(entries)))
    return Annotated(modseq, displaced)
