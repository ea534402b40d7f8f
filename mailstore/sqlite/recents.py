"""Which messages are ``\\Recent`` to whom: each to one session, the first that was told of it (RFC 3501, 2.3.2)."""

from mailstore.model import Uid


class Recents:
    """What the sessions of this process have claimed.

    It is written with the next change of the account, not for itself: what is lost is shown as recent once more,
    which the RFC allows.
    """

    def __init__(self) -> None:
        self._claimed: dict[int, Uid] = {}
        self._unwritten: dict[int, Uid] = {}

    def claimed(self, mailbox: int) -> Uid:
        """Return the UID below which messages have been claimed here."""
        return self._claimed.get(mailbox, Uid(1))

    def claim(self, mailbox: int, first: Uid, upto: Uid) -> Uid:
        """Claim from `first`, or from what is claimed here already, up to `upto`; return where the claim begins."""
        begin = max(first, self.claimed(mailbox))
        if upto > begin:
            self._unwritten[mailbox] = upto
        self._claimed[mailbox] = max(begin, upto)
        return begin

    def take_unwritten(self) -> dict[int, Uid]:
        """Return the claims that must be written, which are no longer to be written then."""
        unwritten, self._unwritten = self._unwritten, {}
        return unwritten
