"""Other addresses of users (table ``alias``, kept by triggers from ``user.aliases``)."""

import json

from mailstore import aliases as limits
from mailstore.aliases import Alias
from mailstore.errors import AlreadyExists, NotFound, TooBig
from mailstore.sqlite.transactions import Reader, Writer


def owner(reader: Reader, folded: str) -> str | None:
    """Return the name of the user who has an alias, as it is compared; None if nobody has."""
    name: str | None = reader.value(
        "SELECT user.name FROM alias JOIN user ON user.id = alias.user_id WHERE alias.folded = ?", folded
    )
    return name


def listing(reader: Reader, user: str | None) -> list[Alias]:
    """Return the aliases of a user, by the name as it is compared, or of all."""
    rows = reader.rows(
        "SELECT alias.name, user.name FROM alias JOIN user ON user.id = alias.user_id"
        " WHERE ?1 IS NULL OR user.folded = ?1 ORDER BY alias.folded",
        user,
    )
    return [Alias(*row) for row in rows]


def add(writer: Writer, user: str, folded: str, name: str) -> None:
    """Give a user an alias; `AlreadyExists`, `TooBig`."""
    if writer.row("SELECT 1 FROM user WHERE folded = ?", folded) is not None:
        raise AlreadyExists("there is a user of that name")
    if (other := owner(writer, folded)) is not None:
        raise AlreadyExists(f"{other} has that alias already")
    _set(writer, user, {**_of(writer, user), folded: name})


def remove(writer: Writer, user: str, folded: str) -> None:
    """Take an alias from a user; `NotFound`."""
    left = _of(writer, user)
    if left.pop(folded, None) is None:
        raise NotFound("the user has no such alias")
    _set(writer, user, left)


def _of(reader: Reader, user: str) -> dict[str, str]:
    sql = "SELECT folded, name FROM alias WHERE user_id = (SELECT id FROM user WHERE folded = ?)"
    return dict(reader.rows(sql, user))


def _set(writer: Writer, user: str, aliases: dict[str, str]) -> None:
    if len(aliases) > limits.MAX_ALIASES:
        raise TooBig(f"a user has at most {limits.MAX_ALIASES} aliases")
    spelled = json.dumps(aliases, ensure_ascii=False)
    if not writer.execute("UPDATE user SET aliases = ? WHERE folded = ?", spelled, user):
        raise NotFound("there is no such user")
