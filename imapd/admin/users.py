"""``imapd user``: who may log in."""

import sys
from pathlib import Path

import click

from imapd.admin.aliases import alias
from imapd.admin.parameters import known
from imapd.admin.passwords import ask_password, password_stdin
from imapd.admin.quota import quota, spelled
from imapd.admin.stores import configuration, with_store
from imapd.admin.taking_over import import_users
from imapd.auth.passwords import hash_password
from mailstore.errors import AlreadyExists
from mailstore.interfaces import IMailStore
from mailstore.model import User

name_argument = click.argument("name")


@click.group()
def user() -> None:
    """Users: add, import, list, passwd, quota, alias, delete.  Names compare without case and may carry a domain."""


@user.command()
@name_argument
@password_stdin
@click.pass_obj
def add(data: Path, name: str, password_stdin: bool) -> None:
    """Make a user with the usual folders; the password is asked for."""
    hashed = hash_password(ask_password(password_stdin))

    async def work(store: IMailStore) -> None:
        try:
            await store.add_user(name, hashed)
        except AlreadyExists:
            raise click.ClickException(f"there is a user {name} already; see 'imapd user passwd'") from None

    with_store(configuration(data), work)
    click.echo(f"user {name} added")


user.add_command(quota)
user.add_command(alias)
user.add_command(import_users)


@user.command("list")
@click.option("--quota", "with_quota", is_flag=True, help="Also the limits that a user has alone, behind tabs.")
@click.pass_obj
def list_users(data: Path, *, with_quota: bool) -> None:
    """Print every user's name, a line each."""

    async def work(store: IMailStore) -> list[User]:
        return await store.users()

    for each in with_store(configuration(data), work):
        click.echo("\t".join([each.name, *spelled(each.quota)] if with_quota else [each.name]))


@user.command()
@name_argument
@password_stdin
@click.pass_obj
def passwd(data: Path, name: str, password_stdin: bool) -> None:
    """Give a user another password; sessions that are open stay open."""
    hashed = hash_password(ask_password(password_stdin))

    async def work(store: IMailStore) -> None:
        with known(name):
            await store.set_password_hash(name, hashed)

    with_store(configuration(data), work)
    click.echo(f"password of {name} changed")


@user.command()
@name_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(data: Path, name: str, yes: bool) -> None:
    """Remove a user with all mail, for good; sessions end.  Asks at a terminal; a script is not asked."""
    if not yes and sys.stdin.isatty():
        click.confirm(f"Delete {name} and all mail of {name}, for good?", abort=True)

    async def work(store: IMailStore) -> None:
        with known(name):
            await store.delete_user(name)

    with_store(configuration(data), work)
    click.echo(f"user {name} deleted")
