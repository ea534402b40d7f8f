"""What SEARCH, SORT, THREAD and ESEARCH have in common: finding messages among those of a mailbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from attrs import frozen

from imapd.doors.turns import about
from imapd.imap.errors import STORE_CODES, Bad, No
from imapd.imap.search.question import Question
from imapd.imap.session import UTF8_ACCEPT, Session
from imapd.imap.wire.numberset import NumberSet
from imapd.imap.wire.searchkey import SearchProgram, translate
from imapd.imap.wire.searchtree import asks_modseq, calls_by_number
from mailstore.errors import Corrupt, StoreError
from mailstore.interfaces import IMailbox, Passed, uncounted
from mailstore.model import Field
from mailstore.uidset import EMPTY, UidSet


@frozen
class Scope:
    r"""Where is looked: a mailbox, and what words of a search mean there.

    Attributes:
        mailbox: the mailbox.
        uids: the messages that may be found.
        recent: those that are ``\Recent``.
        saved: those that ``$`` stands for.

    """

    mailbox: IMailbox
    uids: UidSet
    recent: UidSet
    saved: UidSet = EMPTY

    def named(self, numbers: NumberSet, by_uid: bool) -> UidSet:
        """Return the messages that a key names; one that is not there is no error in a search (RFC 7377, 2)."""
        if numbers.saved:
            return self.uids & self.saved
        if by_uid:
            return self.uids & UidSet(numbers.resolve(self.uids.last if self.uids else 0))
        return self.uids.at_ranks(numbers.resolve(len(self.uids)))


def selected(session: Session) -> Scope:
    """Return the selected mailbox as its client knows it."""
    view = session.selected
    return Scope(session.mailbox, view.uids, view.recent, view.saved)


class LeftOut:
    """Whether something was left out of an answer: what is damaged, of which is said at the end that it was."""

    def __init__(self) -> None:
        self._any = False

    def note(self, _: Corrupt) -> None:
        """Take note that messages were left out."""
        self._any = True

    def tell(self) -> None:
        """Say so, once all else is answered; `No`."""
        if self._any:
            raise No("damaged messages were left out, an administrator must look", STORE_CODES[Corrupt])


async def find(session: Session, scope: Scope, program: SearchProgram | No, left_out: LeftOut) -> UidSet:
    """Return the messages that a program finds, and count those that were looked at; errors as of `accepted`."""
    session.progress.begin(len(scope.uids))
    return await search(session, scope, program, left_out, session.progress.passed)


async def search(
    session: Session, scope: Scope, program: SearchProgram | No, left_out: LeftOut, passed: Passed = uncounted
) -> UidSet:
    """Return the messages that a program finds; errors as of `accepted`."""
    key = accepted(session, program).key
    if asks_modseq(key):
        session.enable_condstore()
    query = await about(scope.saved.run_count, partial(translate, key, scope.named, scope.recent))
    return await scope.mailbox.search(query, scope.uids, passed, left_out.note)


def accepted(session: Session, program: SearchProgram | No) -> SearchProgram:
    """Return a program that this client may ask.

    Raises:
        No: its charset is refused.
        Bad: it calls messages, or spells texts, in a way that the client has given up.

    """
    if UTF8_ACCEPT in session.enabled:
        _require_utf8(program)
    if isinstance(program, No):
        raise program
    if session.uid_only and calls_by_number(program.key):
        raise Bad("messages have no numbers once UIDONLY is enabled; name them by UID", "UIDREQUIRED")
    return program


def _require_utf8(program: SearchProgram | No) -> None:
    """Make sure that texts are not in two charsets (RFC 6855, 3, and its erratum 4029, for SORT and THREAD too).

    The RFC would have CHARSET UTF-8 refused as well; but it contradicts nothing, and its refusal would help nobody.

    Raises:
        Bad: they are.

    """
    if isinstance(program, No) or program.charset == "US-ASCII":
        raise Bad("with UTF8=ACCEPT enabled, search texts are in UTF-8")


@contextmanager
def asking(session: Session, question: Question) -> Iterator[LeftOut]:
    """Empty ``$`` if the results were to be saved and there was an error (RFC 5182, 2.1).

    Raises:
        No: something was left out of the answer.
        Bad: the results of a search of this tag are kept up to date (RFC 5267, 4.3), or cannot be.

    """
    if question.wants(b"UPDATE"):
        if b"]" in session.tag:
            raise Bad("NOUPDATE could not tell of a tag with ] in it; use another tag")
        if session.has_selected and session.tag in session.selected.contexts:
            raise Bad("a search of this tag is kept up to date; use another tag, or cancel it by CANCELUPDATE")
    left_out = LeftOut()
    try:
        yield left_out
        left_out.tell()
    except (No, StoreError):
        if question.wants(b"SAVE"):
            session.selected.saved = EMPTY
        raise


async def highest_modseq(scope: Scope, program: SearchProgram | No, found: UidSet) -> int | None:
    """Return the highest mod-sequence of `found`, with which the answer ends if MODSEQ was searched for."""
    if isinstance(program, No) or not found or not asks_modseq(program.key):
        return None
    highest = 0
    async for rows in scope.mailbox.fetch(found, [Field.MODSEQ]):
        highest = max(highest, *rows.columns[Field.MODSEQ])
    return highest
