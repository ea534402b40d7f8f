"""Other addresses of users: the part of the register that only delivery asks."""

from typing import Final

from attrs import frozen
from zope.interface import Interface

from mailstore.model import User

MAX_ALIASES: Final = 1000
"""Of one user."""


@frozen
class Alias:
    """An address that a user has besides the name; nobody logs in by it."""

    name: str
    user: str


class IAliases(Interface):
    """Who has which address.  No alias is a user's name, nor another user's alias; case does not matter."""

    async def addressee(*names: str) -> tuple[User, str]:
        """Return whose the first of `names` is that is a user's name or alias, and which it is; `NotFound`."""

    async def aliases(name: str | None = None) -> list[Alias]:
        """Return the aliases of a user, or of all, by name; `NotFound`."""

    async def add_alias(name: str, alias: str) -> None:
        """Give a user an alias, which holds at once, in every process.

        Raises:
            NotFound: there is no such user.
            AlreadyExists: somebody has the alias, or it is a user's name.
            InvalidName: no user could have the name.
            TooBig: the user has `MAX_ALIASES`.

        """

    async def remove_alias(name: str, alias: str) -> None:
        """Take an alias from a user; `NotFound` if there is no such user, or it is not the user's."""
