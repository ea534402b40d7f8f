"""``imapd import``: mail from files into an account."""

from itertools import chain
from pathlib import Path

import click

from imapd.admin.parameters import checked_mailbox, known
from imapd.admin.progress import Progress, Pulse, octets_below
from imapd.admin.stores import configuration, with_store
from imapd.formats import detect
from imapd.formats.hints import Hints
from imapd.formats.mbox import Dialect
from imapd.formats.uidlformat import DOVECOTS, UidlFormat
from imapd.moving.intake import Intake
from mailstore.interfaces import IMailStore
from mailstore.model import MailboxName
from mailstore.names import INBOX


def _checked_format(context: click.Context, parameter: click.Parameter, value: str) -> UidlFormat:
    """Return an option's value as a format; click calls this."""
    try:
        return UidlFormat(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--user", "name", metavar="NAME", required=True, help="Whose mail it becomes.")
@click.option("--mailbox", default=INBOX, callback=checked_mailbox, help="Where messages go that are in no folder.")
@click.option(
    "--mbox-dialect",
    "dialect",
    type=click.Choice([each.value for each in Dialect]),
    callback=lambda _context, _parameter, value: value and Dialect(value),
    help="How the mboxes were written, if it is known; otherwise it is told by what they hold.",
)
@click.option(
    "--pop3-uidl-format",
    "uidl_format",
    metavar="FORMAT",
    default=DOVECOTS.text,
    callback=_checked_format,
    help="Dovecot's setting pop3_uidl_format, for Maildirs where it has not saved the UIDLs.",
)
@click.pass_obj
def import_mail(
    data: Path,
    paths: tuple[Path, ...],
    name: str,
    mailbox: MailboxName,
    *,
    dialect: Dialect | None,
    uidl_format: UidlFormat,
) -> int:
    """Bring mail in from files: messages, mboxes, Maildirs, MH.  The server may run meanwhile; sessions see it arrive.

    A PATH is a message (.eml), an mbox, a Maildir with all its folders, or a folder with mboxes, messages or folders of
    MH in it, and is recognised by its content.  Only an .eml that begins with an mbox separator is told from an mbox of
    one message by its name.

    Stopped and run again, it brings in what is lacking.  What Dovecot or Courier called a message stays so, its UID and
    the UIDVALIDITY, in a mailbox that never held another one: clients need not download it again.

    Octets stay as they are, but for line ends: an LF without CR becomes CRLF.  Flags are those of the Maildir's file
    names, with Dovecot's and Courier's keywords, of the mbox's Status fields and Thunderbird's, or of MH's sequences;
    dates are those of the Maildir's files, of the mbox's separators, or else of the newest Received or Date field.

    Folders keep their names, below MAILBOX if that is not INBOX.  Levels are separated by /; a / inside the name of one
    level becomes _.

    What cannot be read is reported and left out, and the status is 1.

    'imapd import imaps://HOST/ --help' tells how an account is brought from another server.
    """

    async def work(store: IMailStore) -> Intake:
        with known(name):
            account = await store.account((await store.user(name)).account)
        hints = Hints(dialect, uidl_format)
        progress = Progress(f"import for {name}", octets_below(paths))
        intake = Intake(account, mailbox, progress)
        try:
            try:
                with progress:
                    await intake.take(chain.from_iterable(detect.read(path, hints) for path in paths))
            finally:
                click.echo(
                    f"{intake.taken} messages imported, {intake.there} there already, {intake.left_out} left out"
                )
            with Pulse(f"tidying up for {name}"):
                await account.tidy()
        finally:
            await account.release()
        return intake

    return 1 if with_store(configuration(data), work).left_out else 0
