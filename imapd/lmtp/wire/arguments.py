"""The arguments of LMTP's commands (RFC 5321, 4.1.2; RFC 1870, 3030, 6152, 6531)."""

import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

_LOCAL: Final = rb'(?:[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.\x80-\xff-]+|"(?:[ !#-\[\]-~\x80-\xff]|\\[ -~])*")'
_DOMAIN: Final = rb"(?:[A-Za-z0-9._\x80-\xff-]+|\[[!-Z^-~]+\])"
_PATH: Final = re.compile(
    rb"(?i)(?P<which>FROM|TO): ?"
    rb"<(?:@[^:<>]*:)?(?P<address>(?P<local>" + _LOCAL + rb")(?:@(?P<domain>" + _DOMAIN + rb"))?|)>"
    rb"(?P<parameters>(?: +[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~\x80-\xff]+)?)*) *"
)
_QUOTED: Final = re.compile(r"\\(.)")
_BDAT: Final = re.compile(rb"(?i)([0-9]{1,20})( LAST)?")
_NAME: Final = re.compile(rb"[!-~\x80-\xff]{1,255}")


class BadArguments(ValueError):
    """What the grammar does not have; the text may be shown to the client.

    Attributes:
        code: the reply code.
        status: the enhanced status code (RFC 3463).

    """

    def __init__(self, text: str, code: int = 501, status: str = "5.5.4") -> None:
        super().__init__(text)
        self.code = code
        self.status = status


@frozen
class Address:
    """A mailbox as the envelope names it; all empty for the null reverse-path.

    Attributes:
        spelled: as it was sent, without a source route.
        local: the local part without quotes.
        domain: the domain; empty if there is none.

    """

    spelled: str
    local: str
    domain: str


@frozen
class Mail:
    """What MAIL says.

    Attributes:
        sender: where bounces go.
        size: how large the message will be about, in octets; 0 if that was not said.
        utf8: whether addresses and header fields may hold UTF-8.

    """

    sender: Address
    size: int = 0
    utf8: bool = False


def client_name(argument: bytes) -> str:
    """Return how the client calls itself.  ``"LHLO" SP ( Domain / address-literal )``, and what else has no space."""
    if not _NAME.fullmatch(argument):
        raise BadArguments("LHLO takes the client's name, such as LHLO mail.example.org")
    return _text(argument)


def mail(argument: bytes) -> Mail:
    """``mail = "MAIL FROM:" Reverse-path [SP Mail-parameters]``"""
    sender, parameters = _path(argument, b"FROM")
    body = parameters.pop("BODY", "7BIT").upper()
    size = parameters.pop("SIZE", "0")
    utf8 = parameters.pop("SMTPUTF8", None) is not None
    _refuse_other(parameters)
    if body not in {"7BIT", "8BITMIME"}:
        raise BadArguments("BODY is 7BIT or 8BITMIME", 555)
    if not (size.isascii() and size.isdigit() and len(size) <= 20):
        raise BadArguments("SIZE is a number of octets, of 20 digits at most")
    require_ascii(sender, utf8=utf8)
    return Mail(sender, int(size), utf8)


def recipient(argument: bytes) -> Address:
    """``rcpt = "RCPT TO:" Forward-path``; a local part alone will do (RFC 2033 is spoken where the domain is known)."""
    address, parameters = _path(argument, b"TO")
    _refuse_other(parameters)
    if not address.spelled:
        raise BadArguments("a recipient cannot be empty", 501, "5.1.3")
    return address


def require_ascii(address: Address, *, utf8: bool) -> None:
    """Refuse UTF-8 in an address unless MAIL has announced it (RFC 6531, 3.5)."""
    if not (utf8 or address.spelled.isascii()):
        raise BadArguments("an address in UTF-8 needs SMTPUTF8 with MAIL", 553, "5.6.7")


def chunk(argument: bytes) -> tuple[int, bool]:
    """Return the size, and whether it is the last.  ``bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ]``"""
    found = _BDAT.fullmatch(argument)
    if found is None:
        raise BadArguments("BDAT takes a number of octets, and LAST for the last chunk")
    return int(found[1]), found[2] is not None


def nothing(argument: bytes) -> None:
    """Refuse an argument."""
    if argument:
        raise BadArguments("this command takes no arguments")


def _path(argument: bytes, which: bytes) -> tuple[Address, dict[str, str]]:
    found = _PATH.fullmatch(argument)
    if found is None or found["which"].upper() != which:
        raise BadArguments(f"write it as {which.decode()}:<address>, with parameters behind it if there are any")
    local, domain = _text(found["local"] or b""), _text(found["domain"] or b"")
    if local.startswith('"'):
        local = _QUOTED.sub(r"\1", local[1:-1])
    parameters: dict[str, str] = {}
    for word in _text(found["parameters"]).split():
        name, _, value = word.partition("=")
        if name.upper() in parameters:
            raise BadArguments(f"{name} was given twice")
        parameters[name.upper()] = value
    return Address(_text(found["address"]), local, domain), parameters


def _refuse_other(parameters: Mapping[str, str]) -> None:
    for name in parameters:
        raise BadArguments(f"the parameter {name} is not known here", 555)


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise BadArguments("an address is in ASCII or UTF-8", 501, "5.1.3") from None
