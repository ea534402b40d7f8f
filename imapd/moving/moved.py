"""What became of the folders of an account that moved in, and the table that says so."""

from collections.abc import Iterator, Sequence

from attrs import Factory, define

from imapd import sizes


@define
class Moved:
    """What became of one folder.

    Attributes:
        name: the folder's, here.
        there: messages that it has.
        octets: of them, as the server says.
        brought: messages that this run brought.
        lacking: messages that neither this run nor one before brought.
        reflagged: messages that were here, whose flags follow those elsewhere.
        here: messages that the mailbox has at the end; None if it was stopped before.
        octets_here: of them.
        unequal: messages that were brought, and are here no more, or with another size.
        failed: whether the folder could not be read.
        notes: what else to say.

    """

    name: str
    there: int = 0
    octets: int = 0
    brought: int = 0
    lacking: int = 0
    reflagged: int = 0
    here: int | None = None
    octets_here: int = 0
    unequal: int = 0
    failed: bool = False
    notes: list[str] = Factory(list)

    @property
    def complete(self) -> bool:
        """Whether everything was brought, by this run or before."""
        return not (self.failed or self.lacking)


def table(moved: Sequence[Moved]) -> Iterator[str]:
    """Yield the lines of a table of the folders that have something to tell, and of the whole."""
    told = [each for each in moved if each.there or each.notes]
    rows = [("folder", "there", "", "here", "", "brought", "lacking", ""), *map(_row, told), _row(_total(moved))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells, notes in rows:
        filled = [f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=False)]
        yield "  ".join([f"{name:<{widths[0]}}", *filled, notes]).rstrip()


def _total(moved: Sequence[Moved]) -> Moved:
    total = Moved(f"{len(moved)} folders")
    for each in moved:
        total.there += each.there
        total.octets += each.octets
        total.here = (total.here or 0) + (each.here or 0)
        total.octets_here += each.octets_here
        total.brought += each.brought
        total.lacking += each.lacking
    return total


def _row(moved: Moved) -> tuple[str, ...]:
    notes = list(moved.notes)
    if moved.unequal:
        notes.append(f"{moved.unequal} removed here since, or of another size")
    if moved.reflagged:
        notes.append(f"{moved.reflagged} with new flags")
    there = (str(moved.there), sizes.roughly(moved.octets))
    here = ("-", "-") if moved.here is None else (str(moved.here), sizes.roughly(moved.octets_here))
    return moved.name, *there, *here, str(moved.brought), str(moved.lacking), "; ".join(notes)
