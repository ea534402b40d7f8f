"""The configuration: ``imapd.toml`` in the data folder, read and checked once.

The first use writes the file, with every setting in it as a comment that holds the default.
"""

import os
import re
import socket
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attrs import Factory, evolve, frozen

from imapd import limits, sizes
from imapd.mailserver import is_server
from mailstore.annotations import MAX_VALUE_OCTETS, EntryName, entry_name, is_annotation, is_shared
from mailstore.errors import InvalidName
from mailstore.model import Quota
from mailstore.policy import KEPT_DAYS, MAX_MESSAGE_OCTETS, Policy

FILE_NAME: Final = "imapd.toml"
DATA: Final = os.environ.get("IMAPD_DATA", "./var")
"""The data folder where the command line names none."""
HOST_NAME: Final = socket.gethostname()
DEFAULT_CERTIFICATE: Final = "tls/certificate.pem"
DEFAULT_KEY: Final = "tls/key.pem"

AUTO: Final = "auto"
MOST_WORKERS: Final = 256
A_NUMBER_OF_WORKERS: Final = f'a number from 1 to {MOST_WORKERS}, or "{AUTO}"'

DEFAULT_FILE: Final = f"""\
# imapd's configuration.  A line that begins with # is a comment; the settings in comments are the defaults.
# Relative paths are counted from the folder of this file.

# Where the mail is: a folder with one SQLite file for each account.
#store = "sqlite://store"

# Where clients may connect: Twisted endpoint strings, any number for each door; [] closes it.  `imap` takes connections
# in the clear and offers STARTTLS, `imaps` speaks TLS from the first octet; so do `pop3` and `pop3s`, for clients that
# take mail away from INBOX.  As soon as twistd's command line names a door, all of these are closed.
# With "haproxy:" before it, an endpoint is for a proxy alone, which says who its clients are (the PROXY protocol): let
# nobody else come near.
#imap = ["tcp:1143:interface=127.0.0.1"]
#imaps = ["tcp:1993:interface=127.0.0.1"]
#pop3 = []
#pop3s = []

# Where the mail transfer agent in front delivers mail, by LMTP: nobody logs in there, so let nobody else come near.
#lmtp = []
# For example: lmtp = ["unix:/run/imapd/lmtp:mode=660"]  or  lmtp = ["tcp:2003:interface=127.0.0.1"]

# Where the mail transfer agent asks whether a sender's password is right, in the protocol of Dovecot that Postfix and
# Exim speak (smtpd_sasl_type = dovecot).  Who can reach it may guess passwords, as slowly as elsewhere.
#auth = []
# For example: auth = ["unix:/var/spool/postfix/private/imapd-auth:mode=660"]

# What stands between user and folder in an address: ada+lists@example.org is for ada's folder "lists" if there is one,
# else for the INBOX.  "" for nothing.
#recipient_delimiter = "+"

# Mail for a full mailbox goes back to its sender at once; or, if this is true, the agent in front tries again for days.
#quota_defers = false

# The certificate, followed by those that vouch for it, and its key, as PEM files.  They are read again when they
# change.  If neither is set here nor there, a self-signed certificate is made.
#certificate = "{DEFAULT_CERTIFICATE}"
#key = "{DEFAULT_KEY}"

# The name that clients know this server by, as it stands in a URL such as imap://ada@{HOST_NAME}/INBOX/;UID=1.
#host_name = "{HOST_NAME}"

# What mail programs are told when they set themselves up, at the doors `http` and `https` and by `imapd dns`.  By
# default the address's domain is what host_name lies in; the servers are the doors that can be reached from elsewhere,
# and host_name at the ports of submission: "submissions://mail.example.org:465", "submission://mail.example.org:587",
# and likewise imaps, imap, pop3s, pop3, the best first.  One logs in with one's whole address, or with what stands
# before the @.
#http = []
#https = []
#mail_domains = []
#mail_servers = []
#whole_address = false

# Whether passwords may come in the clear from this machine itself; from elsewhere they never may.
#plaintext_on_loopback = true

# Seconds without a command after which an IMAP session is ended; RFC 9051, 5.4 asks for 1800 at least.
#idle_seconds = 1800

# The largest message, in octets.
#max_message_octets = {MAX_MESSAGE_OCTETS:_}

# How much mail one account may hold: a size such as "500M" or "2G", and a number of messages.  A copy counts like the
# message itself.  `imapd user quota` gives a user other limits.
#quota_storage = "unlimited"
#quota_messages = "unlimited"

# What the server says of itself to mail programs (RFC 5464), on one line or under [metadata] at the end of this file:
# {{ "/shared/comment" = "Mail of Example Ltd", "/shared/admin" = "mailto:postmaster@example.org" }}.  An entry such as
# "/shared/filters/values/unread" = "UNSEEN UNDELETED" is a search that everyone may use by its name (RFC 5466).
#metadata = {{}}

# The most messages that one COPY may be about, 1000 at least (RFC 9738, SAVELIMIT).  Clients that do not know of it are
# refused what is more.
#save_limit = "unlimited"

# How many days an expunged message is kept, for `imapd undelete`, unless space is short.  It counts to no quota.
#undelete_days = {KEPT_DAYS}

# Whether messages with more than ASCII in their headers are only for mail programs that have enabled UTF-8, as RFC 9755
# has it: others then see such headers encoded, and cannot add such messages.  With false everybody gets and gives the
# very octets: programs that copy mail from one server to another, such as mbsync and imapsync, enable nothing.
#ascii_headers = false

# How many seconds after one login by POP3 the next one of the same user is refused (RFC 2449, LOGIN-DELAY).
#pop3_login_delay = 0

# How many processes serve clients, or "auto": one for each core of the machine.  twistd's --workers goes before this.
#workers = "auto"

# Commands that take longer than this many seconds are logged.
#slow_command_seconds = 1.0
"""


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file, the setting, and what to do."""


@frozen
class Config:
    """The settings, as `DEFAULT_FILE` explains them.

    Attributes:
        data: the data folder, an absolute path when it comes from `read_config`.

    """

    data: Path
    store: str = "sqlite://store"
    imap: tuple[str, ...] = ("tcp:1143:interface=127.0.0.1",)
    imaps: tuple[str, ...] = ("tcp:1993:interface=127.0.0.1",)
    pop3: tuple[str, ...] = ()
    pop3s: tuple[str, ...] = ()
    lmtp: tuple[str, ...] = ()
    auth: tuple[str, ...] = ()
    recipient_delimiter: str = "+"
    quota_defers: bool = False
    certificate: str = DEFAULT_CERTIFICATE
    key: str = DEFAULT_KEY
    http: tuple[str, ...] = ()
    https: tuple[str, ...] = ()
    host_name: str = HOST_NAME
    mail_domains: tuple[str, ...] = ()
    mail_servers: tuple[str, ...] = ()
    whole_address: bool = False
    plaintext_on_loopback: bool = True
    idle_seconds: int = 1800
    max_message_octets: int = MAX_MESSAGE_OCTETS
    quota_storage: str | int = "unlimited"
    quota_messages: str | int = "unlimited"
    metadata: Mapping[EntryName, str] = Factory(dict)
    save_limit: str | int = "unlimited"
    undelete_days: float = KEPT_DAYS
    ascii_headers: bool = False
    pop3_login_delay: int = 0
    workers: str | int = AUTO
    slow_command_seconds: float = 1.0

    @property
    def policy(self) -> Policy:
        """What the store is told of it: there, fields stand above a message that was delivered."""
        quota = Quota(sizes.octets(str(self.quota_storage)), sizes.count(str(self.quota_messages)))
        return Policy(self.max_message_octets + limits.TRACE_OCTETS, quota, self.undelete_days)

    @property
    def most_saved(self) -> int:
        """The most messages that one command may save, `UNLIMITED` if that is not limited."""
        return sizes.count(str(self.save_limit))

    @property
    def certificate_path(self) -> Path:
        """Where the certificate is."""
        return self.data / self.certificate

    @property
    def key_path(self) -> Path:
        """Where its key is."""
        return self.data / self.key

    def with_doors(self, endpoints: Mapping[str, tuple[str, ...]]) -> "Config":
        """Return the same with these endpoints, by door."""
        return evolve(self, **endpoints)  # type: ignore[arg-type]  # these settings are of this type

    def at(self, folder: Path) -> "Config":
        """Return the same with another folder as the store."""
        return evolve(self, store=f"sqlite://{folder.absolute()}")

    @property
    def store_url(self) -> str:
        """The store's URL; a path in it is absolute."""
        scheme, _, place = self.store.partition("://")
        return f"sqlite://{self.data / place}" if scheme == "sqlite" and place else self.store


