"""URLs of messages and their parts (RFC 5092, 11), as far as CATENATE takes them (RFC 4469, 3)."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from attrs import frozen

from imapd.imap.errors import Bad, BadUrl
from imapd.imap.wire.cursor import MAX_NUMBER, MAX_NUMBER64, Cursor
from imapd.imap.wire.fetchatt import Section, section
from mailstore.errors import InvalidName
from mailstore.model import MailboxName, Uid
from mailstore.names import mailbox_name

MAX_OCTETS: Final = 4000
"""Of a URL: a mailbox name has at most three for each of its own, and HEADER.FIELDS some dozens of names."""

_BCHARS: Final = rb"(?>(?:[A-Za-z0-9._~!$'()&*+,=:@/-]++|%[0-9A-Fa-f]{2})*)"
_URL: Final = re.compile(
    rb"(?:(?:imap:)?//(?P<user>[^/@;]*+)(?:;AUTH=[^/@;]*+)?@(?P<host>[^/@:;]++)(?::\d*+)?(?=/))?"
    rb"(?P<root>/?)(?P<mailbox>" + _BCHARS + rb")(?:;UIDVALIDITY=(?P<uid_validity>\d{1,10})/?)?"
    rb";UID=(?P<uid>\d{1,10})(?:/?;SECTION=(?P<section>(?=[^/;])" + _BCHARS + rb"))?"
    rb"(?:/?;PARTIAL=(?P<origin>\d{1,18})(?:\.(?P<count>\d{1,18}))?)?",
    re.IGNORECASE,
)
"""A slash in front of the next part is taken for the end of the one before."""


@frozen
class MessageUrl:
    """A message, or what a section names of it.

    Attributes:
        written: the URL.
        server: the user and the host of an absolute one, which begins with ``imap://`` or ``//``.
        mailbox: None for the selected one, to which a URL without a name is relative.
        rooted: whether the name counts from the root, not from the level of the selected mailbox.
        uid_validity: None if the URL does not say.
        section: what of the message.

    """

    written: bytes
    server: tuple[str, str] | None
    mailbox: MailboxName | None
    rooted: bool
    uid_validity: int | None
    uid: Uid
    section: Section

    def error(self, why: str) -> BadUrl:
        """Return the refusal of this URL."""
        return BadUrl(why, self.written)


def message_url(written: bytes) -> MessageUrl:
    """Return what a URL says.

    ::

        imapurl       = "imap://" iserver "/" imessagepart
        imapurl-rel   = "//" iserver "/" imessagepart / "/" imessagepart / imsg-or-part
        imessagepart  = enc-mailbox [";UIDVALIDITY=" nz-number] "/" ";UID=" nz-number ["/" ";SECTION=" enc-section]
                        ["/" ";PARTIAL=" number ["." nz-number]]

    A slash too few before UID, SECTION or PARTIAL is what RFC 4469's own examples have, and ``/;UID=20`` what section
    3 there makes of ``;UID=20`` while a mailbox is selected.

    Raises:
        BadUrl: it is no URL, or not of a message.

    """
    if len(written) > MAX_OCTETS:
        raise BadUrl(f"a URL has at most {MAX_OCTETS} octets", written[:MAX_OCTETS])
    found = _URL.fullmatch(written)
    if found is None:
        raise BadUrl("this is no URL of a message (RFC 5092)", written)
    uid = int(found["uid"])
    if not 0 < uid <= MAX_NUMBER:
        raise BadUrl("there is no such UID", written)
    try:
        mailbox = found["mailbox"].removesuffix(b"/")
        user = None if found["user"] is None else _text(found["user"])
        name = mailbox_name(_text(mailbox)) if mailbox else None
        wanted = _section(found)
    except (Bad, InvalidName, UnicodeDecodeError):
        raise BadUrl("the mailbox or the section of the URL is none", written) from None
    return MessageUrl(
        written,
        None if user is None else (user, found["host"].decode("latin-1").lower()),
        name,
        bool(found["root"]),
        int(found["uid_validity"]) if found["uid_validity"] else None,
        Uid(uid),
        wanted,
    )


def _text(encoded: bytes) -> str:
    return unquote_to_bytes(encoded).decode("utf-8")


def _section(found: re.Match[bytes]) -> Section:
    """Return what is asked of the message: all of it if the URL does not say."""
    spec = unquote_to_bytes((found["section"] or b"").removesuffix(b"/"))
    partial = b""
    if found["origin"]:
        partial = b"<%b.%d>" % (found["origin"], int(found["count"] or MAX_NUMBER64))
    cursor = Cursor((b"[%b]%b" % (spec, partial),))
    wanted = section(cursor, peek=True)
    cursor.end()
    return wanted
