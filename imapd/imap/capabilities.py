"""Every capability once: its name, the RFC that defines it, and when it is advertised."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from attrs import frozen

from imapd.auth.sasl import MECHANISMS
from imapd.imap.session import Session, State
from mailstore.model import UNLIMITED


@frozen
class Circumstances:
    """What decides on what is advertised.

    Attributes:
        logged_in: whether the client is.
        secure: whether nobody on the way can read along.
        tls_available: whether STARTTLS would be accepted.
        compressed: whether COMPRESS is active.
        most_appended: octets of a message.
        most_saved: messages of a saved result, `UNLIMITED` if it may be any number.

    """

    logged_in: bool
    secure: bool
    tls_available: bool
    compressed: bool
    most_appended: int
    most_saved: int


@frozen
class Capability:
    """A line of the table.

    Attributes:
        name: as far as it is always the same.
        rfc: the number of the RFC that defines it.
        advertised: whether it is offered; always, if nothing is said.
        value: the rest of its name, if there is one.

    """

    name: bytes
    rfc: int
    advertised: Callable[[Circumstances], bool] = lambda _: True
    value: Callable[[Circumstances], bytes] = lambda _: b""


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
    Capability(b"STARTTLS", 3501, lambda now: now.tls_available and not now.logged_in),
    Capability(b"LOGINDISABLED", 3501, lambda now: not (now.secure or now.logged_in)),
    *(Capability(b"AUTH=" + mechanism, 3501, lambda now: now.secure and not now.logged_in) for mechanism in MECHANISMS),
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
    Capability(b"APPENDLIMIT", 7889, value=lambda now: b"=%d" % now.most_appended),
    Capability(b"QUOTA", 9208),
    Capability(b"QUOTA=RES-STORAGE", 9208),
    Capability(b"QUOTA=RES-MESSAGE", 9208),
    Capability(b"SAVELIMIT", 9738, lambda now: now.most_saved != UNLIMITED, lambda now: b"=%d" % now.most_saved),
    Capability(b"UNAUTHENTICATE", 8437, lambda now: now.logged_in),
    Capability(b"COMPRESS=DEFLATE", 4978, lambda now: now.logged_in and not now.compressed),
)


def capabilities(session: Session) -> bytes:
    """Return what is advertised to this session now, spaces between."""
    client, config = session.client, session.config
    return _advertised(
        Circumstances(
            logged_in=session.state is not State.NOT_AUTHENTICATED,
            secure=client.secure,
            tls_available=client.tls_available,
            compressed=client.compressed,
            most_appended=config.max_message_octets,
            most_saved=config.most_saved,
        )
    )


@lru_cache(32)  # a server has few, and each login asks twice
def _advertised(now: Circumstances) -> bytes:
    return b" ".join(line.name + line.value(now) for line in CAPABILITIES if line.advertised(now))


def capability_code(session: Session) -> str:
    """Return the response code that saves the client a CAPABILITY."""
    return f"CAPABILITY {capabilities(session).decode()}"
