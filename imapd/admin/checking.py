"""``imapd check``: whether everything in the accounts' files agrees."""

import sys
from pathlib import Path

import click
from rich.progress import track

from imapd.admin.parameters import known
from imapd.admin.stores import configuration, with_store
from mailstore.errors import StoreError
from mailstore.interfaces import IMailStore
from mailstore.model import User


@click.command()
@click.option("--user", "name", metavar="NAME", help="Check only this one.")
@click.pass_obj
def check(data: Path, name: str | None) -> None:
    """Read every account and report what does not agree in it; the server may run.

    Nothing is changed.  The status is 0 if all is well, 1 if not.
    """

    async def work(store: IMailStore) -> list[str]:
        with known(name or ""):
            users = await store.users() if name is None else [await store.user(name)]
        shown = track(users, "checking", disable=not sys.stderr.isatty(), transient=True)
        return [f"{user.name}: {problem}" for user in shown for problem in await _problems(store, user)]

    problems = with_store(configuration(data), work)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"{len(problems)} problems; restore the account from a backup, or ask for help")
    click.echo("all is well")


async def _problems(store: IMailStore, user: User) -> list[str]:
    """Return what does not agree in an account, or why it cannot even be opened."""
    try:
        account = await store.account(user.account)
    except StoreError as error:
        return [str(error)]
    try:
        return await account.check_consistency()
    except StoreError as error:
        return [str(error)]
    finally:
        await account.release()
