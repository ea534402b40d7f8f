"""What is answered to which path."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

from twisted.web.http import BAD_REQUEST
from twisted.web.pages import notFound
from twisted.web.resource import Resource
from twisted.web.server import Request

from imapd import advertised
from imapd.autoconfig import apple, thunderbird
from imapd.autoconfig.address import address
from imapd.config import Config
from imapd.mailserver import Server

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mail of {domain}</title>
<style>body {{ font: 1.1em sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em }}</style>
<h1>Mail of {domain}</h1>
<p>Thunderbird and many other programs ask for your address and find the rest by themselves.</p>
<form action="/{profile}">
<p>iPhone, iPad and Mac: <input name="emailaddress" type="email" required placeholder="you@{domain}">
<button>Set up</button>
</form>
<p>By hand, with {login} as the user name:
<ul>
{servers}
</ul>
"""
_SECURITY: Final = {True: "SSL/TLS", False: "STARTTLS"}
_NAMES: Final = {"imap": "IMAP", "pop3": "POP3", "submission": "outgoing (SMTP)"}


def pages(config: Config, servers: Sequence[Server]) -> Resource:
    """Return the root of all pages.

    Args:
        config: the settings.
        servers: what programs are told to use, the best first.

    """
    domains, whole = advertised.domains(config), config.whole_address
    xml = thunderbird.config(domains, servers, whole_address=whole)
    index = _index(domains[0], servers, whole=whole)
    root: Resource = _Folder()
    _put(root, "", _Page("text/html; charset=utf-8", lambda _: index))
    for path in thunderbird.PATHS:
        _put(root, path, _Page("text/xml; charset=utf-8", lambda _: xml))
    _put(root, apple.PATH, _Page(apple.TYPE, lambda request: _profile(request, servers, whole=whole)))
    return root


def _put(root: Resource, path: str, page: Resource) -> None:
    """Put a page at a path, below folders that are nothing themselves."""
    *folders, name = path.encode().split(b"/")
    for folder in folders:
        if folder not in root.children:
            root.putChild(folder, _Folder())
        root = root.children[folder]
    root.putChild(name, page)


class _Folder(Resource):
    """Is nothing itself, nor is anything in it but what was put there."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's

    def getChild(self, path: bytes, request: Request) -> Any:  # noqa: ANN401  # Twisted's  # Twisted's
        """Twisted: something else was asked for."""
        return notFound()

    def render_GET(self, request: Request) -> Any:  # noqa: ANN401  # Twisted's
        """Twisted: it was asked for itself."""
        return notFound().render(request)


class _Page(Resource):
    """Octets of some type; `Refused` if they cannot be made for this request."""

    isLeaf = True

    def __init__(self, content_type: str, made: Callable[[Request], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self._content_type, self._made = content_type, made

    def render_GET(self, request: Request) -> bytes:
        """Twisted: this page was asked for."""
        try:
            content, content_type = self._made(request), self._content_type
        except Refused as refusal:
            request.setResponseCode(BAD_REQUEST)
            content, content_type = f"{refusal}\n".encode(), "text/plain; charset=utf-8"
        request.setHeader("Content-Type", content_type)
        return content


class Refused(Exception):
    """A request cannot be answered; its text says what to do."""


def _profile(request: Request, servers: Sequence[Server], *, whole: bool) -> bytes:
    given = request.args.get(b"emailaddress", [b""])[0].decode(errors="replace")
    who = address(given)
    if who is None:
        raise Refused("give your whole address, as in ?emailaddress=ada@example.org")
    request.setHeader("Content-Disposition", 'attachment; filename="mail.mobileconfig"')
    return apple.profile(who, servers, whole_address=whole)


def _index(domain: str, servers: Sequence[Server], *, whole: bool) -> bytes:
    lines = (
        f"<li>{_NAMES[server.protocol]}: {escape(server.host)}, port {server.port}, {_SECURITY[server.tls_first]}"
        for server in servers
    )
    login = "your address" if whole else "what stands before the @ in your address"
    return _PAGE.format(domain=escape(domain), profile=apple.PATH, login=login, servers="\n".join(lines)).encode()
