"""The address that somebody wants to set up."""

import re
from typing import Final

from attrs import frozen

_ADDRESS: Final = re.compile(r"([^\s@<>\"\\\x00-\x20\x7f]{1,64})@([^\s@<>\"/\\\x00-\x20\x7f]{1,255})")
"""Not RFC 5321's grammar: whatever may be one, as long as a file and a line can hold it."""


@frozen
class Address:
    """A local part and a domain, characters as they came."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"

    def login(self, whole: bool) -> str:  # a setting
        """Return the name to log in with: the whole address, or what stands before the @."""
        return str(self) if whole else self.local_part


def address(text: str) -> Address | None:
    """Return the address that `text` is; None if it can be none."""
    found = _ADDRESS.fullmatch(text)
    return Address(*found.groups()) if found else None
