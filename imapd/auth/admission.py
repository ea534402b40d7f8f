"""How many connections there may be: of strangers, of one address, of one user (`imapd.limits`)."""

from collections.abc import Mapping

from imapd import limits
from imapd.auth.books import Books
from imapd.auth.throttle import address_key


class TooManyError(Exception):
    """One more is one too many; the text may be shown to the client."""


class Admission:
    """Counts the connections of a door, in every worker; sessions of a user are those at all doors."""

    def __init__(self, books: Books, door: str = "any", *, of_agents: bool = False) -> None:
        """Take where they are counted, what the door is called there, and whether agents come, which never log in."""
        self._tally, self._loads, self._door, self._of_agents = books.tally, books.loads, door, of_agents

    def come(self, host: str) -> None:
        """Count a connection from `host` that has not logged in; `TooManyError`, and nothing counted, if it must go."""
        self._require_room(host)
        self._count_stranger(host, 1)
        self._loads.add(1)

    def _require_room(self, host: str) -> None:
        if self.strangers(host) >= (limits.AGENT_CONNECTIONS if self._of_agents else limits.STRANGERS_PER_ADDRESS):
            raise TooManyError("too many connections from your address that have not logged in; close some")
        if self._tally.total(self._strangers) >= limits.STRANGERS:
            raise TooManyError("too many connections; try again in a minute")

    def log_in(self, host: str, user: str) -> None:
        """Count a connection from `host` as one of `user`; `TooManyError` if they are too many; it stays a stranger."""
        if self.sessions(user) >= limits.CONNECTIONS_PER_USER:
            raise TooManyError("you have too many sessions; end some first")
        self._count_stranger(host, -1)
        self._tally.add(_user(user), 1)

    def log_out(self, host: str, user: str) -> None:
        """Count a connection of `user` as a stranger's again; `TooManyError` if it must not stay, until it has left."""
        self._tally.add(_user(user), -1)
        try:
            self._require_room(host)
        finally:
            self._count_stranger(host, 1)

    def leave(self, host: str, user: str | None) -> None:
        """Forget a connection from `host`: one of `user`, or a stranger's if None."""
        if user is None:
            self._count_stranger(host, -1)
        else:
            self._tally.add(_user(user), -1)
        self._loads.add(-1)

    @property
    def counted(self) -> Mapping[str, int]:
        """What this process has counted, by what it is called in the books."""
        return self._tally.counts

    def strangers(self, host: str) -> int:
        """Return how many connections from `host` have not logged in."""
        return self._tally.total(self._address(host))

    def sessions(self, user: str) -> int:
        """Return how many sessions `user` has."""
        return self._tally.total(_user(user))

    @property
    def _strangers(self) -> str:
        return f"strangers at {self._door}"

    def _address(self, host: str) -> str:
        return f"{self._strangers} from {address_key(host)}"

    def _count_stranger(self, host: str, number: int) -> None:
        self._tally.add(self._address(host), number)
        self._tally.add(self._strangers, number)


def _user(name: str) -> str:
    return f"user {name}"
