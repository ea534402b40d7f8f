"""``imapd init``: what the first start needs, and what to type into a mail program."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from imapd.admin import welcome
from imapd.admin.progress import Progress
from imapd.admin.stores import configuration, with_store
from imapd.auth.passwords import Password, hash_password
from imapd.config import FILE_NAME, Config
from imapd.moving.intake import Intake
from imapd.tls import CertificateError, configured_certificate
from mailstore.errors import NotFound
from mailstore.interfaces import IMailStore
from mailstore.names import INBOX

DEMO: Final = "demo"
DEMO_FILE: Final = "demo-password"
_UNMISTAKABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_PORT: Final = re.compile(r"tcp6?:(?:port=)?(\d+)")

_HOW_TO_CONNECT: Final = """
In Thunderbird: Account Settings > Account Actions > Add Mail Account, any name, demo@localhost as the address, then
Configure manually, and under Incoming server:

    Protocol                IMAP
    Hostname                localhost
    Port                    {imaps}
    Connection security     SSL/TLS
    Authentication method   Normal password
    Username                demo
    Password                {password}

Or port {imap} with STARTTLS.  The certificate is self-signed: Thunderbird asks once whether you trust it.
"""


@click.command()
@click.option("--demo", is_flag=True, help="Also make a user 'demo' with some mail, and say how to connect.")
@click.pass_obj
def init(data: Path, demo: bool) -> None:
    """Make configuration, certificate and store, as far as they are not there.

    With --demo, the password that is made up for the user is shown once, and kept in DIR/demo-password.
    """
    config = configuration(data)
    try:
        configured_certificate(config)
    except CertificateError as error:
        raise click.ClickException(str(error)) from error

    async def work(store: IMailStore) -> bool:
        return demo and await _make_demo(store, config)

    made = with_store(config, work)
    click.echo(f"The settings are in {config.data / FILE_NAME}, the certificate is {config.certificate_path}.")
    if demo:
        file = config.data / DEMO_FILE
        click.echo(_how_to_connect(config, file.read_text().strip() if made else f"(the one in {file})"))


async def _make_demo(store: IMailStore, config: Config) -> bool:
    """Make the demo user; tell whether there was none before."""
    with suppress(NotFound):
        await store.user(DEMO)
        return False
    password = _demo_password(config.data / DEMO_FILE)
    user = await store.add_user(DEMO, hash_password(Password(password.encode())))
    account = await store.account(user.account)
    try:
        await Intake(account, INBOX, Progress("welcome", 0)).take(welcome.messages())
    finally:
        await account.release()
    return True


def _demo_password(file: Path) -> str:
    """Return the password in `file`, which only its owner can read; make one up if there is none."""
    if not file.exists():
        password = "-".join("".join(secrets.choice(_UNMISTAKABLE) for _ in range(4)) for _ in range(3))
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(password + "\n")
    return file.read_text().strip()


def _how_to_connect(config: Config, password: str) -> str:
    ports = {door: _PORT.match(" ".join(getattr(config, door))) for door in ("imap", "imaps")}
    numbers = {door: match[1] if match else f"(see {FILE_NAME})" for door, match in ports.items()}
    return _HOW_TO_CONNECT.format(password=password, **numbers)
