"""An account on another server, brought into one of the store: folders, messages, flags, uses, subscriptions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import Final, ParamSpec, TypeVar

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from imapd.moving.appending import Coming, append
from imapd.moving.moved import Moved
from imapd.moving.reporter import Reporter
from imapd.moving.settling import settle
from imapd.remote.account import RemoteAccount, batches
from imapd.remote.errors import RefusedError
from imapd.remote.folders import Folder
from imapd.remote.messages import SURVEYED_AT_ONCE, Arrival, Survey
from imapd.remote.pop3 import Maildrop
from imapd.remote.uidls import uidls
from mailstore.changes import Origin, Stored
from mailstore.errors import Conflict, NotFound, TooBig
from mailstore.interfaces import IMailAccount, IMailbox, NewMessage
from mailstore.model import SYSTEM_FLAGS, Field, Flags, StoreFlags, Uid
from mailstore.names import INBOX
from mailstore.uidset import EMPTY, UidSet

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Batch = tuple[Sequence[int], Sequence[int]]

_NOTHING: Final[_Batch] = ((), ())
_FLAGS_AND_SIZE: Final = (Field.FLAGS, Field.SIZE)


@define
class _Pair:
    """A folder elsewhere and the mailbox here."""

    folder: Folder
    moved: Moved
    survey: Survey
    mailbox: IMailbox
    uids_kept: bool
    uidls: Mapping[int, str]
    known: UidSet
    wanted: list[_Batch]


class MoveIn:
    """Brings what is new of an account elsewhere, and nothing twice."""

    def __init__(
        self, account: IMailAccount, remote: RemoteAccount, user: str, maildrop: Maildrop | None = None
    ) -> None:
        """Take the account here and the one elsewhere, which is `user`'s there, and what POP3 shows of it."""
        self._maildrop = maildrop
        self._account, self._remote, self._user = account, remote, user
        self._pairs: list[_Pair] = []

    @property
    def octets(self) -> int:
        """How many octets are to be brought, once `look` has looked."""
        return sum(sum(sizes) for pair in self._pairs for _, sizes in pair.wanted)

    async def look(self, seen: Callable[[int, int], None], *, virtual: bool) -> list[Moved]:
        """Look through the account elsewhere, and make its folders here; return what will become of each.

        Args:
            seen: is told how many of how many folders were looked through.
            virtual: take folders that show messages of others, too.

        """
        folders = await _in_thread(self._remote.folders)
        found = []
        for folder in folders:
            found.append(moved := Moved(folder.name))
            if folder.virtual and not virtual:
                moved.notes.append("left out: it shows messages of other folders")
            else:
                await self._look_into(folder, moved)
            seen(len(found), len(folders))
        await settle(self._account, [pair.folder for pair in self._pairs])
        return found

    async def _look_into(self, folder: Folder, moved: Moved) -> None:
        try:
            survey = await _in_thread(self._remote.survey, folder)
        except RefusedError as error:
            moved.failed = True
            moved.notes.append(str(error))
            return
        moved.there, moved.octets = len(survey.uids), sum(survey.sizes)
        mailbox = await self._mailbox(folder)
        uids_kept = await _adopted(mailbox, survey)
        if not uids_kept:
            moved.notes.append("its messages get new UIDs")
        known = await mailbox.brought(self._source(folder), survey.uid_validity)
        new = UidSet.from_uids(survey.uids) - known
        given = UidSet([(1, (await self._account.status(folder.name)).uid_next - 1)]) if uids_kept else EMPTY
        in_turn = (new - given, new & given)  # what is too late for its UID comes last, or it would cost others theirs
        wanted = [batch for uids in in_turn for batch in batches(*survey.only(uids))]
        names = await self._uidls(folder, survey, moved)
        self._pairs.append(_Pair(folder, moved, survey, mailbox, uids_kept, names, known, wanted))

    async def _uidls(self, folder: Folder, survey: Survey, moved: Moved) -> Mapping[int, str]:
        """Return what POP3 clients know the messages of a folder by."""
        if self._maildrop is None or folder.name != INBOX:
            return {}
        names = await _in_thread(uidls, self._remote, folder, survey, self._maildrop)
        await _in_thread(self._maildrop.close)
        if len(names) < moved.there:
            moved.notes.append(f"{moved.there - len(names)} without a name for POP3")
        return names

    async def _mailbox(self, folder: Folder) -> IMailbox:
        with suppress(NotFound):
            return await self._account.mailbox(folder.name)
        await self._account.create(folder.name)
        return await self._account.mailbox(folder.name)

    def _source(self, folder: Folder) -> str:
        """Name a folder elsewhere: without the host, whose name may by now be the new server's."""
        return f"{self._user} {folder.text}"

    async def bring(self, progress: Reporter, *, flags: bool) -> None:
        """Bring the messages that are new, and look whether all are here.

        What the store refuses for every message ends it with a `StoreError`; batches before that stay.

        Args:
            progress: is told how it goes on.
            flags: give messages that were here before the flags that they have elsewhere.

        """
        for pair in self._pairs:
            await self._bring(pair, progress)
            await pair.mailbox.finish()
            if flags and pair.uids_kept:
                await self._reflag(pair, progress)
            await _verify(pair)

    async def _bring(self, pair: _Pair, progress: Reporter) -> None:
        """Bring a folder's messages, one batch on its way while another is stored."""
        if not pair.wanted:
            return
        coming = _in_thread(self._remote.batch, pair.folder, *pair.wanted[0])
        for (uids, sizes), following in zip_longest(pair.wanted, pair.wanted[1:], fillvalue=_NOTHING):
            arrivals = await coming
            coming = _in_thread(self._remote.batch, pair.folder, *following)
            try:
                await self._append(pair, arrivals, progress)
            except BaseException:
                self._remote.abort()
                coming.addCallbacks(_close, lambda _: None)
                raise
            finally:
                _close(arrivals)
            pair.moved.lacking += len(uids) - len(arrivals)
            progress.advance(sum(sizes))

    async def _append(self, pair: _Pair, arrivals: Sequence[Arrival], progress: Reporter) -> None:
        """Append what came of a batch."""
        if not arrivals:
            return
        batch = [_coming(pair, arrival) for arrival in arrivals]
        origin = partial(Origin, self._source(pair.folder), pair.survey.uid_validity)
        came = await append(pair.mailbox, batch, origin, lambda *refused: progress.say(f"imapd: {': '.join(refused)}"))
        pair.moved.brought += len(came)
        pair.moved.lacking += len(batch) - len(came)

    async def _reflag(self, pair: _Pair, progress: Reporter) -> None:
        """Give messages that were here before the flags that they have elsewhere."""
        there_too = UidSet.from_uids(pair.survey.uids)
        here = pair.known & (await pair.mailbox.snapshot()).uids
        for piece in (here & surveyed for surveyed in there_too.batches(SURVEYED_AT_ONCE)):
            if not piece:
                continue
            there = await _in_thread(self._remote.flags, pair.folder, piece.first, piece.last)
            changes: dict[Flags, list[Uid]] = {}
            async for rows in pair.mailbox.fetch(piece, _FLAGS_AND_SIZE):
                for uid, *now in zip(rows.uids, *map(rows.columns.__getitem__, _FLAGS_AND_SIZE), strict=True):
                    flags, size = there.get(uid, now)
                    if size == now[1] and flags != now[0]:
                        changes.setdefault(flags, []).append(uid)
            for flags, uids in changes.items():
                stored = await _stored(pair, UidSet.from_uids(uids), flags, progress)
                pair.moved.reflagged += len(stored.changed)


