"""What a command may touch: who acts, on which account, what is selected and enabled, and the way to the client.

There is no transport here: a session speaks through its `Client`, which is the connection, or a test.
"""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import lru_cache, partial
from typing import Final, Protocol

from twisted.cred.credentials import ICredentials

from imapd import languages
from imapd.auth.realm import Login
from imapd.config import Config
from imapd.doors.outflow import Disconnected
from imapd.doors.turns import about
from imapd.imap.errors import No
from imapd.imap.news.notifying import EVERYTHING, Watch, Wish, notify_watch
from imapd.imap.progress import Progress
from imapd.imap.selected import Selected
from imapd.imap.wakening import Woken
from imapd.imap.wire import encode, names
from imapd.imap.wire.numberset import NumberSet
from mailstore.changes import Stored
from mailstore.errors import StoreError
from mailstore.interfaces import IMailAccount, IMailbox, Rows
from mailstore.model import ModSeq
from mailstore.uidset import UidSet

CONDSTORE: Final = b"CONDSTORE"
METADATA: Final = b"METADATA"
QRESYNC: Final = b"QRESYNC"
IMAP4REV2: Final = b"IMAP4REV2"
UTF8_ACCEPT: Final = b"UTF8=ACCEPT"
UIDONLY: Final = b"UIDONLY"
Found = tuple[object, Rows]
"""What was asked of a message, and what was found."""
KNOWN_TEXTS: Final = 128
"""Texts of OK that are remembered as they are sent: nearly every command ends in one of a few."""
_NOTHING: Final[frozenset[bytes]] = frozenset()  # one for all: each that is made takes 216 octets


def _words(language: languages.Language, text: str) -> bytes:
    """Return a text for people in a language, as a status response has it."""
    return encode.text(language.say(text), charset="ascii" if language.ascii else "utf-8")


_known_words: Final = lru_cache(KNOWN_TEXTS)(_words)


def _resp_text(words: bytes, code: str | None) -> bytes:
    """``resp-text = ["[" resp-text-code "]" SP] text``; UTF-8 once a language was chosen (RFC 5255, 3.5)."""
    return b"[%b] %b" % (code.encode(), words) if code else words


class State(Enum):
    """The states of a connection (RFC 3501, 3); the values are Twisted's names for them."""

    NOT_AUTHENTICATED = "unauth"
    AUTHENTICATED = "auth"
    SELECTED = "select"
    LOGOUT = "logout"


class Client(Protocol):
    """The other end, as far as a command may see it."""

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along: TLS, or a loopback or UNIX socket."""

    @property
    def tls_available(self) -> bool:
        """Whether STARTTLS would be accepted."""

    @property
    def compressed(self) -> bool:
        """Whether COMPRESS is active."""

    def write(self, octets: bytes) -> None:
        """Send `octets`, some time soon."""

    async def drained(self) -> None:
        """Return when the client has taken enough of what was written; `Disconnected` when it is gone."""

    def line(self) -> bytes | None:
        """Return the client's line, if a whole one has come (after a continuation request)."""

    def woken(self, timeout: float | None) -> Awaitable[Woken]:
        """Wait for a line, for news, or for `timeout` seconds."""

    async def line_or_time(self, seconds: float) -> None:
        """Wait for some of a line, or for `seconds`, whatever the news."""

    def wake(self) -> None:
        """Say that there is news: for a command that waits, or for a client that listens."""

    def account_removed(self) -> None:
        """Say that there is nothing left to act on, and end the connection."""

    def note_untold(self, error: StoreError) -> None:
        """Take note that the store could not say what happened; a client that listens is told later."""

    async def log_in(self, credentials: ICredentials) -> Login:
        """Check `credentials`; `No` if they are refused."""

    def logged_out(self, user: str) -> None:
        """Take note that `user` is not logged in any more; `Bye` if the connection cannot stay."""

    def start_tls(self) -> None:
        """Negotiate TLS from the next octet on, forgetting what was received in the clear."""

    def compress(self) -> None:
        """Deflate and inflate from the next octet on."""

    def end_compression(self) -> None:
        """Do not, from the next octet on."""

    def close(self) -> None:
        """End the connection once everything written is sent."""

    def break_off(self, error: StoreError) -> None:
        """End the connection once everything written is sent, in the middle of an answer."""

    def abort(self) -> None:
        """End the connection at once."""


