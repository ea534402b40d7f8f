"""``imapd user quota``: how much mail a user may have, and has."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from imapd import sizes
from imapd.admin.parameters import known
from imapd.admin.stores import configuration, with_store
from mailstore.interfaces import IMailStore
from mailstore.model import UNLIMITED, OwnQuota, Quota, Usage

_WHOLE: Final = {"default": OwnQuota(), "unlimited": OwnQuota(UNLIMITED, UNLIMITED)}


def _read_by(read: Callable[[str], int]) -> Callable[[click.Context, click.Parameter, str | None], int | None]:
    """Return what reads an option's value; click calls it."""

    def limit(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(f"it must be {error}.") from error

    return limit


@click.command()
@click.argument("name")
@click.option("--storage", metavar="SIZE", callback=_read_by(sizes.octets), help="Such as 500M or 2G, or unlimited.")
@click.option("--messages", metavar="NUMBER", callback=_read_by(sizes.count), help="How many, or unlimited.")
@click.option("--default", "whole", flag_value="default", help="Limit this user like everybody.")
@click.option("--unlimited", "whole", flag_value="unlimited", help="Do not limit this user.")
@click.pass_obj
def quota(data: Path, name: str, storage: int | None, messages: int | None, whole: str | None) -> None:
    """Show how much mail a user has and may have; change that before, if a limit is given.

    Limits hold from the next message on, in sessions that are open too.  What is there stays, whatever the limit.
    """
    if whole and (storage or messages):
        raise click.UsageError(f"give limits, or --{whole}.")

    async def work(store: IMailStore) -> tuple[Usage, Quota, OwnQuota]:
        with known(name):
            user = await store.user(name)
            own = _WHOLE[whole] if whole else OwnQuota(storage or user.quota.octets, messages or user.quota.messages)
            if own != user.quota:
                await store.set_quota(name, own)
            account = await store.account(user.account)
        try:
            return await account.usage(), await account.quota(), own
        finally:
            await account.release()

    usage, limits, own = with_store(configuration(data), work)
    _show("storage", sizes.roughly(usage.octets), sizes.spell_octets(limits.octets), own.octets)
    _show("messages", str(usage.messages), sizes.spell_count(limits.messages), own.messages)


def _show(what: str, used: str, limit: str, own: int | None) -> None:
    click.echo(f"{what}: {used} of {limit}, {'like everybody' if own is None else 'for this user'}")


def spelled(own: OwnQuota) -> tuple[str, str]:
    """Return a user's own limits as words, ``default`` where there is none."""
    return (
        "default" if own.octets is None else sizes.spell_octets(own.octets),
        "default" if own.messages is None else sizes.spell_count(own.messages),
    )
