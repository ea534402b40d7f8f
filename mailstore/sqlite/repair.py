"""What follows from a message's octets, or from other rows, is made anew; what follows from nothing is left alone."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from mailstore.errors import Corrupt
from mailstore.interfaces import Progress
from mailstore.renderings import Rendering
from mailstore.sqlite import contents, renderings
from mailstore.sqlite.check import all_faults, broken
from mailstore.sqlite.database import Database
from mailstore.sqlite.faults import Fault
from mailstore.sqlite.index.checking import index_problems
from mailstore.sqlite.index.files import discard, identity
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.rules import RULES
from mailstore.sqlite.salvaging import BeyondRepair, RowsLost, salvage
from mailstore.sqlite.transactions import Writer


async def repair(database: Database, registered: Sequence[Rendering], progress: Progress) -> list[str]:
    """Put right what can be put right; return what was done, in words for an administrator.

    While pages stay damaged nothing is done: with an index that lies, what is still needed may look like a leftover.

    Raises:
        RowsLost: pages are damaged that hold what is nowhere else; nothing was changed.

    """
    try:
        done = await database.alone(salvage)
    except RowsLost:
        raise
    except (BeyondRepair, Corrupt) as error:
        return [f"{error}; nothing was changed"]
    done += await _derive(database, registered, progress)
    for rule in RULES:
        if rule.cure is not None and (cases := await broken(database, rule)):
            await database.write(rule.cure)
            done.append(f"{rule.text}: put right ({len(cases)})")
    if identity(database.path) is not None and (done or await index_problems(database)):
        discard(database.path)
        done.append("the search index: thrown away, it is made anew")
    return done


async def _derive(database: Database, registered: Sequence[Rendering], progress: Progress) -> list[str]:
    """Make anew what follows from octets that are whole."""
    kinds = await database.write(partial(renderings.register, registered=registered))
    made: Counter[str] = Counter()
    async for found in all_faults(database, registered, progress):
        curable = [fault for fault in found if fault.derived is not None]
        if curable:
            await database.write(partial(_keep, kinds=kinds, curable=curable))
            made.update(fault.text for fault in curable)
    return [f"{text}: made anew ({count})" for text, count in made.items()]


def _keep(writer: Writer, kinds: Kinds, curable: Sequence[Fault]) -> None:
    for fault in curable:
        assert fault.derived is not None, "it has a cure"
        contents.keep_derived(writer, kinds, fault.content, fault.size, fault.derived)
