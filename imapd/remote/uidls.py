"""Which message of IMAP is which of POP3, where the two doors of a server have no name in common.

Dovecot's own migration (its plugin ``pop3_migration``) does it so too: by order and size, and by header where that
leaves doubt.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from hashlib import blake2b
from typing import Final, TypeVar

from imapd.remote.account import RemoteAccount
from imapd.remote.folders import Folder
from imapd.remote.messages import Survey
from imapd.remote.pop3 import Maildrop

_K = TypeVar("_K", bound=Hashable)
_Some = Iterable[tuple[int, bytes]]
_Headers = Callable[[list[int], list[int]], tuple[_Some, _Some]]

_CHANGING: Final = (b"status:", b"x-status:", b"x-keywords:", b"x-uid:", b"x-uidl:", b"x-imap:", b"content-length:")
"""Fields that servers write themselves, and show at one door only."""


def uidls(account: RemoteAccount, inbox: Folder, survey: Survey, maildrop: Maildrop) -> dict[int, str]:
    """Return what POP3 clients know the messages of INBOX by, by UID; those that cannot be told are left out.

    Blocks; raises `RefusedError`, `LostError`.
    """
    named = {each.number: each for each in maildrop.messages()}

    def headers(uids: list[int], numbers: list[int]) -> tuple[_Some, _Some]:
        return account.headers(inbox, uids), ((number, maildrop.header(number)) for number in numbers)

    sizes = dict(zip(survey.uids, survey.sizes, strict=True))
    pairs = matched(sizes, {number: each.size for number, each in named.items()}, headers)
    return {uid: named[number].uidl for uid, number in pairs.items()}


def matched(imap: Mapping[int, int], pop3: Mapping[int, int], headers: _Headers) -> dict[int, int]:
    """Return the numbers in POP3 of messages by their UIDs; those that cannot be told are left out.

    Args:
        imap: octets of each message, by UID.
        pop3: octets of each message, by number.
        headers: returns UIDs with headers, and numbers with headers; of each no more than a digest is held.

    """
    if [imap[uid] for uid in sorted(imap)] == [pop3[number] for number in sorted(pop3)]:
        return dict(zip(sorted(imap), sorted(pop3), strict=True))
    found = _paired(imap, pop3)
    uids = sorted(set(imap) - set(found))
    numbers = sorted(set(pop3) - set(found.values()))
    if uids and numbers:
        found |= _paired(*({key: digest(each) for key, each in side} for side in headers(uids, numbers)))
    return found


def _paired(left: Mapping[int, _K], right: Mapping[int, _K]) -> dict[int, int]:
    """Return which are the same: those of one mark, in order, if as many have it on both sides."""
    marks: dict[_K, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, keys in enumerate((left, right)):
        for key in sorted(keys):
            marks[keys[key]][side].append(key)
    pairs: dict[int, int] = {}
    for ours, theirs in marks.values():
        if len(ours) == len(theirs):
            pairs.update(zip(ours, theirs, strict=True))
    return pairs


def digest(header: bytes) -> bytes:
    """Return a digest of a header's lines in any order, but for those that change."""
    lines = sorted(line for line in header.splitlines() if line and not line.lower().startswith(_CHANGING))
    return blake2b(b"\n".join(lines), digest_size=16).digest()
