"""What tests that know of SQLite share."""

from pathlib import Path

import apsw

from mailstore import open_store
from mailstore.policy import Policy
from tests.mailstore.contract import StoreCase


class SqliteCase(StoreCase):
    def open_store(self, place):
        return open_store(
            f"sqlite://{place}", self.renderings, policy=Policy(self.max_message_octets, self.quota)
        )

    @property
    def path(self) -> Path:
        """The account's file."""
        [path] = Path(self.place).glob("accounts/*/*.db")
        return path

    def other_connection(self) -> apsw.Connection:
        """Open the account's file as another process does."""
        return apsw.Connection(str(self.path))
