"""What is asked of an account, in this order: each line is one question, and some change what comes behind them."""

from collections.abc import Callable
from enum import Enum
from typing import Final

from attrs import frozen

from bench.large.account import VALIDITY, Size

HEADERS: Final = (
    b"BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups"
    b" In-Reply-To Content-Type Reply-To Received)]"
)


class Grows(Enum):
    """What the cost of a question may grow with."""

    NOT = "constant"
    MESSAGES = "per message"
    FOLDERS = "per folder"


@frozen
class Question:
    """Some commands whose cost is measured together.

    Attributes:
        name: what the table calls it.
        grows: what its answer grows with.
        ask: the commands.
        before: commands that are not measured.
        unread: whether the client takes nothing of the answer.

    """

    name: str
    grows: Grows
    ask: Callable[[Size], list[bytes]]
    before: tuple[bytes, ...] = ()
    unread: bool = False


def _same(*commands: bytes) -> Callable[[Size], list[bytes]]:
    return lambda _: list(commands)


def _times(count: int, command: bytes) -> Callable[[Size], list[bytes]]:
    return lambda _: [command] * count


INBOX: Final = (b"SELECT INBOX",)
ALTERNATING: Final = (b"SELECT Alternating",)
UNSELECTED: Final = (*INBOX, b"UNSELECT")
_MAIL: Final = b"Subject: one more\r\nMessage-ID: <%d@example.com>\r\n\r\nSo be it.\r\n"


def _append(_: Size) -> list[bytes]:
    mails = [_MAIL % number for number in range(10)]
    return [b"APPEND INBOX {%d+}\r\n%b" % (len(mail), mail) for mail in mails]


def _append_elsewhere(_: Size) -> list[bytes]:
    mail = _MAIL % 1
    return [b"APPEND Alternating {%d+}\r\n%b" % (len(mail), mail)]


