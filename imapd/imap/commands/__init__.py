"""Every command that there is: one row each, one file for each verb; and when it may be given."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from imapd.imap.commands import (
    append,
    authenticate,
    cancelupdate,
    capability,
    close,
    compress,
    copy,
    create,
    delete,
    enable,
    esearch,
    expunge,
    fetch,
    getmetadata,
    id,
    idle,
    language,
    list,
    login,
    logout,
    namespace,
    noop,
    notify,
    quota,
    rename,
    replace,
    search,
    select,
    setmetadata,
    sort,
    starttls,
    status,
    store,
    subscribe,
    thread,
    uidbatches,
    unauthenticate,
)
from imapd.imap.commands.verb import ANY, AUTHENTICATED, NOT_AUTHENTICATED, SELECTED, Done, Verb, no_arguments
from imapd.imap.errors import Bad
from imapd.imap.session import Session, State
from imapd.imap.wire.cursor import Cursor

_Parse = Callable[..., Any]
_Run = Callable[[Session, Any], Awaitable[Done]]


def _with_uid(name: bytes, parse: _Parse, run: _Run, *, tells_expunges: bool = True) -> tuple[Verb, Verb]:
    """Return the rows of a command that takes sequence numbers or, behind ``UID``, UIDs (RFC 3501, 6.4.8)."""
    return (
        Verb(name, SELECTED, partial(parse, by_uid=False), run, by_number=True, tells_expunges=tells_expunges),
        Verb(b"UID " + name, SELECTED, partial(parse, by_uid=True), run, tells_expunges=name != b"SEARCH"),
    )


_VERBS: Final = (
    Verb(b"CAPABILITY", ANY, no_arguments, capability.run),
    Verb(b"NOOP", ANY, no_arguments, noop.run),
    Verb(b"LOGOUT", ANY, no_arguments, logout.run),
    Verb(b"ID", ANY, id.parse, id.run),
    Verb(b"LANGUAGE", ANY, language.parse, language.run),
    Verb(b"STARTTLS", NOT_AUTHENTICATED, no_arguments, starttls.run),
    Verb(b"LOGIN", NOT_AUTHENTICATED, login.parse, login.run),
    Verb(b"AUTHENTICATE", NOT_AUTHENTICATED, authenticate.parse, authenticate.run),
    Verb(b"UNAUTHENTICATE", AUTHENTICATED, no_arguments, unauthenticate.run),
    Verb(b"COMPRESS", AUTHENTICATED, compress.parse, compress.run),
    Verb(b"ENABLE", AUTHENTICATED, enable.parse, enable.run),
    Verb(b"SELECT", AUTHENTICATED, partial(select.parse, read_only=False), select.run),
    Verb(b"EXAMINE", AUTHENTICATED, partial(select.parse, read_only=True), select.run),
    Verb(b"CREATE", AUTHENTICATED, create.parse, create.run),
    Verb(b"DELETE", AUTHENTICATED, delete.parse, delete.run),
    Verb(b"RENAME", AUTHENTICATED, rename.parse, rename.run),
    Verb(b"SUBSCRIBE", AUTHENTICATED, partial(subscribe.parse, wanted=True), subscribe.run),
    Verb(b"UNSUBSCRIBE", AUTHENTICATED, partial(subscribe.parse, wanted=False), subscribe.run),
    Verb(b"LIST", AUTHENTICATED, list.parse_list, list.run_list),
    Verb(b"LSUB", AUTHENTICATED, list.parse_lsub, list.run_lsub),
    Verb(b"NAMESPACE", AUTHENTICATED, no_arguments, namespace.run),
    Verb(b"STATUS", AUTHENTICATED, status.parse, status.run),
    Verb(b"GETQUOTA", AUTHENTICATED, quota.parse_get, quota.run_get),
    Verb(b"GETQUOTAROOT", AUTHENTICATED, quota.parse_get_root, quota.run_get_root),
    Verb(b"SETQUOTA", AUTHENTICATED, quota.parse_set, quota.run_set),
    Verb(b"APPEND", AUTHENTICATED, append.parse, append.run, before_messages=append.before_messages),
    Verb(b"GETMETADATA", AUTHENTICATED, getmetadata.parse, getmetadata.run),
    Verb(b"SETMETADATA", AUTHENTICATED, setmetadata.parse, setmetadata.run, too_large=setmetadata.TOO_LARGE),
    Verb(b"IDLE", AUTHENTICATED, no_arguments, idle.run),
    Verb(b"NOTIFY", AUTHENTICATED, notify.parse, notify.run),
    *(
        Verb(name, AUTHENTICATED, esearch.parse, esearch.run, tells_expunges=False)
        for name in (b"ESEARCH", b"UID ESEARCH")
    ),
    Verb(b"CHECK", SELECTED, no_arguments, noop.run),
    Verb(b"CANCELUPDATE", SELECTED, cancelupdate.parse, cancelupdate.run),
    Verb(b"UIDBATCHES", SELECTED, uidbatches.parse, uidbatches.run),
    Verb(b"CLOSE", SELECTED, no_arguments, close.run_close),
    Verb(b"UNSELECT", SELECTED, no_arguments, close.run_unselect),
    Verb(b"EXPUNGE", SELECTED, expunge.parse, expunge.run),
    Verb(b"UID EXPUNGE", SELECTED, expunge.parse_uid, expunge.run),
    *_with_uid(b"SEARCH", search.parse, search.run, tells_expunges=False),
    *_with_uid(b"SORT", sort.parse, sort.run, tells_expunges=False),
    *_with_uid(b"THREAD", thread.parse, thread.run, tells_expunges=False),
    *_with_uid(b"FETCH", fetch.parse, fetch.run, tells_expunges=False),
    *_with_uid(b"STORE", store.parse, store.run, tells_expunges=False),
    *(
        Verb(
            uid + b"REPLACE",
            SELECTED,
            partial(replace.parse, by_uid=bool(uid)),
            replace.run,
            by_number=not uid,
            before_messages=replace.before_messages,
        )
        for uid in (b"", b"UID ")
    ),
    *_with_uid(b"COPY", copy.parse, copy.run_copy),
    *_with_uid(b"MOVE", copy.parse, copy.run_move),
)

COMMANDS: Final = {verb.name: verb for verb in _VERBS}


def command_name(cursor: Cursor) -> bytes:
    """``command-name = ["UID" SP] atom``, in capitals"""
    name = cursor.keyword()
    if name == b"UID":
        cursor.space()
        name += b" " + cursor.keyword()
    return name


def look_up(session: Session, name: bytes) -> Verb:
    """Return the row of a command.

    Raises:
        Bad: there is none, or not in this state, or not once UIDONLY is enabled (RFC 9586, 3).

    """
    verb = COMMANDS.get(name)
    if verb is None:
        raise Bad(f"unknown command {name.decode('ascii', 'replace')[:40]}")
    if session.state not in verb.states:
        raise Bad(_what_is_missing(verb, session.state))
    if verb.by_number and session.uid_only:
        raise Bad(f"messages have no numbers once UIDONLY is enabled; use UID {name.decode()}", "UIDREQUIRED")
    return verb


def _what_is_missing(verb: Verb, state: State) -> str:
    """Return why `verb` may not be given in `state`."""
    if state is State.NOT_AUTHENTICATED:
        return "log in first"
    return "no mailbox is selected; SELECT one first" if State.SELECTED in verb.states else "you are logged in already"
