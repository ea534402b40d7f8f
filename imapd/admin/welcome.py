"""The demo account's first mail: something to read, to move about and to search for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from imapd.formats.found import Found
from mailstore.model import FLAGGED, SEEN, Flags

_WELCOME: Final = """\
Hello,

if you can read this, your mail program and this server have found each other.  The mail that you see is on the server:
another program, or a phone, that logs in to the same account shows the same folders and the same messages.

Nothing here leaves this machine, so try what you like:

  - open this account in a second program, and watch one follow the other;
  - mark messages, move them, delete them, make folders inside folders;
  - search for a part of a word: finding "erve" in "server" is what IMAP asks for.

There are two more messages for you.
"""

_IMPORT: Final = """\
Your own mail can come in from files: messages (.eml), folders of them, mboxes, and Maildirs with all their folders.

    .venv/bin/imapd --data var import ~/Maildir --user demo

The server may run meanwhile; this mail program shows the messages as they arrive.  More users are made with

    .venv/bin/imapd --data var user add ada@example.org

and `imapd --help` names everything else.
"""

_IMPORT_HTML: Final = """\
<p>Your own mail can come in from files: messages (<tt>.eml</tt>), folders of them, mboxes, and Maildirs with all their
folders.</p>
<pre>.venv/bin/imapd --data var import ~/Maildir --user demo</pre>
<p>The server may run meanwhile; this mail program shows the messages as they arrive.  More users are made with</p>
<pre>.venv/bin/imapd --data var user add ada@example.org</pre>
<p>and <tt>imapd --help</tt> names everything else.</p>
"""

_LETTERS: Final = """\
Blåbærsyltetøy, naïveté, Übergrößenträger, žluťoučký kůň, ελληνικά, русский, 日本語, 👋

Subjects, names and texts in any script are found by any part of them, in capitals or not: search for "übergr", and for
"ÜBERGR" too.  The attachment can be opened alone; your program need not fetch the rest for it.
"""


def messages() -> Iterator[Found]:
    """Yield the messages, as if they had just come in."""
    welcome = _message(1, "Welcome to your mail server", _WELCOME)
    yield _found(welcome, frozenset({FLAGGED}))
    bring = _message(2, "Bring your own mail", _IMPORT, answers=1)
    bring.add_alternative(_IMPORT_HTML, subtype="html")
    yield _found(bring)
    letters = _message(3, "Grüße in every script", _LETTERS)
    letters.add_attachment(_LETTERS, filename="grüße.txt")
    yield _found(letters, frozenset({SEEN}))


def _message(number: int, subject: str, text: str, answers: int | None = None) -> EmailMessage:
    message = EmailMessage(SMTP)
    message["From"] = "imapd <imapd@localhost>"
    message["To"] = "demo@localhost"
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<welcome.{number}@localhost>"
    if answers:
        message["In-Reply-To"] = message["References"] = f"<welcome.{answers}@localhost>"
    message.set_content(text)
    return message


def _found(message: EmailMessage, flags: Flags = frozenset()) -> Found:
    octets = message.as_bytes()
    return Found(f"welcome: {message['Subject']}", len(octets), lambda: iter([octets]), flags)