def _coming(pair: _Pair, arrival: Arrival) -> Coming:
    uid = arrival.uid if pair.uids_kept else None
    new = NewMessage(arrival.spool, arrival.flags, arrival.internal_date, uid, pair.uidls.get(arrival.uid))
    return Coming(f"{pair.folder.name}, UID {arrival.uid}", arrival.uid, new)


async def _stored(pair: _Pair, uids: UidSet, flags: Flags, progress: Reporter) -> Stored:
    """Replace the flags of messages; by those that are no keywords if the account takes no more of these."""
    try:
        return await pair.mailbox.store(uids, StoreFlags.REPLACE, flags)
    except TooBig as error:
        progress.say(f"imapd: {pair.folder.name}, keywords of {len(uids)} messages: {error}")
        return await pair.mailbox.store(uids, StoreFlags.REPLACE, flags.intersection(SYSTEM_FLAGS))


async def _adopted(mailbox: IMailbox, survey: Survey) -> bool:
    """Let a mailbox be the folder elsewhere, if it can; tell whether it is."""
    try:
        await mailbox.adopt(survey.uid_validity, survey.uid_next)
    except Conflict:
        return False
    return True


async def _verify(pair: _Pair) -> None:
    """Count what is here, and look for each size that is there."""
    sizes: Counter[int] = Counter()
    async for rows in pair.mailbox.fetch((await pair.mailbox.snapshot()).uids, [Field.SIZE]):
        sizes.update(rows.columns[Field.SIZE])
    pair.moved.here = sizes.total()
    pair.moved.octets_here = sum(size * count for size, count in sizes.items())
    missing = (Counter(pair.survey.sizes) - sizes).total()
    pair.moved.unequal = max(0, missing - pair.moved.lacking)


def _in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Deferred[_T]:
    return deferToThread(work, *args, **kwargs)


def _close(arrivals: Sequence[Arrival]) -> None:
    for arrival in arrivals:
        arrival.spool.close()
