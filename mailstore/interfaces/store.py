"""All accounts, and who may use them."""

from mailstore.aliases import IAliases
from mailstore.interfaces.account import IMailAccount, Progress
from mailstore.interfaces.backup import IBackup
from mailstore.model import AccountId, OwnQuota, User


class IMailStore(IAliases):
    """All accounts, and the register of who may use them."""

    async def add_user(name: str, password_hash: str) -> User:
        """Make a user and an account with the usual folders; `AlreadyExists`, `InvalidName`."""

    async def users() -> list[User]:
        """Return every user, by name."""

    async def user(name: str) -> User:
        """Return the user whose name this is, compared without case; `NotFound`."""

    async def credentials(name: str) -> tuple[User, str]:
        """Return the user whose name this is, and what `add_user` or `set_password_hash` was given last; `NotFound`."""

    async def set_password_hash(name: str, password_hash: str, instead_of: str | None = None) -> None:
        """Replace a user's hash, or only the one that is named; `NotFound`, also if it is another."""

    async def set_quota(name: str, quota: OwnQuota) -> None:
        """Replace a user's own limits, which hold from the next write on, in every process; `NotFound`."""

    async def delete_user(name: str) -> None:
        """Remove a user, the account and all its mail; `NotFound`."""

    async def account(account_id: AccountId) -> IMailAccount:
        """Open an account, or hand out the one that is open; `NotFound`, `Unavailable`, `Corrupt`.

        Each call is matched by one `IMailAccount.release`.
        """

    async def check(account_id: AccountId, progress: Progress) -> list[str]:
        """Read everything that an account keeps; return what does not agree, in words for an administrator.

        The account may be open, and may be too damaged to be opened; nothing is changed.  `NotFound`, `Unavailable`.
        """

    async def repair(account_id: AccountId, progress: Progress) -> list[str]:
        """Make anew what follows from the octets of messages and from other rows; return what was done.

        What follows from nothing else stays as it is: `check` tells what is left.  `NotFound`, `Unavailable`.
        """

    async def check_register() -> list[str]:
        """Return what is wrong with the register of users and the accounts that belong to them, in the same words."""

    async def backup(place: str) -> IBackup:
        """Open a folder to back the accounts up into, made if it is not there.

        Once it is closed, `open_store` opens it too: as ``sqlite://`` and the same place, best `at_rest`.

        Raises:
            Conflict: another backup into it is under way, or it is the store's own.
            Unavailable: the disk does not allow it, or a newer program wrote it.
            Corrupt: its register of users is damaged.

        """

    async def restore(place: str, name: str, new_name: str, progress: Progress, *, replace: bool = False) -> User:
        """Bring a whole account back, with every id and mod-sequence that it had; return the user.

        Args:
            place: the folder of a backup.
            name: whose account it is in the backup.
            new_name: whose it becomes; with the password and limits of the backup, if there is no such user.
            progress: is told how it goes on.
            replace: if there is such a user, put it in place of what the user has.

        Raises:
            NotFound: there is no backup, or no such user in it.
            AlreadyExists: there is such a user, who is not to be replaced.
            InvalidName: no user may have the new name.
            Conflict: the account that would be replaced is open, here or in another process.
            Corrupt: the backup is damaged.
            Unavailable: the disk does not allow it.

        """

    async def close() -> None:
        """Finish what is being written, close every account; nothing may be asked afterwards."""
