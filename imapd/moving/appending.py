"""Messages appended in batches, in which one that the store does not take costs no other."""

from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from mailstore.changes import Origin
from mailstore.errors import TooBig
from mailstore.interfaces import IMailbox, NewMessage
from mailstore.model import SYSTEM_FLAGS, Uid
from mailstore.uidset import UidSet


@frozen
class Coming:
    """A message on its way into a mailbox.

    Attributes:
        source: names it in a report.
        uid: its UID where it comes from; None if it has none there.
        message: what is appended.

    """

    source: str
    uid: Uid | None
    message: NewMessage

    @property
    def plain(self) -> "Coming":
        """The same without keywords."""
        return evolve(self, message=evolve(self.message, flags=self.message.flags.intersection(SYSTEM_FLAGS)))


async def append(
    mailbox: IMailbox,
    batch: Sequence[Coming],
    origin: Callable[[UidSet], Origin | None],
    tell: Callable[[str, str], None],
) -> list[tuple[Coming, Uid]]:
    """Append messages, in one commit unless one of them is refused; return those that came, with their UIDs here.

    One whose keywords are too many for the account comes without them.  What the store refuses for every message is its
    `StoreError`.

    Args:
        mailbox: where they go.
        batch: in ascending order of their UIDs.
        origin: returns where messages come from, by their UIDs there.
        tell: is called with the source of a message that was refused as it is, and the reason.

    """
    there = UidSet.from_uids(each.uid for each in batch if each.uid is not None)
    try:
        appended = await mailbox.append([each.message for each in batch], origin(there))
    except TooBig as error:
        if len(batch) > 1:
            return [came for each in batch for came in await append(mailbox, [each], origin, tell)]
        [alone] = batch
        came = await append(mailbox, [alone.plain], origin, tell) if alone.plain != alone else []
        if came or alone.plain == alone:
            tell(alone.source, str(error))
        return came
    return list(zip(batch, appended.uids, strict=True))
