"""What the user knows of files that do not say it themselves."""

from typing import Final

from attrs import frozen

from imapd.formats.mbox import Dialect
from imapd.formats.uidlformat import DOVECOTS, UidlFormat


@frozen
class Hints:
    """How to read what can be read in several ways.

    Attributes:
        dialect: of mboxes; None to tell it by what they hold.
        uidl_format: of Dovecot's UIDLs, where it has not written them down.

    """

    dialect: Dialect | None = None
    uidl_format: UidlFormat = DOVECOTS


NONE: Final = Hints()
"""The user knows nothing special."""
