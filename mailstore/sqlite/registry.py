"""The register of users (table ``user``)."""

# ruff: noqa: S608  # the names of columns that are put into statements are all our own

import os
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from mailstore.aliases import Alias
from mailstore.errors import AlreadyExists, InvalidName, NotFound
from mailstore.model import AccountId, OwnQuota, Quota, User
from mailstore.sqlite import aliases, schemas, upgrading
from mailstore.sqlite.bell import Bell
from mailstore.sqlite.connections import translated
from mailstore.sqlite.database import Database
from mailstore.sqlite.files import make_folder, sync
from mailstore.sqlite.remembering import Remembered
from mailstore.sqlite.salvaging import integrity
from mailstore.sqlite.threads import Threads
from mailstore.sqlite.transactions import Reader, Writer

MAX_NAME_OCTETS: Final = 254
"""What an address has at most (RFC 5321, 4.5.3.1, with its erratum), and names are often addresses."""
_FORBIDDEN: Final = frozenset("/\\\"'<>:;,*?|`$&%")
"""What a path, a log line or a shell could take for something else."""


Line = Mapping[str, str | int | bytes | None]
"""All columns of table ``user`` but the id of the row, by name."""


class Registry:
    """Who may log in, and which account is whose."""

    @translated()
    def __init__(self, root: Path, threads: Threads, quota: Quota, *, at_rest: bool = False) -> None:
        """Open the register in the folder `root`, with the limits of everybody; blocking.

        If there is none it is made, or `at_rest` the answer is `NotFound`.
        """
        path = root / "registry.db"
        if not path.exists():
            if at_rest:
                raise NotFound("there is no mail store")
            make_folder(root)
            _create(path)
        if not at_rest:
            upgrading.forget_copies(path)
        self._quota = quota
        reading = schemas.open_for_reading(path, schemas.REGISTRY)
        self._bell = Bell(path.with_suffix(".bell"))
        self._database = Database(path, reading, threads, ring=self._bell.ring)
        self._remembered = Remembered(self._database, self._bell)

    async def add(self, name: str, account_id: AccountId, password_hash: str) -> User:
        """Add a user; `AlreadyExists`."""
        user = User(name, account_id)
        await self._database.write(partial(_add, user=user, password_hash=password_hash))
        return user

    async def users(self) -> list[User]:
        """Return every user, by name."""
        return await self._database.read(_users)

    async def user(self, name: str) -> User:
        """Return the user of this name; `NotFound`."""
        return (await self.credentials(name))[0]

    async def addressee(self, names: Sequence[str]) -> tuple[User, str]:
        """Return whose the first of `names` is that is a user's name or alias, and which it is; `NotFound`."""
        return await self._remembered.read(_addressee, tuple(names))

    async def aliases(self, name: str | None) -> list[Alias]:
        """Return the aliases of a user, or of all; `NotFound`."""

        def listing(reader: Reader) -> list[Alias]:
            return aliases.listing(reader, None if name is None else _fold(_find(reader, name)[0].name))

        return await self._database.read(listing)

    async def add_alias(self, name: str, alias: str) -> None:
        """Give a user an alias; `NotFound`, `AlreadyExists`, `InvalidName`, `TooBig`."""
        spelled = user_name(alias)
        await self._database.write(partial(aliases.add, user=_fold(name), folded=_fold(spelled), name=spelled))

    async def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias from a user; `NotFound`."""
        await self._database.write(partial(aliases.remove, user=_fold(name), folded=_fold(alias)))

    async def credentials(self, name: str) -> tuple[User, str]:
        """Return the user of this name, and the hash of the password; `NotFound`."""
        return await self._remembered.read(_find, name)

    async def set_password_hash(self, name: str, password_hash: str, instead_of: str | None = None) -> None:
        """Replace the user's hash, or only the one that is named; `NotFound`, also if it is another."""
        change = partial(_set_password_hash, name=name, password_hash=password_hash, instead_of=instead_of)
        await self._database.write(change)

    async def set_quota(self, name: str, quota: OwnQuota) -> None:
        """Replace the user's own limits; `NotFound`."""
        await self._database.write(partial(_set_quota, name=name, quota=quota))

    async def quota(self, account_id: AccountId) -> Quota:
        """Return the limits of an account; those of everybody if it is nobody's."""
        return (await self._remembered.read(_own_quota, account_id)).over(self._quota)

    def quota_now(self, account_id: AccountId) -> Quota:
        """Return the same without waiting; `Busy`, `Unavailable`."""
        return self._remembered.read_now(_own_quota, account_id).over(self._quota)

    def look_again(self) -> None:
        """Ask anew if the register may have changed, though no bell was rung."""
        self._remembered.look_again()

    async def line(self, name: str) -> Line:
        """Return all that is known of a user; `NotFound`."""
        return await self._database.read(partial(_line, name=name))

    async def put(self, line: Line) -> None:
        """Write all that is known of a user, in place of what was known of the same account.

        Another account of that name gets a longer one: ``~`` and the beginning of its id are added.
        """
        await self._database.write(partial(_put, line=line))

    async def add_line(self, line: Line, name: str, account_id: AccountId) -> User:
        """Add a user of whom all but name and account is known; `AlreadyExists`, `InvalidName`."""
        name = user_name(name)
        new = {**line, "name": name, "folded": _fold(name), "account_id": account_id}
        await self._database.write(partial(_add_line, line=new))
        return await self.user(name)

    async def set_account(self, user: User, account_id: AccountId) -> None:
        """Give a user another account; `NotFound` if it is not the one that `user` says."""
        await self._database.write(partial(_set_account, user=user, account_id=account_id))

    async def delete(self, name: str) -> User:
        """Remove a user; return who it was; `NotFound`."""
        return await self._database.write(partial(_delete, name=name))

    async def check(self) -> list[str]:
        """Return what SQLite finds wrong with the register's file."""
        return [f"the register of users: {line}" for line in await self._database.alone(integrity)]

    async def close(self) -> None:
        """Finish what is being written, and close."""
        await self._database.close()
        self._bell.close()


