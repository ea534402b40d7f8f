"""What the log says of a door: a line for each login, failure and logout, for slow commands, and for faults.

Who connects may try to write the log: what a stranger sends is in it only as a failed name, quoted, and what a user's
client says of itself only once a session.
"""

import secrets
from typing import Final

from twisted.logger import Logger

from mailstore.errors import StoreError


class Journal:
    """The log of one door."""

    def __init__(self, door: str) -> None:
        """Take what the door is called in the log."""
        self.log: Final = Logger(f"imapd.{door}")

    def login(self, user: str, host: str, *, encrypted: bool) -> None:
        """Somebody logged in."""
        self.log.info("login: {user} from {host}, {tls}", user=user, host=host, tls="TLS" if encrypted else "no TLS")

    def login_failed(self, name: bytes, host: str) -> None:
        """Somebody gave a wrong name or password."""
        self.log.info("login failed: {name!r} from {host}", name=name.decode("utf-8", "replace"), host=host)

    def logout(self, user: str, host: str, octets_in: int, octets_out: int) -> None:
        """A session that had logged in ended, properly or otherwise."""
        self.log.info(
            "logout: {user} from {host}, {octets_in} octets in, {octets_out} out",
            user=user,
            host=host,
            octets_in=octets_in,
            octets_out=octets_out,
        )

    def account_removed(self, user: str | None, host: str) -> None:
        """Somebody was logged in whose account is gone."""
        self.log.info("the account of {user} was removed, whose session from {host} ends", user=user, host=host)

    def slow(self, command: bytes, seconds: float, user: str | None, host: str) -> None:
        """A command took longer than the threshold."""
        self.log.warn(
            "slow command: {command} took {seconds:.3f} s for {user} from {host}",
            command=command.decode("ascii", "replace"),
            seconds=seconds,
            user=user,
            host=host,
        )

    def broke_off(self, user: str | None, host: str, error: StoreError) -> None:
        """The store failed in the middle of an answer, so that the connection ends."""
        self.log.warn("an answer to {user} from {host} broke off: {error}", user=user, host=host, error=error)

    def internal_error(self, command: bytes) -> str:
        """A command raised what it should not have, just now; return the reference that finds it in the log."""
        reference = secrets.token_hex(4)
        name = command.decode("ascii", "replace")
        self.log.failure("internal error {reference} in {command}", reference=reference, command=name)
        return reference
