"""The contract of a backup of a store's accounts."""

from zope.interface import Interface

from mailstore.interfaces.account import Progress
from mailstore.model import User


class IBackup(Interface):
    """A folder that a store's accounts are backed up into, open for one process at a time."""

    async def update(user: User, progress: Progress, *, whole: bool = False) -> bool:
        """Make the backup of an account what the account is at one moment; return False if it is that already.

        The account may be in use, and nobody waits.  Whatever ends it, the backup is as it was until it is whole.

        Args:
            user: whose account.
            progress: is told how it goes on.
            whole: write it anew, though there is one.

        Raises:
            NotFound: the account is gone.
            Corrupt: the account is damaged, or what is there of its backup.
            Busy: somebody reads the backup, and it must be written anew.
            Unavailable: the disk does not allow it.

        """

    async def users() -> list[User]:
        """Return every user of whom there is a backup, by name; some may be gone from the store."""

    async def drop(user: User) -> None:
        """Remove the backup of an account; `NotFound`."""

    async def close() -> None:
        """Let go of the folder; nothing may be asked afterwards."""
