"""``imapd export``: an account into files that other programs read, and `imapd import` brings back as it was."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from imapd.admin.parameters import checked_mailboxes, known
from imapd.admin.progress import Progress
from imapd.admin.stores import configuration, with_store
from imapd.formats.maildirexport import MaildirExport
from imapd.formats.mboxexport import MboxExport
from imapd.formats.outgoing import Export
from imapd.moving.outflow import Outflow
from mailstore.interfaces import IMailStore
from mailstore.model import MailboxInfo, MailboxName

_FORMATS: Final[dict[str, Callable[[Path], Export]]] = {"maildir": MaildirExport, "mbox": MboxExport}


@click.command("export")
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path, file_okay=False))
@click.option("--user", "name", metavar="NAME", required=True, help="Whose mail it is.")
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="maildir", help="What to write.")
@click.option(
    "--mailbox", "chosen", multiple=True, callback=checked_mailboxes, help="Only this mailbox; may be given again."
)
@click.pass_obj
def export(data: Path, destination: Path, name: str, form: str, chosen: Sequence[MailboxName]) -> int:
    """Write an account into the folder DEST, which must be empty or not there.  The server may run meanwhile.

    A Maildir is as Dovecot has it, with its lists of UIDs, keywords and subscriptions, so that Dovecot, mutt and others
    go on where imapd was; name it as Dovecot's mail_location.  Of mboxes there is one for each mailbox, in the dialect
    mboxrd, with the fields that Dovecot and mutt know for flags.

    `imapd import DEST` makes the same account of either: octets, UIDs, UIDVALIDITY, flags, keywords, dates,
    subscriptions, special uses and UIDLs.  Metadata and filters are not exported; 'imapd backup' keeps these too.

    What a format has no place for is told.  A message that is damaged is left out, and the status is 1.
    """
    _require_empty(destination)

    async def work(store: IMailStore) -> Outflow:
        with known(name):
            account = await store.account((await store.user(name)).account)
        try:
            mailboxes = _among(await account.mailboxes(), chosen)
            statuses = [await account.status(each.name) for each in mailboxes]
            progress = Progress(f"export of {name}", sum(status.octets for status in statuses))
            outflow = Outflow(account, _FORMATS[form](destination), progress)
            with progress:
                for mailbox in mailboxes:
                    await outflow.write(mailbox)
                outflow.finish([each for each in await account.subscriptions() if each in chosen or not chosen])
            click.echo(f"{outflow.written} messages exported, {outflow.left_out} left out")
        finally:
            await account.release()
        return outflow

    try:
        destination.mkdir(parents=True, exist_ok=True)
        outflow = with_store(configuration(data), work)
        os.sync()
    except OSError as error:
        raise click.ClickException(f"{error.filename or destination}: {error.strerror}") from error
    return 1 if outflow.left_out else 0


def _require_empty(destination: Path) -> None:
    if destination.is_dir() and any(destination.iterdir()):
        raise click.ClickException(
            f"{destination} is not empty; name another folder, or remove what an export that was stopped left there"
        )


def _among(mailboxes: Sequence[MailboxInfo], chosen: Sequence[MailboxName]) -> list[MailboxInfo]:
    missing = set(chosen) - {each.name for each in mailboxes}
    if missing:
        raise click.ClickException(f"there is no mailbox {', '.join(sorted(missing))}")
    return [each for each in mailboxes if each.name in chosen or not chosen]
