"""What the log says of the IMAP door besides what it says of each."""

from typing import Final

from imapd.doors.journal import Journal
from mailstore.errors import StoreError


class ImapJournal(Journal):
    """The log of the IMAP door."""

    def client(self, user: str, name: str) -> None:
        """A user's client said what it is (RFC 2971)."""
        self.log.info("client of {user}: {name!r}", user=user, name=name)

    def news_untold(self, user: str | None, host: str, error: StoreError) -> None:
        """A command was carried out, but the news behind it could not be read."""
        self.log.warn("{user} from {host} could not be told the news: {error}", user=user, host=host, error=error)


journal: Final = ImapJournal("imap")
