"""``imapd user alias``: other addresses of a user."""

from pathlib import Path

import click

from imapd.admin.parameters import known
from imapd.admin.stores import configuration, with_store
from mailstore.aliases import Alias
from mailstore.errors import AlreadyExists, InvalidName, NotFound, TooBig
from mailstore.interfaces import IMailStore


@click.command()
@click.argument("name", required=False)
@click.option("--add", metavar="ADDRESS", multiple=True, help="Give the user another address.")
@click.option("--remove", metavar="ADDRESS", multiple=True, help="Take one away.")
@click.pass_obj
def alias(data: Path, name: str | None, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Show the other addresses of a user, or everybody's; change them before, if so told.

    Mail that is delivered here for an alias (info@example.org) goes to the user; nobody logs in by it.  One without a
    domain (info) gets the mail of every domain, and one that is only a domain (@example.org) all mail there that is for
    nobody else.  An alias for several users, or for somebody elsewhere, is the transfer agent's business.
    """
    if name is None and (add or remove):
        raise click.UsageError("say whose aliases.")

    async def work(store: IMailStore) -> list[Alias]:
        if name is not None:
            with known(name):
                await store.user(name)
            await _change(store, name, add, remove)
        return await store.aliases(name)

    for each in with_store(configuration(data), work):
        click.echo(each.name if name is not None else f"{each.name}\t{each.user}")


async def _change(store: IMailStore, name: str, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    for address in remove:
        try:
            await store.remove_alias(name, address)
        except NotFound:
            raise click.ClickException(f"{name} has no alias {address}") from None
    for address in add:
        try:
            await store.add_alias(name, address)
        except (AlreadyExists, InvalidName, TooBig) as error:
            raise click.ClickException(f"{address}: {error}") from None
