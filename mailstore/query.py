"""The search tree, in UIDs and meanings only.

A door translates its own spelling (sequence numbers, ``$``, ``NEW``) before it asks.  Text is matched as a substring of
the decoded text, folded by i;unicode-casemap (RFC 5051); the empty string is in every text.
"""

from datetime import date

from attrs import frozen

from mailstore.model import EmailId, Flag, ModSeq, ThreadId
from mailstore.uidset import UidSet


@frozen
class All:
    """Every message."""


@frozen
class Among:
    """The messages with these UIDs."""

    uids: UidSet


@frozen
class HasFlag:
    """The messages with this flag."""

    flag: Flag


@frozen
class Header:
    """A header field of this name (in lower case) has `text` in its decoded value; with empty text: has the field."""

    field: str
    text: str


@frozen
class Body:
    """`text` is in the decoded text parts of the body."""

    text: str


@frozen
class Text:
    """`text` is in the header or in the body."""

    text: str


@frozen
class ReceivedBefore:
    """The internal date, its time and zone disregarded, is before `day`."""

    day: date


@frozen
class OlderThan:
    """The internal date is at least this many seconds before the moment of the search."""

    seconds: int


@frozen
class SavedBefore:
    """The message came into this mailbox before `day` began, in the server's zone."""

    day: date


@frozen
class SentBefore:
    """The Date: field, its time and zone disregarded, is before `day`; a message without a valid one is never found."""

    day: date


@frozen
class HasSentDate:
    """The message has a valid Date: field."""


@frozen
class Larger:
    """The message has more than this many octets."""

    octets: int


@frozen
class Smaller:
    """The message has fewer than this many octets."""

    octets: int


@frozen
class ChangedSince:
    """The mod-sequence is this or above."""

    modseq: ModSeq


@frozen
class HasEmailId:
    """The message has this id."""

    email_id: EmailId


@frozen
class InThread:
    """The message belongs to this conversation."""

    thread_id: ThreadId


@frozen
class Not:
    """The messages that `query` does not find."""

    query: "Query"


@frozen
class And:
    """The messages that every one of `queries` finds; all messages if there are none."""

    queries: tuple["Query", ...]


@frozen
class Or:
    """The messages that at least one of `queries` finds; none if there are none."""

    queries: tuple["Query", ...]


Query = (
    All | Among | HasFlag | Header | Body | Text | ReceivedBefore | OlderThan | SavedBefore | SentBefore | HasSentDate
    | Larger | Smaller | ChangedSince | HasEmailId | InThread | Not | And | Or
)
