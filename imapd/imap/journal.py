"""What the log says of the IMAP door: a line for each login, failure and logout, for slow commands, and for faults.

Who connects may try to write the log: what a stranger sends is in it only as a failed name, quoted, and what a user's
client says of itself only once a session.
"""

import secrets
from typing import Final

from twisted.logger import Logger

from mailstore.errors import StoreError

_log: Final = Logger()


def login(user: str, host: str, *, encrypted: bool) -> None:
    """Somebody logged in."""
    _log.info("login: {user} from {host}, {tls}", user=user, host=host, tls="TLS" if encrypted else "no TLS")


def login_failed(name: bytes, host: str) -> None:
    """Somebody gave a wrong name or password."""
    _log.info("login failed: {name!r} from {host}", name=name.decode("utf-8", "replace"), host=host)


def logout(user: str, host: str, octets_in: int, octets_out: int) -> None:
    """A session that had logged in ended, by LOGOUT or otherwise."""
    _log.info(
        "logout: {user} from {host}, {octets_in} octets in, {octets_out} out",
        user=user,
        host=host,
        octets_in=octets_in,
        octets_out=octets_out,
    )


def client(user: str, name: str) -> None:
    """A user's client said what it is (RFC 2971)."""
    _log.info("client of {user}: {name!r}", user=user, name=name)


def slow(command: bytes, seconds: float, user: str | None, host: str) -> None:
    """A command took longer than the threshold."""
    _log.warn(
        "slow command: {command} took {seconds:.3f} s for {user} from {host}",
        command=command.decode("ascii", "replace"),
        seconds=seconds,
        user=user,
        host=host,
    )


def news_untold(user: str | None, host: str, error: StoreError) -> None:
    """A command was carried out, but the news behind it could not be read."""
    _log.warn("{user} from {host} could not be told the news: {error}", user=user, host=host, error=error)


def internal_error(command: bytes) -> str:
    """A command raised what it should not have, just now; return the reference that finds it in the log."""
    reference = secrets.token_hex(4)
    name = command.decode("ascii", "replace")
    _log.failure("internal error {reference} in {command}", reference=reference, command=name)
    return reference
