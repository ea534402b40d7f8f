"""How a command can end other than well, and how the store's errors are spelled in POP3."""

from collections.abc import Callable
from typing import Final

from mailstore import errors as store

TEMPORARY: Final = "SYS/TEMP"
"""The server cannot do it now (RFC 3206, 4)."""
PERMANENT: Final = "SYS/PERM"
"""Somebody has to look after the server first (RFC 3206, 4)."""
CREDENTIALS: Final = "AUTH"
"""Name or password are wrong, and nothing else (RFC 3206, 4)."""
IN_USE: Final = "IN-USE"
"""Another session has the maildrop (RFC 2449, 8.1.2)."""


LOGIN_DELAY: Final = "LOGIN-DELAY"
"""The session before began too short a time ago (RFC 2449, 8.1.1)."""


class Refused(Exception):
    """The root of what a command raises to end itself."""

    def __init__(self, text: str, code: str | None = None) -> None:
        """Take the human-readable `text` and the response `code` without its brackets (RFC 2449, 8)."""
        super().__init__(text)
        self.text = text
        self.code = code

    def line(self, say: Callable[[str], str] = str) -> bytes:
        """Return what stands behind ``-ERR``, in a language."""
        text = say(self.text)
        return (f"[{self.code}] {text}" if self.code else text).encode()


class Wrong(Refused):
    """No command, or not as it must be given."""


class Farewell(Refused):
    """The connection ends."""


STORE_CODES: Final[dict[type[store.StoreError], str | None]] = {
    store.NotFound: PERMANENT,
    store.AlreadyExists: PERMANENT,
    store.HasChildren: PERMANENT,
    store.NotPermitted: PERMANENT,
    store.ReadOnly: PERMANENT,
    store.OverQuota: PERMANENT,
    store.TooBig: PERMANENT,
    store.InvalidName: PERMANENT,
    store.Expunged: None,
    store.Conflict: IN_USE,
    store.Busy: TEMPORARY,
    store.Unavailable: TEMPORARY,
    store.Corrupt: PERMANENT,
}
"""Response codes for each error of the store; of one message that is gone, the rest of the maildrop knows nothing."""


def spell(error: store.StoreError) -> Refused:
    """Return what the client is told of a store's error."""
    return Refused(str(error), STORE_CODES[type(error)])
