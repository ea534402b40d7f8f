"""A message comes in for another one."""

from collections.abc import Callable

from mailstore.changes import AppendedTo
from mailstore.errors import Expunged
from mailstore.interfaces import NewMessage
from mailstore.model import MailboxName, Uid
from mailstore.sqlite import appending, contents, mailboxes, messages, uidruns
from mailstore.sqlite.contents import Keeping
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import UidSet


def prepare(
    source: int, uid: Uid, target: MailboxName, message: NewMessage, keeping: Keeping
) -> Callable[[Writer], AppendedTo]:
    """Do what takes no lock; return the change: append to `target`, expunge from `source`.

    It raises `NotFound`, or `Expunged` if the message to be replaced is gone.
    """
    content = contents.prepare(message.spool.octets(), keeping)

    def replace(writer: Writer) -> AppendedTo:
        mailboxes.require(writer, source)
        replaced = uidruns.living(writer, source, UidSet([(uid, uid)]))
        if not replaced:
            raise Expunged("the message to be replaced is gone")
        appended = appending.append(writer, mailboxes.find(writer, target), [(message, content)], keeping.kinds)
        messages.expunge(writer, source, replaced, appended.modseq, messages.tally(writer, source, replaced))
        return appended

    return replace
