"""``imapd backup``: every account, as it is at one moment, in a folder that is itself a store."""

from collections.abc import Sequence
from pathlib import Path

import click

from imapd.admin.parameters import known
from imapd.admin.progress import MessageBar
from imapd.admin.stores import configuration, with_store
from mailstore.errors import StoreError
from mailstore.interfaces import IBackup, IMailStore
from mailstore.model import User


@click.command()
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path, file_okay=False))
@click.option("--user", "names", metavar="NAME", multiple=True, help="Back up only this one; may be given again.")
@click.option("--full", is_flag=True, help="Write every account anew, not only what has changed.")
@click.option("--prune", is_flag=True, help="Drop the backups of accounts that are gone.")
@click.pass_obj
def backup(data: Path, destination: Path, *, names: tuple[str, ...], full: bool, prune: bool) -> int:
    """Bring the folder DEST up to date with every account; the server may run, and nobody waits.

    Only what has changed since the last time is written.  Each account becomes in DEST what it was at one moment, at
    once; if the command is stopped, what was there before stays, and the next time goes on.  Every message that is
    written is read back and compared with the digest that it came in with.

    DEST is laid out as the store is: 'imapd check --store DEST' looks through it, and 'imapd restore' brings back an
    account, a folder or a message.  The configuration and the certificate's key are not in it.

    An account that cannot be backed up is reported, its backup stays as it was, and the status is 1.
    """

    async def work(store: IMailStore) -> int:
        users = await _users(store, names)
        kept = await store.backup(str(destination))
        try:
            failed = await _update(kept, users, full=full)
            gone = await _gone(store, kept)
            if prune:
                for user in gone:
                    await kept.drop(user)
        finally:
            await kept.close()
        if gone:
            _say_gone(gone, prune=prune)
        return failed

    return 1 if with_store(configuration(data), work) else 0


async def _users(store: IMailStore, names: Sequence[str]) -> list[User]:
    users = []
    for name in names:
        with known(name):
            users.append(await store.user(name))
    return users or await store.users()


async def _update(kept: IBackup, users: Sequence[User], *, full: bool) -> int:
    """Bring every backup up to date that can be; return how many cannot."""
    changed = failed = 0
    with MessageBar() as bar:
        for user in users:
            try:
                changed += await kept.update(user, bar.of(user.name), whole=full)
            except StoreError as error:
                bar.say(f"imapd: {user.name}: {error}; its backup is as it was")
                failed += 1
    click.echo(f"{changed} accounts backed up, {len(users) - changed - failed} were as before, {failed} failed")
    return failed


async def _gone(store: IMailStore, kept: IBackup) -> list[User]:
    """Return of whom there is a backup and no account any more."""
    there = {user.account for user in await store.users()}
    return [user for user in await kept.users() if user.account not in there]


def _say_gone(gone: Sequence[User], *, prune: bool) -> None:
    names = ", ".join(user.name for user in gone)
    click.echo(f"gone, and {'dropped' if prune else 'kept until --prune drops them'}: {names}")
