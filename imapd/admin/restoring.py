"""``imapd restore``: an account, a folder or a message, from a backup."""

import sys
from pathlib import Path

import click

from imapd.admin.parameters import checked_mailbox, known
from imapd.admin.progress import MessageBar
from imapd.admin.returning import Return, Wanted
from imapd.admin.stores import configuration, opened, with_store
from mailstore.errors import AlreadyExists, Conflict, NotFound
from mailstore.interfaces import IMailStore
from mailstore.model import MailboxName

_WHO_IS_THERE = "SRC is the DEST of 'imapd backup', NAME one of its users"


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path, file_okay=False))
@click.option("--user", "name", metavar="NAME", required=True, help="Whose mail it is, in the backup.")
@click.option("--as", "new_name", metavar="NAME", help="Whose mail it becomes, if not the same user's.")
@click.option("--mailbox", callback=checked_mailbox, help="Bring back only the messages of this mailbox.")
@click.option("--message", metavar="UID|MESSAGE-ID", help="Bring back only this message; a UID goes with --mailbox.")
@click.option("--into", callback=checked_mailbox, help="The mailbox where messages go, if not the same.")
@click.option("--replace", is_flag=True, help="Put the whole account in place of what the user has, which is lost.")
@click.option("--yes", is_flag=True, help="Do not ask before --replace.")
@click.pass_obj
def restore(
    data: Path,
    source: Path,
    *,
    name: str,
    new_name: str | None,
    mailbox: MailboxName | None,
    message: str | None,
    into: MailboxName | None,
    replace: bool,
    yes: bool,
) -> int:
    """Bring mail back from the backup in the folder SRC; the server may run.

    Without --mailbox or --message it is the whole account, for a user who is not there: with all UIDs, flags and dates,
    so that mail programs go on as if nothing had happened, and with the password and limits of that time.

    With one of them, messages are added to what the user has, with their flags and dates, and open sessions see them
    arrive.  What a mailbox has already is not added again.  Damaged messages are left out, and the status is 1.
    """
    config = configuration(data)
    wanted = Wanted(mailbox, message, into) if mailbox or message else None
    if wanted is None and into:
        raise click.UsageError("--into goes with --mailbox or --message.")
    if wanted is not None and replace:
        raise click.UsageError("--replace is for whole accounts, not for --mailbox or --message.")
    if wanted is not None and wanted.uid and not mailbox:
        raise click.UsageError("a UID says which message of a mailbox: add --mailbox, or give a Message-ID.")
    if replace and not yes and sys.stdin.isatty():
        click.confirm(f"Replace all that {new_name or name} has by what it was in the backup?", abort=True)

    async def work(store: IMailStore) -> int:
        if wanted is None:
            return await _account(store, source, name, new_name or name, replace=replace)
        backup = opened(config.at(source), at_rest=True)
        try:
            return await _messages(store, backup, wanted, name, new_name or name)
        finally:
            await backup.close()

    return with_store(config, work)


async def _account(store: IMailStore, source: Path, name: str, new_name: str, *, replace: bool) -> int:
    """Bring a whole account back; return the status."""
    try:
        with MessageBar() as bar:
            user = await store.restore(str(source), name, new_name, bar.of(new_name), replace=replace)
    except NotFound as error:
        raise click.ClickException(f"{error} in {source}; {_WHO_IS_THERE}") from None
    except AlreadyExists:
        raise click.ClickException(
            f"there is a user {new_name} already: bring the account back under another name with --as, a folder with"
            " --mailbox, or put it in place of what is there with --replace"
        ) from None
    except Conflict:
        raise click.ClickException(
            f"{new_name} is logged in, or was half a minute ago, and could lose mail: stop the server first, or bring"
            " the account back under another name with --as"
        ) from None
    click.echo(f"user {user.name} is back")
    return 0


async def _messages(store: IMailStore, backup: IMailStore, wanted: Wanted, name: str, new_name: str) -> int:
    """Bring messages back; return the status."""
    with known(name, _WHO_IS_THERE):
        kept = await backup.account((await backup.user(name)).account)
    with known(new_name):
        account = await store.account((await store.user(new_name)).account)
    try:
        returned = Return(account, wanted)
        await returned.bring(kept)
    finally:
        await account.release()
    click.echo(f"{returned.brought} messages are back, {returned.there} were there, {returned.damaged} are damaged")
    return 1 if returned.damaged else 0
