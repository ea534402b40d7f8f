"""A strict parser of whole responses: raises on whatever the formal grammar does not have (RFC 3501, 9; RFC 9051, 9).

Each untagged response and each response code that the server has is a rule here.  One that is not known yet must still
be made of atoms, strings, numbers and lists, with single spaces between.
"""

import re
from collections.abc import Callable, Set
from typing import Final

from tests.strict_imap import StrictParser, Value

_ATOM: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_WORD: Final = re.compile(rb"[A-Z0-9][A-Z0-9=.+_-]*")
_TAG: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\+]+|\*')
_NZ: Final = re.compile(rb"[1-9][0-9]{0,9}(?![0-9])")
_NUMBER64: Final = re.compile(rb"(?:0|[1-9][0-9]{0,18})(?![0-9])")
_SIGNED: Final = re.compile(rb"-?[1-9][0-9]{0,9}")
_SET: Final = re.compile(rb"[1-9][0-9]*(?::[1-9][0-9]*)?(?:,[1-9][0-9]*(?::[1-9][0-9]*)?)*(?![0-9:,*])")
_FLAG_PERM: Final = re.compile(rb'\\\*|\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_TEXT: Final = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\xff]+")
_IN_CODE: Final = re.compile(rb"[\x20-\x5c\x5e-\x7e\x80-\xff]+")
_DELIMITER: Final = re.compile(rb'NIL|"(?:[^"\\\r\n]|\\["\\])"')
_UTF8_QUOTED: Final = re.compile(rb'"((?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\["\\]|[\x80-\xff])*)"')


class Reader:
    """What one client reads: checks each response, and notes what was turned on as far as it changes the grammar."""

    def __init__(self) -> None:
        self._enabled: set[bytes] = set()
        self._language = False

    def check(self, octets: bytes) -> tuple[bytes, bytes]:
        """Check one response, without its last line end; return its tag and what it is: ``(b"*", b"FLAGS")``."""
        parser = ResponseParser(octets, self._enabled, texts_in_utf8=self._language or b" LANGUAGE " in octets)
        kind = parser.response()
        if parser.at != len(octets):
            parser.fail("the end")
        if kind == (b"*", b"ENABLED"):
            self._enabled.update(octets.upper().split())
        self._language = self._language or kind == (b"*", b"LANGUAGE")
        if kind[1] == b"OK" and b" UNAUTHENTICATE " in octets:
            self._enabled.clear()
        return kind


class ResponseParser(StrictParser):
    """One response; what its parts say is not looked at."""

    def __init__(self, octets: bytes, enabled: Set[bytes], *, texts_in_utf8: bool) -> None:
        super().__init__(octets, rev2=b"IMAP4REV2" in enabled)
        self.rfc822 = True  # beside IMAP4rev1, who asks for them is answered
        self.quoted_in_utf8 = self.rev2 or b"UTF8=ACCEPT" in enabled
        self.texts_in_utf8 = texts_in_utf8

    def response(self) -> tuple[bytes, bytes]:
        """``response = continue-req / response-data / response-tagged``"""
        if self.peek(b"+"):
            self.expect(b"+ ")
            if self.at < len(self.octets):  # a challenge may be empty
                self.text()
            return b"+", b""
        tag = self.match(_TAG, "tag")[0]
        self.sp()
        if tag != b"*":
            return tag, self.cond(b"OK", b"NO", b"BAD")
        if self.octets[self.at : self.at + 1].isdigit():
            return tag, self.numbered()
        name = self.match(_WORD, "name")[0]
        if name in _CONDITIONS:
            self.at -= len(name)
            return tag, self.cond(*_CONDITIONS)
        rule = _DATA.get(name)
        if rule is None:
            self.values()
        else:
            rule(self)
        return tag, name

    # Status

    def cond(self, *names: bytes) -> bytes:
        """``("OK" / "NO" / "BAD" / "BYE" / "PREAUTH") SP resp-text``"""
        name = self.match(_WORD, "condition")[0]
        if name not in names:
            self.fail(f"one of {names}")
        self.sp()
        if self.peek(b"["):
            self.expect(b"[")
            self.code()
            self.expect(b"] ")
        self.text()
        return name

    def code(self) -> None:
        """``resp-text-code``"""
        name = self.match(_WORD, "response code")[0]
        rule = _CODES.get(name)
        if rule is not None:
            rule(self)
        elif self.peek(b" "):
            self.sp()
            self.match(_IN_CODE, "text of a response code")

    def text(self) -> None:
        """``text = 1*TEXT-CHAR``, of which no response code may be read out."""
        said = self.match(_TEXT, "text")[0]
        self.decoded(said, "utf-8" if self.texts_in_utf8 else "ascii")
        if said.startswith(b"["):
            self.fail("text that begins with no bracket")

    def decoded(self, octets: bytes, charset: str) -> None:
        try:
            octets.decode(charset)
        except UnicodeDecodeError:
            self.fail(charset)

    # Basic rules

    def quoted(self) -> bytes:
        if not self.quoted_in_utf8:
            return super().quoted()
        octets = self.match(_UTF8_QUOTED, "quoted")[1]
        self.decoded(octets, "utf-8")
        return re.sub(rb"\\(.)", rb"\1", octets)

    def literal(self) -> bytes:
        """``literal = "{" number "}" CRLF *OCTET``: a stored NUL is sent as it is (docs/decisions/nul-octets.md)."""
        return self.octets_behind(b"")

    def atom(self) -> bytes:
        return self.match(_ATOM, "atom")[0]

    def long(self) -> int:
        """``number64 = 1*DIGIT``, 63 bits in either revision: mod-sequences, quotas, what extensions have."""
        return int(self.match(_NUMBER64, "number64")[0])

    def nz(self) -> int:
        return int(self.match(_NZ, "nz-number")[0])

    def numbers(self) -> None:
        """``sequence-set``, as servers send it: no ``*``."""
        self.match(_SET, "a set of numbers")

    def listed(self, rule: Callable[[], object], *, empty: bool = False) -> None:
        """``"(" rule *(SP rule) ")"``"""
        self.expect(b"(")
        if not (empty and self.peek(b")")):
            rule()
            while self.peek(b" "):
                self.sp()
                rule()
        self.expect(b")")

    def each(self, rule: Callable[[], object]) -> "ResponseParser":
        """``*(SP rule)``"""
        while self.peek(b" "):
            self.sp()
            rule()
        return self

    def then(self, *rules: Callable[[], object]) -> "ResponseParser":
        """``SP rule``, for each of `rules`."""
        for rule in rules:
            self.sp()
            rule()
        return self

    def optional(self, rule: Callable[[], object]) -> "ResponseParser":
        """``[SP rule]``"""
        return self.then(rule) if self.peek(b" ") else self

    def value(self) -> None:
        """What an unknown response is made of."""
        if self.peek(b"("):
            self.listed(self.value, empty=True)
        else:
            self.astring()

    def values(self) -> None:
        self.each(self.value)

    def flag_list(self) -> None:
        self.listed(lambda: self.match(_FLAG_PERM, "flag"), empty=True)

    def mailbox(self) -> bytes:
        return self.astring()

    # What is about messages

    def numbered(self) -> bytes:
        """``nz-number SP ("EXISTS" / "RECENT" / "EXPUNGE" / "FETCH" SP msg-att / "UIDFETCH" SP msg-att)``"""
        count = self.number()
        self.sp()
        name = self.match(_WORD, "name")[0]
        if name in {b"FETCH", b"UIDFETCH"}:
            self.sp()
            self.msg_att()
        elif name not in {b"EXISTS", b"RECENT", b"EXPUNGE"}:
            self.fail("EXISTS, RECENT, EXPUNGE or FETCH")
        if not count and name not in {b"EXISTS", b"RECENT"}:
            self.fail("a message number")
        return name

    def modseq_behind(self) -> None:
        """``[SP "(" "MODSEQ" SP mod-sequence-value ")"]``"""
        if self.peek(b" "):
            self.expect(b" (MODSEQ ")
            self.long()
            self.expect(b")")

    def search(self) -> None:
        while self.peek(b" ") and not self.peek(b" ("):
            self.sp()
            self.nz()
        self.modseq_behind()

    def thread(self) -> None:
        """``["THREAD" SP 1*thread-list]``, nested however deep: read without recursion."""
        if self.peek(b" ") and not self.peek(b" (MODSEQ"):
            self.sp()
            while self.peek(b"("):
                self.thread_list()
        self.modseq_behind()

    def thread_list(self) -> None:
        """``thread-list = "(" (thread-members / thread-nested) ")"``"""
        depth = 0
        while True:
            if self.peek(b"("):
                self.expect(b"(")
                depth += 1
                if not self.peek(b"("):
                    self.nz()
            elif self.peek(b" "):
                self.sp()
                if not self.peek(b"("):
                    self.nz()
            else:
                self.expect(b")")
                depth -= 1
                if not depth:
                    return

    def esearch(self) -> None:
        """``"ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)``"""
        if self.peek(b" ("):
            self.sp()
            self.listed(lambda: self.sequence(self.atom, self.astring))
        if self.peek(b" UID ") or self.octets[self.at :] == b" UID":
            self.expect(b" UID")
        self.each(self.search_return_data)

    def search_return_data(self) -> None:
        name = self.match(_WORD, "name")[0]
        self.sp()
        rules = {
            b"MIN": self.nz,
            b"MAX": self.nz,
            b"COUNT": self.number,
            b"MODSEQ": self.long,
            b"ALL": self.numbers,
            b"PARTIAL": self.partial,
            b"RELEVANCY": lambda: self.listed(self.number, empty=True),
            b"ADDTO": self.context_data,
            b"REMOVEFROM": self.context_data,
        }
        rules.get(name, self.value)()

    def partial(self) -> None:
        self.expect(b"(")
        self.match(_SIGNED, "number")
        self.expect(b":")
        self.match(_SIGNED, "number")
        self.sp()
        if self.peek(b"NIL"):
            self.nil()
        else:
            self.numbers()
        self.expect(b")")

    def context_data(self) -> None:
        self.listed(lambda: self.sequence(self.number, self.numbers))

    def vanished(self) -> None:
        self.sp()
        if self.peek(b"("):
            self.expect(b"(EARLIER) ")
        self.numbers()

    # What is about mailboxes

    def list_(self) -> None:
        """``"(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]``"""
        self.sp()
        self.flag_list()
        self.sp()
        self.match(_DELIMITER, "hierarchy delimiter")
        self.sp()
        self.mailbox()
        if self.peek(b" "):
            self.sp()
            self.listed(lambda: self.sequence(self.astring, self.value))

    def status(self) -> None:
        self.sp()
        self.mailbox()
        self.sp()
        self.listed(lambda: self.sequence(self.atom, self.status_value), empty=True)

    def status_value(self) -> None:
        if self.peek(b"("):
            self.objectid()
        elif self.peek(b"NIL"):
            self.nil()
        else:
            self.long()

    def namespace(self) -> None:
        self.sp()
        self.sequence(*[self.one_namespace] * 3)

    def one_namespace(self) -> None:
        if self.peek(b"NIL"):
            self.nil()
            return
        self.expect(b"(")
        while not self.peek(b")"):
            self.expect(b"(")
            self.string()
            self.sp()
            self.match(_DELIMITER, "hierarchy delimiter")
            self.each(self.value)
            self.expect(b")")
        self.expect(b")")

    def quota(self) -> None:
        self.sp()
        self.astring()
        self.sp()
        self.listed(lambda: self.sequence(self.atom, self.long, self.long), empty=True)

    def metadata(self) -> None:
        self.sp()
        self.mailbox()
        self.sp()
        if self.peek(b"("):
            self.listed(lambda: self.sequence(self.astring, self.metadata_value))
        else:
            self.astring()
            self.each(self.astring)

    def metadata_value(self) -> None:
        """``value = nstring / literal8``"""
        self.literal8() if self.peek(b"~") else self.nstring()

    def id(self) -> None:
        self.sp()
        if self.peek(b"NIL"):
            self.nil()
        else:
            self.listed(lambda: self.sequence(self.string, self.nstring), empty=True)


_CONDITIONS: Final = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")

_DATA: Final[dict[bytes, Callable[[ResponseParser], Value]]] = {
    b"CAPABILITY": lambda at: at.each(at.atom),
    b"ENABLED": lambda at: at.each(at.atom),
    b"FLAGS": lambda at: at.then(at.flag_list),
    b"LIST": ResponseParser.list_,
    b"LSUB": ResponseParser.list_,
    b"STATUS": ResponseParser.status,
    b"SEARCH": ResponseParser.search,
    b"SORT": ResponseParser.search,
    b"THREAD": ResponseParser.thread,
    b"ESEARCH": ResponseParser.esearch,
    b"VANISHED": ResponseParser.vanished,
    b"NAMESPACE": ResponseParser.namespace,
    b"ID": ResponseParser.id,
    b"QUOTA": ResponseParser.quota,
    b"QUOTAROOT": lambda at: at.then(at.mailbox).each(at.astring),
    b"METADATA": ResponseParser.metadata,
    b"LANGUAGE": lambda at: at.then(lambda: at.listed(at.astring)),
}

_CODES: Final[dict[bytes, Callable[[ResponseParser], Value]]] = {
    **dict.fromkeys(
        [
            *(b"ALERT", b"PARSE", b"READ-ONLY", b"READ-WRITE", b"TRYCREATE", b"UIDNOTSTICKY", b"NOMODSEQ", b"CLOSED"),
            *(b"ALREADYEXISTS", b"NONEXISTENT", b"HASCHILDREN", b"CANNOT", b"LIMIT", b"OVERQUOTA", b"INUSE", b"TOOBIG"),
            *(b"UNAVAILABLE", b"CORRUPTION", b"SERVERBUG", b"CLIENTBUG", b"NOPERM", b"EXPUNGEISSUED", b"USEATTR"),
            *(b"AUTHENTICATIONFAILED", b"AUTHORIZATIONFAILED", b"PRIVACYREQUIRED", b"COMPRESSIONACTIVE"),
            *(b"UNKNOWN-CTE", b"NOTSAVED", b"UIDREQUIRED"),
        ],
        lambda _: None,
    ),
    **dict.fromkeys([b"UIDNEXT", b"UIDVALIDITY", b"UNSEEN"], lambda at: at.then(at.nz)),
    b"HIGHESTMODSEQ": lambda at: at.then(at.long),
    b"APPENDUID": lambda at: at.then(at.nz, at.numbers),
    b"COPYUID": lambda at: at.then(at.nz, at.numbers, at.numbers),
    b"MODIFIED": lambda at: at.then(at.numbers),
    b"PERMANENTFLAGS": lambda at: at.then(at.flag_list),
    b"CAPABILITY": lambda at: at.each(at.atom),
    b"BADCHARSET": lambda at: at.optional(lambda: at.listed(at.astring)),
    b"MAILBOXID": lambda at: at.then(at.objectid),
    b"NOUPDATE": lambda at: at.then(at.quoted),
    b"MESSAGELIMIT": lambda at: at.then(at.nz).optional(at.nz),
    b"METADATA": lambda at: at.then(at.atom).optional(at.number),
}
