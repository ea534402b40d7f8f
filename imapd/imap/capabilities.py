"""Every capability once: its name, the RFC that defines it, and when it is advertised."""

from collections.abc import Callable
from typing import Final

from attrs import frozen

from imapd.auth.sasl import MECHANISMS
from imapd.imap.session import Session, State
from mailstore.model import UNLIMITED


def _before_login(session: Session) -> bool:
    return session.state is State.NOT_AUTHENTICATED


def _login_allowed(session: Session) -> bool:
    return _before_login(session) and session.client.secure


def _login_refused(session: Session) -> bool:
    return _before_login(session) and not session.client.secure


def _tls_available(session: Session) -> bool:
    return _before_login(session) and session.client.tls_available


def _logged_in(session: Session) -> bool:
    return not _before_login(session)


def _compressible(session: Session) -> bool:
    return _logged_in(session) and not session.client.compressed


def _append_limit(session: Session) -> bytes:
    return b"=%d" % session.config.max_message_octets


def _saving_limited(session: Session) -> bool:
    return session.config.most_saved != UNLIMITED


def _save_limit(session: Session) -> bytes:
    return b"=%d" % session.config.most_saved


@frozen
class Capability:
    """A line of the table.

    Attributes:
        name: as far as it is always the same.
        rfc: the number of the RFC that defines it.
        advertised: whether it is offered to a session now; None: always.
        value: the rest of its name, if there is one.

    """

    name: bytes
    rfc: int
    advertised: Callable[[Session], bool] | None = None
    value: Callable[[Session], bytes] | None = None


CAPABILITIES: Final = (
    Capability(b"IMAP4rev1", 3501),
    Capability(b"IMAP4rev2", 9051),
    Capability(b"LITERAL+", 7888),
    Capability(b"SASL-IR", 4959),
    Capability(b"ID", 2971),
    Capability(b"LANGUAGE", 5255),
    Capability(b"ENABLE", 5161),
    Capability(b"UTF8=ACCEPT", 6855),
    Capability(b"IDLE", 2177),
    Capability(b"INPROGRESS", 9585),
    Capability(b"NOTIFY", 5465),
    Capability(b"STARTTLS", 3501, _tls_available),
    Capability(b"LOGINDISABLED", 3501, _login_refused),
    *(Capability(b"AUTH=" + mechanism, 3501, _login_allowed) for mechanism in MECHANISMS),
    Capability(b"CONDSTORE", 7162),
    Capability(b"QRESYNC", 7162),
    Capability(b"ESEARCH", 4731),
    Capability(b"SEARCHRES", 5182),
    Capability(b"PARTIAL", 9394),
    Capability(b"UIDONLY", 9586),
    Capability(b"UIDBATCHES", 10022),
    Capability(b"MULTISEARCH", 7377),
    Capability(b"SEARCH=FUZZY", 6203),
    Capability(b"WITHIN", 5032),
    Capability(b"SORT", 5256),
    Capability(b"SORT=DISPLAY", 5957),
    Capability(b"ESORT", 5267),
    Capability(b"CONTEXT=SEARCH", 5267),
    Capability(b"CONTEXT=SORT", 5267),
    Capability(b"THREAD=ORDEREDSUBJECT", 5256),
    Capability(b"THREAD=REFERENCES", 5256),
    Capability(b"I18NLEVEL=1", 5255),
    Capability(b"NAMESPACE", 2342),
    Capability(b"CHILDREN", 3348),
    Capability(b"LIST-EXTENDED", 5258),
    Capability(b"LIST-STATUS", 5819),
    Capability(b"STATUS=SIZE", 8438),
    Capability(b"SPECIAL-USE", 6154),
    Capability(b"CREATE-SPECIAL-USE", 6154),
    Capability(b"METADATA", 5464),
    Capability(b"LIST-METADATA", 9590),
    Capability(b"FILTERS", 5466),
    Capability(b"OBJECTID", 8474),
    Capability(b"SAVEDATE", 8514),
    Capability(b"PREVIEW", 8970),
    Capability(b"UNSELECT", 3691),
    Capability(b"UIDPLUS", 4315),
    Capability(b"MOVE", 6851),
    Capability(b"MULTIAPPEND", 3502),
    Capability(b"CATENATE", 4469),
    Capability(b"BINARY", 3516),
    Capability(b"REPLACE", 8508),
    Capability(b"APPENDLIMIT", 7889, value=_append_limit),
    Capability(b"QUOTA", 9208),
    Capability(b"QUOTA=RES-STORAGE", 9208),
    Capability(b"QUOTA=RES-MESSAGE", 9208),
    Capability(b"SAVELIMIT", 9738, _saving_limited, _save_limit),
    Capability(b"UNAUTHENTICATE", 8437, _logged_in),
    Capability(b"COMPRESS=DEFLATE", 4978, _compressible),
)


def capabilities(session: Session) -> list[bytes]:
    """Return what is advertised to this session now."""
    return [
        capability.name if capability.value is None else capability.name + capability.value(session)
        for capability in CAPABILITIES
        if capability.advertised is None or capability.advertised(session)
    ]


def capability_code(session: Session) -> str:
    """Return the response code that saves the client a CAPABILITY."""
    return "CAPABILITY " + b" ".join(capabilities(session)).decode()