def user_name(text: str) -> str:
    """Return `text` as a checked name; `InvalidName`."""
    name = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(char)[0] in "CZ" or char in _FORBIDDEN for char in name) or name[:1] in ".-":
        raise InvalidName("a user's name cannot be empty, begin with a dot, or hold spaces or most punctuation")
    if len(name.encode()) > MAX_NAME_OCTETS:
        raise InvalidName(f"a user's name has at most {MAX_NAME_OCTETS} octets")
    return name


def _create(path: Path) -> None:
    """Make the register under another name first: another process may be making it too, or look for it."""
    making = path.with_suffix(f".{secrets.token_hex(8)}")
    schemas.create(making, lambda writer: schemas.upgrade(writer, schemas.REGISTRY))
    with suppress(FileExistsError):
        os.link(making, path)
    making.unlink()
    sync(path.parent)


def _fold(name: str) -> str:
    """Return a name as it is compared; one that cannot be written is compared as one that nobody has."""
    return unicodedata.normalize("NFKC", name.casefold()).encode(errors="backslashreplace").decode()


def _users(reader: Reader) -> list[User]:
    rows = reader.rows("SELECT name, account_id, quota_octets, quota_messages FROM user ORDER BY folded")
    return [User(name, account_id, OwnQuota(*own)) for name, account_id, *own in rows]


def _find(reader: Reader, name: str) -> tuple[User, str]:
    row = reader.row(
        "SELECT password_hash, name, account_id, quota_octets, quota_messages FROM user WHERE folded = ?", _fold(name)
    )
    if row is None:
        raise NotFound("there is no such user")
    password_hash, found, account_id, *own = row
    return User(found, account_id, OwnQuota(*own)), password_hash


def _addressee(reader: Reader, names: Sequence[str]) -> tuple[User, str]:
    for name in names:
        with suppress(NotFound):
            return _find(reader, name)[0], name
        if (owner := aliases.owner(reader, _fold(name))) is not None:
            return _find(reader, owner)[0], name
    raise NotFound("there is no such user")


def _own_quota(reader: Reader, account_id: AccountId) -> OwnQuota:
    return OwnQuota(*reader.row("SELECT quota_octets, quota_messages FROM user WHERE account_id = ?", account_id) or ())


def _add(writer: Writer, user: User, password_hash: str) -> None:
    if writer.row("SELECT 1 FROM user WHERE folded = ?", _fold(user.name)) is not None:
        raise AlreadyExists("there is such a user already")
    if (owner := aliases.owner(writer, _fold(user.name))) is not None:
        raise AlreadyExists(f"{owner} has that name as an alias")
    writer.execute(
        "INSERT INTO user (folded, name, account_id, password_hash) VALUES (?, ?, ?, ?)",
        _fold(user.name),
        user.name,
        user.account,
        password_hash,
    )


def _set_password_hash(writer: Writer, name: str, password_hash: str, instead_of: str | None) -> None:
    sql = "UPDATE user SET password_hash = ?1 WHERE folded = ?2 AND password_hash = coalesce(?3, password_hash)"
    if not writer.execute(sql, password_hash, _fold(name), instead_of):
        raise NotFound("there is no such user")


def _set_quota(writer: Writer, name: str, quota: OwnQuota) -> None:
    sql = "UPDATE user SET quota_octets = ?, quota_messages = ? WHERE folded = ?"
    if not writer.execute(sql, quota.octets, quota.messages, _fold(name)):
        raise NotFound("there is no such user")


def _delete(writer: Writer, name: str) -> User:
    user, _ = _find(writer, name)
    writer.execute("DELETE FROM user WHERE folded = ?", _fold(name))
    return user


def _line(reader: Reader, name: str) -> Line:
    columns = [column for (column,) in reader.rows("SELECT name FROM pragma_table_info('user') WHERE pk = 0")]
    row = reader.row(f"SELECT {', '.join(columns)} FROM user WHERE folded = ?", _fold(name))
    if row is None:
        raise NotFound("there is no such user")
    return dict(zip(columns, row, strict=True))


def _put(writer: Writer, line: Line) -> None:
    writer.execute("DELETE FROM user WHERE account_id = ?", line["account_id"])
    other = writer.row("SELECT name, account_id FROM user WHERE folded = ?", line["folded"])
    if other is not None:
        name = f"{other[0]}~{other[1][:8]}"
        writer.execute("UPDATE user SET name = ?, folded = ? WHERE account_id = ?", name, _fold(name), other[1])
    writer.execute(f"INSERT INTO user ({', '.join(line)}) VALUES ({', '.join('?' * len(line))})", *line.values())


def _add_line(writer: Writer, line: Line) -> None:
    if writer.row("SELECT 1 FROM user WHERE folded = ?", line["folded"]) is not None:
        raise AlreadyExists("there is such a user already")
    _put(writer, line)


def _set_account(writer: Writer, user: User, account_id: AccountId) -> None:
    sql = "UPDATE user SET account_id = ? WHERE folded = ? AND account_id = ?"
    if not writer.execute(sql, account_id, _fold(user.name), user.account):
        raise NotFound("there is no such user")
