"""``imapd user import``: everyone in another server's password file."""

from collections import Counter
from pathlib import Path
from typing import TextIO

import click

from imapd.admin.stores import configuration, with_store
from imapd.auth import passwdfile, schemes
from imapd.auth.passwords import Password, hash_password
from mailstore.errors import AlreadyExists, InvalidName
from mailstore.interfaces import IMailStore
from mailstore.model import OwnQuota


@click.command("import")
@click.argument("file", metavar="FILE", type=click.File("r", encoding="utf-8", errors="surrogateescape"))
@click.option("--update", is_flag=True, help="Give users who are there already the file's password and limits.")
@click.pass_obj
def import_users(data: Path, file: TextIO, *, update: bool) -> int:
    """Make every user of FILE, with the password they have, and the limits of quota rules; - is standard input.

    FILE is Dovecot's passwd-file, user:{SCHEME}hash:uid:gid:gecos:home:shell:extra, or the shadow file of a system.
    Hashes are taken as they are: BLF-CRYPT, SHA512-CRYPT, SHA256-CRYPT, MD5-CRYPT, CRYPT of these, ARGON2ID, ARGON2I,
    SSHA512, SSHA256 and SSHA.  Each becomes one of our own at its user's next login.  PLAIN is hashed at once.

    Who is there already stays as before, unless --update is given.  Whoever cannot be taken over is reported and left
    out, and the status is 1.
    """
    entries = list(passwdfile.entries(file))

    async def work(store: IMailStore) -> Counter[str]:
        done = Counter[str]()
        for entry in entries:
            try:
                done[await _take_over(store, entry, update=update)] += 1
            except (schemes.UnusableHashError, InvalidName) as error:
                click.echo(f"imapd: line {entry.line}, {entry.name!r}: {error}", err=True)
                done["left out"] += 1
        return done

    done = with_store(configuration(data), work)
    click.echo(", ".join(f"{done[what]} {what}" for what in ("added", "updated", "there already", "left out")))
    return 1 if done["left out"] else 0


async def _take_over(store: IMailStore, entry: passwdfile.Entry, *, update: bool) -> str:
    """Make a user; return what became of it.  `UnusableHashError`, `InvalidName`."""
    if entry.restrictions:
        raise schemes.UnusableHashError(f"{', '.join(entry.restrictions)}: such restrictions are not known here")
    hashed = _hash(entry.password)
    try:
        await store.add_user(entry.name, hashed)
    except AlreadyExists:
        if not update:
            return "there already"
        await store.set_password_hash(entry.name, hashed)
        await _limit(store, entry)
        return "updated"
    await _limit(store, entry)
    return "added"


async def _limit(store: IMailStore, entry: passwdfile.Entry) -> None:
    if entry.quota != OwnQuota():
        await store.set_quota(entry.name, entry.quota)


def _hash(field: str) -> str:
    """Return what the register keeps of a password field; `UnusableHashError`."""
    password = schemes.clear_password(field)
    if password is None:
        return schemes.taken_over(field)
    if not password:
        raise schemes.UnusableHashError("the password is empty")
    return hash_password(Password(password))