def _each_folder(size: Size) -> list[bytes]:
    tops = range(0, size.folders, 10)
    return [b'STATUS "Folder %04d" (MESSAGES UNSEEN UIDNEXT)' % (number // 10) for number in tops]


def _one(item: bytes) -> Callable[[Size], list[bytes]]:
    return lambda size: [b"UID FETCH %d (%b)" % (size.messages * each // 11, item) for each in range(1, 11)]


def _page(size: Size) -> list[bytes]:
    first = size.messages // 2
    return [b"UID FETCH %d:%d (FLAGS)" % (first, first + 99)]


def _flag(sign: bytes) -> Callable[[Size], list[bytes]]:
    return lambda size: [
        b"UID STORE %d %bFLAGS (\\Flagged)" % (size.messages * each // 11, sign) for each in range(1, 11)
    ]


def _see(size: Size) -> list[bytes]:
    first = int(size.messages * 0.95) + 1
    return [b"UID STORE %d +FLAGS (\\Seen)" % (first + each) for each in range(10)]


_STATUSES: Final = b'LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY))'

QUESTIONS: Final = (
    Question("SELECT, 10 times", Grows.NOT, _times(10, b"SELECT INBOX"), INBOX),
    Question("SELECT of every other UID", Grows.MESSAGES, _same(b"SELECT Alternating"), UNSELECTED),
    Question("SELECT of every other UID, again", Grows.NOT, _same(b"SELECT Alternating"), UNSELECTED),
    Question("STATUS, 10 times", Grows.NOT, _times(10, b"STATUS INBOX (MESSAGES UNSEEN RECENT UIDNEXT)")),
    Question("STATUS of every tenth folder", Grows.FOLDERS, _each_folder),
    Question("STATUS of all, LIST-STATUS", Grows.FOLDERS, _same(_STATUSES)),
    Question("LIST of all", Grows.FOLDERS, _same(b'LIST "" "*"')),
    Question("LIST of one, 10 times", Grows.NOT, _times(10, b'LIST "" INBOX')),
    Question("APPEND, 10 times", Grows.NOT, _append, INBOX),
    Question("APPEND while no other UID is there", Grows.NOT, _append_elsewhere, ALTERNATING),
    Question("FETCH of flags, 10 of 1", Grows.NOT, _one(b"FLAGS"), INBOX),
    Question("FETCH of flags, 1 of 100", Grows.NOT, _page, INBOX),
    Question("FETCH of bodies, 10 of 1", Grows.NOT, _one(b"BODY.PEEK[]"), INBOX),
    Question("STORE of \\Flagged, 10 of 1", Grows.NOT, _flag(b"+"), INBOX),
    Question("STORE of \\Seen, 10 of 1", Grows.NOT, _see, INBOX),
    Question("FETCH 1:* (FLAGS)", Grows.MESSAGES, _same(b"FETCH 1:* (FLAGS)"), INBOX),
    Question("FETCH 1:* (FLAGS), every other UID", Grows.MESSAGES, _same(b"FETCH 1:* (FLAGS)"), ALTERNATING),
    Question("FETCH 1:* (ENVELOPE)", Grows.MESSAGES, _same(b"FETCH 1:* (ENVELOPE)"), INBOX),
    Question("FETCH 1:*, Thunderbird's headers", Grows.MESSAGES,
             _same(b"UID FETCH 1:* (UID RFC822.SIZE FLAGS " + HEADERS + b")"), INBOX),
    Question("FETCH 1:* (BODY.PEEK[]), unread", Grows.NOT, _same(b"FETCH 1:* (BODY.PEEK[])"), INBOX, unread=True),
    Question("FETCH 1:* (ENVELOPE), unread", Grows.NOT, _same(b"FETCH 1:* (ENVELOPE)"), INBOX, unread=True),
    Question("SEARCH ALL", Grows.MESSAGES, _same(b"SEARCH ALL"), INBOX),
    Question("UID SEARCH UNSEEN", Grows.MESSAGES, _same(b"UID SEARCH UNSEEN"), INBOX),
    Question("UID SEARCH RETURN (ALL) ALL", Grows.MESSAGES, _same(b"UID SEARCH RETURN (ALL) ALL"), INBOX),
    Question("SEARCH ALL, every other UID", Grows.MESSAGES, _same(b"SEARCH ALL"), ALTERNATING),
    Question("UID SEARCH RETURN, every other UID", Grows.MESSAGES, _same(b"UID SEARCH RETURN (ALL) ALL"), ALTERNATING),
    Question("SORT (DATE)", Grows.MESSAGES, _same(b"SORT (DATE) UTF-8 ALL"), INBOX),
    Question("SORT (SUBJECT)", Grows.MESSAGES, _same(b"SORT (SUBJECT) UTF-8 ALL"), INBOX),
    Question("THREAD REFERENCES", Grows.MESSAGES, _same(b"THREAD REFERENCES UTF-8 ALL"), INBOX),
    Question("STORE 1:* +FLAGS.SILENT", Grows.MESSAGES, _same(b"STORE 1:* +FLAGS.SILENT (\\Answered)"), INBOX),
    Question("COPY 1:*", Grows.MESSAGES, _same(b"COPY 1:* Archive"), INBOX),
    Question("MOVE 1:*", Grows.MESSAGES, _same(b"MOVE 1:* Trash"), (b"SELECT Archive",)),
    Question("COPY 1:*, every other UID", Grows.MESSAGES, _same(b"COPY 1:* Sent"), ALTERNATING),
    Question("STORE 1:*, every other UID", Grows.MESSAGES, _same(b"STORE 1:* +FLAGS.SILENT (\\Deleted)"), ALTERNATING),
    Question("EXPUNGE, every other UID", Grows.MESSAGES, _same(b"EXPUNGE"), ALTERNATING),
    Question("SELECT (QRESYNC), every other UID gone", Grows.MESSAGES,
             _same(b"SELECT Alternating (QRESYNC (%d 1))" % VALIDITY), (b"ENABLE QRESYNC",)),
    Question("EXPUNGE of all", Grows.MESSAGES, _same(b"EXPUNGE"),
             (b"SELECT Trash", b"STORE 1:* +FLAGS.SILENT (\\Deleted)")),
)
