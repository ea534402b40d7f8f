"""``imapd import imaps://...``: a whole account from another server."""

from pathlib import Path
from typing import BinaryIO

import click
from attrs import evolve, frozen
from twisted.internet.threads import deferToThread

from imapd.admin.parameters import known
from imapd.admin.passwords import known_password, password_stdin
from imapd.admin.progress import MessageBar, Progress, Pulse
from imapd.admin.stores import configuration, with_store
from imapd.moving.moved import Moved, table
from imapd.moving.movein import MoveIn
from imapd.remote.account import RemoteAccount
from imapd.remote.address import Address, address
from imapd.remote.connection import Login, Security
from imapd.remote.errors import RemoteError
from imapd.remote.pop3 import Maildrop
from mailstore.errors import StoreError
from mailstore.interfaces import IMailStore
from mailstore.model import User


@frozen
class _Wish:
    """What is wanted, of whomever."""

    address: Address
    login: Login
    security: Security
    pop3: Address | None
    flags: bool
    virtual: bool


def _checked_address(context: click.Context, parameter: click.Parameter, value: str | None) -> Address | None:
    """Return what a URL says, if there is one; click calls this."""
    try:
        return None if value is None else address(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


@click.command("import")
@click.argument("server", metavar="imaps://USER@HOST:PORT/", callback=_checked_address)
@click.option("--user", "name", metavar="NAME", help="Whose mail it becomes.")
@click.option("--everyone", is_flag=True, help="Bring the mail of each user here; takes --login-as.")
@click.option("--login-as", "master", metavar="NAME", help="Log in as this one, who may act for everyone there.")
@password_stdin
@click.option("--password-file", metavar="FILE", type=click.File("rb"), help="Read the password from its first line.")
@click.option(
    "--pop3", metavar="URL", callback=_checked_address, help="Keep the UIDLs of the maildrop at pop3s://HOST/."
)
@click.option("--ca", metavar="FILE", help="Trust this certificate too.")
@click.option("--insecure", is_flag=True, help="Take any certificate, and none: somebody on the way may read it all.")
@click.option("--keep-flags", is_flag=True, help="Leave the flags of messages that are here as they are here.")
@click.option("--all-folders", is_flag=True, help="Also folders that only show messages of others.")
@click.pass_obj
def import_accounts(
    data: Path,
    server: Address,
    *,
    name: str | None,
    everyone: bool,
    master: str | None,
    password_stdin: bool,
    password_file: BinaryIO | None,
    pop3: Address | None,
    ca: str | None,
    insecure: bool,
    keep_flags: bool,
    all_folders: bool,
) -> int:
    """Bring in an account from an IMAP server, with folders, flags, dates, special uses and subscriptions.

    Both servers may be in use meanwhile.  Run again, it brings what is new there, and nothing twice; also after it was
    stopped.  Messages that are here already get the flags that they have there, unless --keep-flags is given; nothing
    is removed here.  Where a folder here has never held another message, its messages keep UIDVALIDITY and UIDs, and
    mail programs need not download them again.

    USER is the name there, by default NAME; with --login-as the password is that of the one who logs in for USER, by
    SASL PLAIN, or as Dovecot's USER*NAME.  imap:// begins TLS by STARTTLS.

    POP3 clients that leave mail on the server download it again unless its UIDLs stay.  Those of Dovecot's default stay
    with the UIDs; for others --pop3 asks the server's POP3, and tells by sizes and headers which is which.

    At the end all folders are listed with how many messages are there and here.  If some could not be brought, the
    status is 1.
    """
    _require_sense(server, name, master, everyone=everyone)
    if pop3 is not None and not pop3.scheme.startswith("pop3"):
        raise click.UsageError("--pop3 takes a URL that begins with pop3s or pop3.")
    if insecure:
        click.echo("imapd: --insecure: nobody makes sure that this is the right server", err=True)
    user = server.user or name or ""
    login = Login(user, known_password(f"Password of {master or user}", password_stdin, password_file), master)
    wish = _Wish(server, login, Security(ca, insecure), pop3, not keep_flags, all_folders)

    async def work(store: IMailStore) -> bool:
        if name is not None:
            with known(name):
                return await _move(store, await store.user(name), wish)
        done = [await _move_quietly(store, user, wish) for user in await store.users()]
        return all(done)

    try:
        return 0 if with_store(configuration(data), work) else 1
    except RemoteError as error:
        raise click.ClickException(str(error)) from error


def _require_sense(server: Address, name: str | None, master: str | None, *, everyone: bool) -> None:
    if not server.scheme.startswith("imap"):
        raise click.UsageError("the URL must begin with imaps or imap.")
    if (name is None) != everyone:
        raise click.UsageError("give either --user or --everyone.")
    if everyone and (master is None or server.user):
        raise click.UsageError("--everyone takes --login-as, and a URL without a user.")


async def _move_quietly(store: IMailStore, user: User, wish: _Wish) -> bool:
    """Move one of many, whatever becomes of it; tell whether all is here."""
    click.echo(f"{user.name}:")
    try:
        return await _move(store, user, evolve(wish, login=evolve(wish.login, user=user.name)))
    except (RemoteError, StoreError) as error:
        click.echo(f"imapd: {user.name}: {error}", err=True)
        return False


async def _move(store: IMailStore, user: User, wish: _Wish) -> bool:
    """Bring a user's mail, and say what was brought, also when it is stopped; tell whether all is here."""
    account = await store.account(user.account)
    remote = RemoteAccount(wish.address, wish.login, wish.security, _say)
    maildrop: Maildrop | None = None
    moved: list[Moved] = []
    try:
        await deferToThread(remote.open)
        if wish.pop3 is not None:
            maildrop = await deferToThread(Maildrop, wish.pop3, wish.login, wish.security)
        move = MoveIn(account, remote, wish.login.user, maildrop)
        with MessageBar() as bar:
            moved = await move.look(bar.of(f"folders of {user.name}"), virtual=wish.virtual)
        with Progress(f"import for {user.name}", move.octets) as progress:
            await move.bring(progress, flags=wish.flags)
        with Pulse(f"tidying up for {user.name}"):
            await account.tidy()
        await deferToThread(remote.close)
    finally:
        if maildrop is not None:
            maildrop.abort()
        remote.abort()
        for line in table(moved) if moved else ():
            click.echo(line)
        await account.release()
    return all(each.complete for each in moved)


def _say(line: str) -> None:
    click.echo(f"imapd: {line}", err=True)
