"""How a command can end other than well, and how the store's errors are spelled in IMAP."""

from typing import Final
from urllib.parse import quote_from_bytes

from mailstore import errors as store


class CommandError(Exception):
    """The root of what a command raises to end itself."""

    def __init__(self, text: str, code: str | None = None) -> None:
        """Take the human-readable `text` and the response `code` without its brackets (RFC 3501, 7.1; RFC 5530)."""
        super().__init__(text)
        self.text = text
        self.code = code


class Bad(CommandError):
    """The client broke the grammar, or the command is not for this state."""


class No(CommandError):
    """Understood, and refused."""


class BadUrl(No):
    """A URL that names nothing here (RFC 4469, 4.1)."""

    def __init__(self, text: str, url: bytes) -> None:
        """Take the `text`, and the `url` for the response code, which percent-encodes what it cannot hold.

        ``badurl-response-code = "BADURL" SP url-resp-text``
        """
        spelled = quote_from_bytes(url, safe=_IN_URL) or '""'
        super().__init__(text, f"BADURL {spelled}")


_IN_URL: Final = bytes(octet for octet in range(0x21, 0x7F) if octet not in b']"\\')


class Bye(CommandError):
    """The connection ends."""


STORE_CODES: Final[dict[type[store.StoreError], str | None]] = {
    store.NotFound: "NONEXISTENT",
    store.AlreadyExists: "ALREADYEXISTS",
    store.HasChildren: "HASCHILDREN",
    store.NotPermitted: "CANNOT",
    store.ReadOnly: "READ-ONLY",
    store.OverQuota: "OVERQUOTA",
    store.TooBig: "LIMIT",
    store.InvalidName: "CANNOT",
    store.Expunged: "EXPUNGEISSUED",
    store.Conflict: "INUSE",
    store.Busy: "INUSE",
    store.Unavailable: "UNAVAILABLE",
    store.Corrupt: "CORRUPTION",
}
"""Response codes of RFC 5530 (HASCHILDREN: RFC 9051) for each error of the store."""


def spell(error: store.StoreError) -> No:
    """Return what the client is told of a store's error."""
    return No(str(error), STORE_CODES[type(error)])