class Session:
    """One client's session."""

    __slots__ = (
        "_login",
        "_mailbox",
        "_selected",
        "client",
        "closing",
        "config",
        "enabled",
        "found",
        "found_before",
        "introduced",
        "language",
        "news",
        "progress",
        "responding",
        "stamp",
        "tag",
        "watch",
    )

    def __init__(self, client: Client, config: Config) -> None:
        self.client = client
        self.config = config
        self.enabled = _NOTHING
        self.closing = False
        self.introduced = False
        self.language = languages.DEFAULT
        self.tag = b""
        """The tag of the command that runs, for answers that name it."""
        self.progress = Progress()
        """How far it is."""
        self.found: Found | None = None
        """What it found that the next one may ask for again."""
        self.found_before: Found | None = None
        """What the one before it found."""
        self.responding = False
        """Whether part of a response was sent, so that nothing else may be."""
        self._login: Login | None = None
        self._mailbox: IMailbox | None = None
        self._selected: Selected | None = None
        self.news = False
        """Whether the account has changed since the client was told of changes."""
        self.stamp: bytes | None = None
        """The account's stamp (`IMailAccount.stamp`) when it was asked last what happened; None if it must be asked."""
        self.watch: Watch | None = None
        """What is told beyond the commands; None before anything was asked for."""

    def begin(self, tag: bytes) -> None:
        """Begin a command; what was found before the last one is forgotten."""
        self.tag = tag
        self.progress.begin(0)
        self.found_before, self.found = self.found, None

    @property
    def state(self) -> State:
        """The state of RFC 3501, 3."""
        if self.closing:
            return State.LOGOUT
        if self._login is None:
            return State.NOT_AUTHENTICATED
        return State.AUTHENTICATED if self._selected is None else State.SELECTED

    @property
    def has_selected(self) -> bool:
        """Whether a mailbox is selected."""
        return self._selected is not None

    # Who acts, on what

    @property
    def login(self) -> Login:
        """Who acts, on which account; only once authenticated."""
        assert self._login is not None, "the command table lets no command run before its state"
        return self._login

    @property
    def user(self) -> str | None:
        """The name of who acts; None before login."""
        return None if self._login is None else self._login.user

    @property
    def account(self) -> IMailAccount:
        """The account that commands act on."""
        return self.login.account

    @property
    def mailbox(self) -> IMailbox:
        """The selected mailbox."""
        assert self._mailbox is not None, "the command table lets no command run before its state"
        return self._mailbox

    @property
    def selected(self) -> Selected:
        """What the client knows of the selected mailbox."""
        assert self._selected is not None, "the command table lets no command run before its state"
        return self._selected

    def logged_in(self, login: Login) -> None:
        """Act as `login` from now on."""
        self._login = login
        login.account.feed.subscribe(self._rung)
        login.account.removed.subscribe(self.client.account_removed)

    async def unauthenticate(self) -> None:
        """Be as before login (RFC 8437): nothing is left of the user, whatever a session may come to know.

        Raises:
            Bye: the connection cannot stay.

        """
        login = self.login
        self._ignore(login.account)
        Session.__init__(self, self.client, self.config)
        try:
            self.client.logged_out(login.user)
        finally:
            await login.end()

    async def log_out(self) -> None:
        """Let go of the mailbox and the account."""
        self.closing = True
        self.deselect()
        login, self._login = self._login, None
        if login is not None:
            self._ignore(login.account)
            await login.end()

    def _ignore(self, account: IMailAccount) -> None:
        account.feed.unsubscribe(self._rung)
        account.removed.unsubscribe(self.client.account_removed)

    def _rung(self) -> None:
        self.news = True
        self.client.wake()

    def select(self, mailbox: IMailbox, selected: Selected) -> None:
        """Make `mailbox` the selected one, of which the client knows `selected`."""
        self._mailbox, self._selected = mailbox, selected
        if self.uid_only:
            selected.call_by_uid()

    async def named(self, numbers: NumberSet, *, by_uid: bool) -> UidSet:
        """Return the messages that a command names; `Bad` as of `Selected.named`."""
        runs = self.selected.saved.run_count if numbers.saved else 0
        return await about(runs, partial(self.selected.named, numbers, by_uid=by_uid))

    def deselect(self) -> None:
        """Leave the selected mailbox, if there is one; nothing is expunged."""
        if self._mailbox is not None and self.watch is not None:
            self.watch.leave(self._mailbox, self.selected.highest_modseq)
            self.news = True
        self._mailbox = self._selected = None

    # What the client is told

    @property
    def wish(self) -> Wish:
        """What the client is told of the selected mailbox."""
        return EVERYTHING if self.watch is None else self.watch.selected

    @property
    def settled(self) -> bool:
        """Whether nothing is to be told, nor to be asked for."""
        return not self.news and (self._selected is None or self._selected.settled)

    @property
    def has_news_to_tell(self) -> bool:
        """Whether the client should be told of changes though no command is in progress (RFC 5465, 3.1)."""
        return self.news and self.watch is not None and self.watch.at_all_times

    def look(self) -> None:
        """Take note that there may be news, unless nobody was told of any since the account was asked last."""
        self.news = self.news or self.stamp is None or self.login.account.stamp() != self.stamp

    def stop_notifying(self) -> None:
        """Tell the client nothing more unasked, and that this is so (RFC 5465, 5.8)."""
        if self.watch is not None:
            self.watch = notify_watch((), self.watch.upto)
            self.remark("more happened than can be told; give NOTIFY again", "NOTIFICATIONOVERFLOW")

    def own(self, modseq: ModSeq | None) -> None:
        """Note that the client itself made the change of `modseq`, if there was one, and knows of it."""
        if modseq is None:
            return
        if self.has_selected:
            self.selected.own(modseq)
        if self.watch is not None:
            self.watch.own(modseq)

    def own_flags(self, stored: Stored) -> None:
        """Note that the client itself changed flags, if any; unless something else happened, there are no news then."""
        if not stored.changed:
            return
        if self.watch is not None or not self.selected.follow(stored):
            self.own(stored.modseq)
        elif self.account.seen == stored.modseq:
            self.news = False

    # What the client has turned on

    @property
    def condstore(self) -> bool:
        """Whether FETCH responses have MODSEQ (RFC 7162, 3.1)."""
        return CONDSTORE in self.enabled

    @property
    def qresync(self) -> bool:
        """Whether the client may resynchronize by mod-sequences (RFC 7162, 3.2)."""
        return QRESYNC in self.enabled

    @property
    def utf8(self) -> bool:
        """Whether quoted strings and mailbox names are UTF-8, both ways (RFC 6855, 3; RFC 9051, 4.3 and 5.1)."""
        return UTF8_ACCEPT in self.enabled or IMAP4REV2 in self.enabled

    @property
    def reads_utf8(self) -> bool:
        """Whether headers beyond ASCII are for this client (RFC 9755, 7)."""
        return self.utf8 or not self.config.ascii_headers

    @property
    def uid_only(self) -> bool:
        """Whether messages are called by UID alone, in commands and responses (RFC 9586)."""
        return UIDONLY in self.enabled

    @property
    def hears_vanished(self) -> bool:
        """Whether VANISHED is told instead of EXPUNGE (RFC 7162, 3.2.10; RFC 9586, 3.4)."""
        return self.qresync or self.uid_only

    @property
    def rev2(self) -> bool:
        """Whether the client speaks IMAP4rev2, and hears nothing of what that has dropped (RFC 9051, Appendix A)."""
        return IMAP4REV2 in self.enabled

    def enable_condstore(self) -> None:
        """Take note of a CONDSTORE enabling command; one in the selected state is told where it begins."""
        if not self.condstore:
            self.enabled |= {CONDSTORE}
            if self.has_selected:
                self.remark("from here on", f"HIGHESTMODSEQ {self.selected.highest_modseq}")

    def require_privacy(self) -> None:
        """Make sure that a password cannot be read on its way (RFC 3501, 6.2.3 and 11.2).

        Raises:
            No: it could be.

        """
        if not self.client.secure:
            raise No("no passwords over a connection that others can read; use STARTTLS first", "PRIVACYREQUIRED")

    def require_writable(self) -> None:
        """Make sure that the mailbox was not opened read-only.

        Raises:
            No: it was opened with EXAMINE.

        """
        if self.selected.read_only:
            raise No("the mailbox was opened read-only, by EXAMINE; SELECT it to change it", "READ-ONLY")

    # The way to the client

    def spell_mailbox(self, name: str) -> bytes:
        """Return the name of a mailbox as this client reads it."""
        return names.encode_mailbox(name, utf8=self.utf8)

    def send(self, octets: bytes) -> None:
        """Send whole lines of untagged data."""
        self.client.write(octets)

    def remark(self, text: str, code: str | None = None, *, condition: bytes = b"OK") -> None:
        """Send an untagged status response: ``resp-cond-state`` or ``resp-cond-bye``."""
        self.send(b"* %b %b\r\n" % (condition, self.spell(text, code)))

    def spell(self, text: str, code: str | None) -> bytes:
        """Return the end of a status response, in the client's language."""
        return _resp_text(_words(self.language, text), code)

    def spell_done(self, text: str, code: str | None) -> bytes:
        """Return the end of an OK, whose text is remembered: it quotes nothing, as others quote perhaps a password."""
        return _resp_text(_known_words(self.language, text), code)

    @contextmanager
    def response(self) -> Iterator[None]:
        """Send one response in parts; if it breaks off, so must the connection: what follows would be taken for it.

        Raises:
            Disconnected: the store failed; what was sent before arrives.

        """
        self.responding = True
        try:
            yield
        except StoreError as error:
            self.client.break_off(error)
            raise Disconnected from error
        except BaseException:
            self.client.abort()
            raise
        finally:
            self.responding = False

    async def drained(self) -> None:
        """Wait until the client has taken enough of what was sent; every large answer calls this between its parts."""
        await self.client.drained()

    async def ask(self, prompt: bytes) -> bytes:
        """Send a continuation request (RFC 3501, 7.5) and return the line that the client answers."""
        self.client.write(b"+ " + prompt + b"\r\n")
        while (line := self.client.line()) is None:
            await self.client.woken(None)
        return line
