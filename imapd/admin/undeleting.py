"""``imapd undelete``: what was expunged, brought back or dropped for good."""

from datetime import UTC, datetime
from pathlib import Path

import click

from imapd import sizes
from imapd.admin.parameters import checked_mailbox, known
from imapd.admin.stores import configuration, with_store
from mailstore.errors import StoreError
from mailstore.interfaces import IMailAccount, IMailStore
from mailstore.model import ExpungedFrom, MailboxName


@click.command()
@click.option("--user", "name", metavar="NAME", required=True, help="Whose mail it is.")
@click.option("--mailbox", callback=checked_mailbox, help="What was expunged from this mailbox.")
@click.option("--since", type=click.DateTime(), help="Only what was expunged since then, local time.")
@click.option("--into", callback=checked_mailbox, help="Where it goes, instead of where it was.")
@click.option("--purge", is_flag=True, help="Drop it for good instead.")
@click.option("--yes", is_flag=True, help="Do not ask before --purge.")
@click.pass_obj
def undelete(
    data: Path,
    name: str,
    *,
    mailbox: MailboxName | None,
    since: datetime | None,
    into: MailboxName | None,
    purge: bool,
    yes: bool,
) -> None:
    """Bring back what was expunged; without --mailbox, list what could be.  The server may run meanwhile.

    Expunged messages are kept for some days (undelete_days in imapd.toml), unless space is short.  What was moved is
    not lost and not listed.  What comes back is new in its mailbox, with the flags that it had, and open sessions see
    it arrive.
    """
    if into and (purge or not mailbox):
        raise click.UsageError("--into goes with --mailbox, and not with --purge.")
    if purge and not yes:
        click.confirm(f"Drop what {name} expunged {'from ' + mailbox if mailbox else ''} for good?", abort=True)
    moment = int(since.timestamp()) if since else 0

    async def work(store: IMailStore) -> str:
        with known(name):
            account = await store.account((await store.user(name)).account)
        try:
            return await _work(account, mailbox, moment, into, purge=purge)
        finally:
            await account.release()

    click.echo(with_store(configuration(data), work))


async def _work(
    account: IMailAccount, mailbox: MailboxName | None, since: int, into: MailboxName | None, *, purge: bool
) -> str:
    """Do it; return what is said of it."""
    if purge:
        return f"{await account.forget_expunged(mailbox, since)} messages are gone for good"
    if mailbox is not None:
        return await _undelete(account, mailbox, since, into)
    return "\n".join(map(_spell, await account.expunged(since))) or "nothing was expunged that could come back"


async def _undelete(account: IMailAccount, mailbox: MailboxName, since: int, into: MailboxName | None) -> str:
    """Bring back what was expunged; say how much, also where not all found room."""
    back: list[int] = []
    try:
        await account.undelete(mailbox, since, into, back.append)
    except StoreError as error:
        raise click.ClickException(f"{error}; {sum(back)} messages are back in {into or mailbox}") from error
    return f"{sum(back)} messages are back in {into or mailbox}"


def _spell(found: ExpungedFrom) -> str:
    when = f"{_local(found.first)} to {_local(found.last)}"
    return f"{found.mailbox}\t{found.messages} messages\t{sizes.roughly(found.octets)}\t{when}"


def _local(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
