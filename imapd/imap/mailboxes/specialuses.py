"""Which special uses a client may give to a mailbox (RFC 6154, 3 and 4)."""

from collections.abc import Set
from typing import Final

from imapd.imap.errors import No
from imapd.imap.wire.specialuse import SPELLINGS
from mailstore.model import SpecialUse

_VIRTUAL: Final = frozenset({SpecialUse.ALL, SpecialUse.FLAGGED})
"""Mailboxes that show the messages of others: ours hold what was put into them."""


def supported(uses: Set[SpecialUse | None]) -> SpecialUse | None:
    """Return the one use of a mailbox, None if it is to have none; among `uses`, None stands for one that is not known.

    Raises:
        No: there are several, or it is not supported.

    """
    if not uses:
        return None
    if len(uses) > 1:
        raise No("a mailbox has at most one special use", "USEATTR")
    [use] = uses
    if use is None or use in _VIRTUAL:
        raise No(
            f"{SPELLINGS[use].decode()} is not supported" if use else "this special use is not supported", "USEATTR"
        )
    return use
