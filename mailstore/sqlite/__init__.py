"""The store on SQLite: one file per account, and a small one for the register of users."""

from collections.abc import Sequence
from pathlib import Path

from mailstore.policy import Policy
from mailstore.renderings import Rendering
from mailstore.sqlite.index.keeping import keep_indexed
from mailstore.sqlite.store import Store
from mailstore.sqlite.threads import IReactor

__all__ = ["keep_indexed", "open_store"]


def open_store(
    place: str, renderings: Sequence[Rendering], reactor: IReactor, policy: Policy, *, at_rest: bool
) -> Store:
    """Open the store in the folder `place`; see `mailstore.open_store`."""
    return Store(Path(place).absolute(), tuple(renderings), reactor, policy, at_rest=at_rest)
