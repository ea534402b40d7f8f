"""What tests of the index share."""

from mailstore.sqlite.index import lookup, upkeep
from mailstore.sqlite.index.files import discard, index_path
from mailstore.sqlite.index.upkeep import bring_up_to_date
from tests.mailstore.sqlite.case import SqliteCase


class IndexCase(SqliteCase):
    """Segments are of few messages, and few of them are merged."""

    def setUp(self):
        self.patch(upkeep, "TAKEN_AT_ONCE", 3)
        self.patch(upkeep, "SEGMENT", 4)
        self.patch(upkeep, "MERGED", 2)
        self.patch(lookup, "FEW", 2)
        return super().setUp()

    @property
    def index_path(self):
        return index_path(self.path)

    def index(self):
        """Do what the indexer does, at once."""
        bring_up_to_date(self.path)

    def discard(self):
        discard(self.path)

    async def look_in(self, sql):
        """Return the first value of a statement about the index; None if it is not used."""

        def look(account):
            return self.account.index.ask(account, lambda index: index and index._reader.value(sql))

        return await self.account.database.read_in_thread(look)
