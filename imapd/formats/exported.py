"""What an export says of an account beside the mail, where its format has no place for it: ``imapd-account.json``.

For each file or folder of a mailbox, by its path below the export, the mailbox's name and special use.  Whatever else
there is to say, the formats say themselves, so that nothing here can be wrong once another program has used the mail.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from mailstore.errors import InvalidName
from mailstore.model import MailboxName, SpecialUse
from mailstore.names import SEPARATOR, mailbox_name

FILE: Final = "imapd-account.json"
_VERSION: Final = 1
_MAX_OCTETS: Final = 64 << 20
"""Of the file: more than 100,000 names of the greatest length that exports have had."""


@frozen
class Place:
    """A mailbox whose messages are at some place below the export."""

    name: MailboxName
    special_use: SpecialUse | None = None

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of its name."""
        return tuple(self.name.split(SEPARATOR))


def write(root: Path, places: Mapping[str, Place]) -> None:
    """Write it into the folder of an export; `OSError`."""
    said = {
        path: {"mailbox": place.name} | ({"use": place.special_use.value} if place.special_use else {})
        for path, place in places.items()
    }
    text = json.dumps({"version": _VERSION, "places": said}, indent=1, ensure_ascii=False)
    (root / FILE).write_text(text + "\n", "utf-8")


def read(root: Path) -> dict[str, Place]:
    """Return what is said there, as far as it can be understood; nothing if that is no export of ours."""
    try:
        with (root / FILE).open("rb") as file:
            said = json.loads(file.read(_MAX_OCTETS))
        places = said["places"].items() if said["version"] == _VERSION else ()
        return {path: _place(place) for path, place in places}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, InvalidName):
        return {}


def _place(said: Mapping[str, str]) -> Place:
    use = said.get("use")
    return Place(mailbox_name(said["mailbox"]), None if use is None else SpecialUse(use))
