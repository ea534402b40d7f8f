"""How many connections there may be: of strangers, of one address, of one user (`imapd.limits`)."""

from collections import Counter

from imapd import limits


class TooManyError(Exception):
    """One more is one too many; the text may be shown to the client."""


class Admission:
    """Counts the connections of a door."""

    def __init__(self, *, of_agents: bool = False) -> None:
        """Take whether those who come are transfer agents, which never log in."""
        self._of_agents = of_agents
        self._strangers: Counter[str] = Counter()
        self._users: Counter[str] = Counter()

    def come(self, host: str) -> None:
        """Count a connection from `host` that has not logged in; `TooManyError`, and nothing counted, if it must go."""
        self._require_room(host)
        self._strangers[host] += 1

    def _require_room(self, host: str) -> None:
        if self._strangers[host] >= (limits.AGENT_CONNECTIONS if self._of_agents else limits.STRANGERS_PER_ADDRESS):
            raise TooManyError("too many connections from your address that have not logged in; close some")
        if self._strangers.total() >= limits.STRANGERS:
            raise TooManyError("too many connections; try again in a minute")

    def log_in(self, host: str, user: str) -> None:
        """Count a connection from `host` as one of `user`; `TooManyError` if they are too many; it stays a stranger."""
        if self._users[user] >= limits.CONNECTIONS_PER_USER:
            raise TooManyError("you have too many sessions; end some first")
        self.leave(host, None)
        self._users[user] += 1

    def log_out(self, host: str, user: str) -> None:
        """Count a connection of `user` as a stranger's again; `TooManyError` if it must not stay, until it has left."""
        self.leave(host, user)
        try:
            self._require_room(host)
        finally:
            self._strangers[host] += 1

    def leave(self, host: str, user: str | None) -> None:
        """Forget a connection from `host`: one of `user`, or a stranger's if None."""
        counter, key = (self._strangers, host) if user is None else (self._users, user)
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]
