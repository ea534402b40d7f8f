"""``imapd check``: whether everything in the accounts' files agrees, and what can be put right."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from imapd.admin.parameters import known
from imapd.admin.progress import MessageBar
from imapd.admin.stores import configuration, with_store
from imapd.auth.passwords import is_readable
from mailstore.errors import StoreError
from mailstore.interfaces import IMailStore, Progress
from mailstore.model import AccountId, User

_Work = Callable[[AccountId, Progress], Awaitable[list[str]]]


@click.command()
@click.option("--user", "name", metavar="NAME", help="Check only this one.")
@click.option("--repair", is_flag=True, help="Make anew what follows from the octets of messages, and say so.")
@click.option("--store", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Check a backup, say.")
@click.pass_obj
def check(data: Path, name: str | None, *, repair: bool, folder: Path | None) -> None:
    """Read every account and report what does not agree in it; the server may run.

    Without --repair nothing is changed.  With it, counts, UID runs, the change log, structures and whatever else is
    kept beside the messages are made anew where they are wrong.  Octets, flags and folders are never touched: where
    those are damaged, only a backup helps.  While damaged pages are written anew, the account answers with errors.

    The status is 0 if all is well, or was put right; 1 if not.
    """

    done: list[str] = []

    async def work(store: IMailStore) -> list[str]:
        with known(name or ""):
            users = await store.users() if name is None else [await store.user(name)]
        problems = [] if name else await store.check_register()
        with MessageBar() as bar:
            for user in users:
                problems += await _without_password(store, user)
                found = await _said(store.check, user, bar)
                if found and repair:
                    done.extend(await _said(store.repair, user, bar))
                    found = await _said(store.check, user, bar)
                problems += found
        return problems

    config = configuration(data)
    problems = with_store(config, work) if folder is None else with_store(config.at(folder), work, at_rest=True)
    for line in (*done, *problems):
        click.echo(line)
    if problems:
        left = "left, restore what is damaged from a backup" if repair else "found, --repair puts right what it can"
        raise click.ClickException(f"{len(problems)} problems {left}")
    click.echo("all is well")


async def _without_password(store: IMailStore, user: User) -> list[str]:
    """Return in words that a user cannot log in, if so."""
    _, hashed = await store.credentials(user.name)
    if is_readable(hashed):
        return []
    return [f"{user.name}: the password hash cannot be read; 'imapd user passwd' gives {user.name} another password"]


async def _said(work: _Work, user: User, bar: MessageBar) -> list[str]:
    """Return the lines of `work` on an account, or why it cannot be done."""
    try:
        return [f"{user.name}: {line}" for line in await work(user.account, bar.of(user.name))]
    except StoreError as error:
        return [f"{user.name}: {error}"]
