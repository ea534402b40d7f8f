"""The contract that every backend keeps.

Everything that may read or write is awaitable, though a backend may answer at once; `foresee_append` alone says what it
can without waiting.  Every change is on disk when its awaitable answers, together with the mod-sequence, the counters
and the log entry that belong to it: all or nothing.  Errors are those of `mailstore.errors`.  Callers speak in UIDs and
meanings: neither sequence numbers nor wire spellings come here, and no value that is handed out lives on a transaction.
"""

from mailstore.interfaces.account import ILock, IMailAccount, Progress
from mailstore.interfaces.backup import IBackup
from mailstore.interfaces.mailbox import (
    Damaged,
    IMailbox,
    IStoredMessage,
    NewMessage,
    Passed,
    Rows,
    Snapshot,
    Source,
    left_out,
    raised,
    uncounted,
)
from mailstore.interfaces.store import IMailStore

__all__ = [
    "Damaged",
    "IBackup",
    "ILock",
    "IMailAccount",
    "IMailStore",
    "IMailbox",
    "IStoredMessage",
    "NewMessage",
    "Passed",
    "Progress",
    "Rows",
    "Snapshot",
    "Source",
    "left_out",
    "raised",
    "uncounted",
]