def read_config(data: str | Path) -> Config:
    """Read the configuration of the data folder `data`, making both if they are not there.

    Raises:
        ConfigError: a setting is wrong or unknown, or the file cannot be read.

    """
    folder = Path(data).expanduser().absolute()
    file = folder / FILE_NAME
    try:
        _write_default(file)
        settings = tomllib.loads(file.read_text())
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}; choose another data folder with --data") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: it is not UTF-8; save it as such") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {error}; correct this line") from error
    try:
        return Config(folder, **{name: _checked(name, value) for name, value in settings.items()})
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


def _write_default(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with file.open("x") as new:
            new.write(DEFAULT_FILE)
    except FileExistsError:
        pass


def _checked(name: str, value: object) -> Any:  # noqa: ANN401  # each setting has its own type
    if name not in _SETTINGS:
        near = get_close_matches(name, _SETTINGS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_SETTINGS)}"
        raise ConfigError(f"unknown setting {name}; {hint}")
    accept, wanted = _SETTINGS[name]
    if not accept(value):
        raise ConfigError(f"{name} = {value!r} must be {wanted}")
    if isinstance(value, dict):
        return {entry_name(entry): text for entry, text in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_delimiter(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 1


def _is_endpoints(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_domains(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and _DOMAIN.fullmatch(each) for each in value)


def _is_servers(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and is_server(each) for each in value)


def _is_metadata(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_entry, value, value.values()))


def _is_entry(name: str, text: object) -> bool:
    try:
        entry = entry_name(name)
    except InvalidName:
        return False
    if not (is_annotation(entry) and is_shared(entry) and isinstance(text, str)):
        return False
    return len(text.encode()) <= MAX_VALUE_OCTETS and (entry != _ADMIN or _URL.match(text) is not None)


def _is_number(least: float, most: float, *kinds: type) -> Callable[[object], bool]:
    return lambda value: type(value) in kinds and least <= value <= most  # type: ignore[operator]  # a number by then


def _is_limit(read: Callable[[str], int], least: int = 1) -> Callable[[object], bool]:
    def accept(value: object) -> bool:
        try:
            return type(value) in {int, str} and read(str(value)) >= least
        except ValueError:
            return False

    return accept


def number_of_workers(text: str) -> int:
    """Return how many workers are asked for, 0 for as many as the machine has cores; `ValueError`."""
    if text == AUTO:
        return 0
    if not 1 <= int(text) <= MOST_WORKERS:
        raise ValueError
    return int(text)


_ENDPOINTS: Final = 'a list of endpoint strings, such as ["tcp:1143:interface=127.0.0.1"]'
_ADMIN: Final = "/shared/admin"
_DOMAIN: Final = re.compile(r"[^\s@/.]+(\.[^\s@/.]+)*")
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_METADATA: Final = f'a table of names such as "/shared/comment" with texts, {_ADMIN} with a URL'
_SETTINGS: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "store": (_is_text, 'a store URL, such as "sqlite://store"'),
    "imap": (_is_endpoints, _ENDPOINTS),
    "imaps": (_is_endpoints, _ENDPOINTS),
    "pop3": (_is_endpoints, _ENDPOINTS),
    "pop3s": (_is_endpoints, _ENDPOINTS),
    "lmtp": (_is_endpoints, _ENDPOINTS),
    "auth": (_is_endpoints, _ENDPOINTS),
    "recipient_delimiter": (_is_delimiter, 'one character, such as "+", or ""'),
    "quota_defers": (_is_boolean, "true or false"),
    "certificate": (_is_text, "the path of a PEM file"),
    "key": (_is_text, "the path of a PEM file"),
    "http": (_is_endpoints, _ENDPOINTS),
    "https": (_is_endpoints, _ENDPOINTS),
    "host_name": (_is_text, "a host name, such as mail.example.org"),
    "mail_domains": (_is_domains, 'a list of domains, such as ["example.org"]'),
    "mail_servers": (_is_servers, 'a list such as ["imaps://mail.example.org:993", "submission://mail.example.org:587"]'),
    "whole_address": (_is_boolean, "true or false"),
    "plaintext_on_loopback": (_is_boolean, "true or false"),
    "idle_seconds": (_is_number(1800, 1 << 31, int), "a whole number of seconds, 1800 at least"),
    "max_message_octets": (_is_number(1 << 10, (1 << 32) - 1, int), "a whole number of octets, 1024 to 4294967295"),
    "quota_storage": (_is_limit(sizes.octets), sizes.A_SIZE),
    "quota_messages": (_is_limit(sizes.count), sizes.A_COUNT),
    "metadata": (_is_metadata, _METADATA),
    "save_limit": (_is_limit(sizes.count, 1000), "a number, 1000 at least, or unlimited"),
    "undelete_days": (_is_number(0, 36500, int, float), "a number of days, 0 or more"),
    "ascii_headers": (_is_boolean, "true or false"),
    "pop3_login_delay": (_is_number(0, 1 << 31, int), "a whole number of seconds, 0 or more"),
    "workers": (_is_limit(number_of_workers, 0), A_NUMBER_OF_WORKERS),
    "slow_command_seconds": (_is_number(0, 1 << 31, int, float), "a number of seconds, 0 or more"),
}
"""Each setting: what it accepts, and what an error says it must be."""
