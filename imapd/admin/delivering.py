"""``imapd deliver``: one message, from the pipe of any mail transfer agent."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from attrs import evolve, frozen

from imapd.admin.parameters import checked_mailbox
from imapd.admin.stores import configuration, with_store
from imapd.config import Config
from imapd.delivery import trace
from imapd.delivery.delivery import Delivery
from imapd.delivery.failures import TOO_LARGE, Failure, failure
from imapd.formats.line_ends import to_crlf
from imapd.moving.placing import Placing
from mailstore.errors import AlreadyExists, StoreError, TooBig
from mailstore.interfaces import IMailStore
from mailstore.model import AccountId, MailboxName
from mailstore.spool import Spool

_PIECE: Final = 64 << 10
_NO_MESSAGE: Final = Failure("5.6.0", "there is no message on standard input")
_CANNOT_CREATE: Final = Failure("5.2.0", "the mailbox cannot be made")
_EXITS: Final = {
    "5.1.1": os.EX_NOUSER,
    "5.2.0": os.EX_CANTCREAT,
    "5.2.2": os.EX_NOPERM,
    "5.3.4": os.EX_DATAERR,
    "5.6.0": os.EX_NOINPUT,
}
"""Exit codes of ``sysexits.h`` for permanent failures.  Anything else is tried again: no mail shall go back because of
what an administrator can mend."""


@frozen
class Envelope:
    """What the command line says.

    Attributes:
        address: whose the message is.
        sender: where bounces go; None if that is not known.
        original: whom it was sent to; None if that is not known.
        mailbox: where it goes; None for where the address says.
        create: whether to make the mailbox.

    """

    address: str
    sender: str | None
    original: str | None
    mailbox: MailboxName | None
    create: bool

    @property
    def fields(self) -> bytes:
        """What is written above the message."""
        above = "" if self.sender is None else trace.return_path(self.sender.strip("<>"))
        below = "" if self.original is None else trace.delivered_to(self.original)
        return (above + below).encode(errors="surrogateescape")


def _one_line(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and any(char < " " for char in value):
        raise click.BadParameter("an address has no control characters.")
    return value


class _UsageError(click.UsageError):
    exit_code = os.EX_USAGE


class _Command(click.Command):
    """Ends in EX_USAGE where the command line is wrong."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401  # as click has it
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise _UsageError(error.format_message(), error.ctx) from None


@click.command(cls=_Command)
@click.argument("address", metavar="USER")
@click.option("-f", "--sender", metavar="ADDRESS", callback=_one_line, help="Where bounces go, for Return-Path.")
@click.option("-a", "--original", metavar="ADDRESS", callback=_one_line, help="Whom it was sent to, for Delivered-To.")
@click.option("-m", "--mailbox", callback=checked_mailbox, help="Where it goes, instead of where USER's address says.")
@click.option("--create", is_flag=True, help="Make the mailbox if it is not there; else it goes to the INBOX.")
@click.pass_obj
def deliver(data: Path, /, **envelope: Any) -> int:  # noqa: ANN401  # the fields of `Envelope`
    """Deliver the message on standard input to USER, a name or an address.  The server may run meanwhile.

    An LF without CR becomes CRLF, and a first line that begins with "From " is left out; else octets stay as they are.

    The status is one of sysexits.h: 0 once the message is on disk, 67 for no such user, 77 for a mailbox that is full,
    65 for a message that is too large, 66 for none, 73 for a mailbox that cannot be made, 64 for a wrong command line.
    Everything else is 75: try again later.  Standard error says why, behind an enhanced status code (RFC 3463).
    """
    failed = _delivered(data, Envelope(**envelope))
    if failed is None:
        return os.EX_OK
    click.echo(f"{failed.status} {failed.text}", err=True)
    return _EXITS.get(failed.status, os.EX_TEMPFAIL)


def _delivered(data: Path, envelope: Envelope) -> Failure | None:
    """Deliver; return why not."""
    try:
        config = configuration(data)
        with closing(Spool()) as spool:
            if not _read(sys.stdin.buffer, spool, config.max_message_octets):
                return TOO_LARGE
            if not len(spool):
                return _NO_MESSAGE
            return with_store(config, lambda store: _deliver(store, config, envelope, spool))
    except click.ClickException as error:
        return Failure("4.3.0", error.format_message())
    except click.Abort:
        return Failure("4.3.0", "stopped")
    except Exception as error:  # noqa: BLE001  # agents send mail back on any status that they do not know
        return Failure("4.3.0", f"internal error: {error!r}")


def _read(source: BinaryIO, spool: Spool, most: int) -> bool:
    """Take the message; return False as soon as it is known to be too large."""
    for octets in to_crlf(_without_separator(iter(lambda: source.read(_PIECE), b""))):
        if len(spool) + len(octets) > most:
            return False
        spool.write(octets)
    return True


def _without_separator(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield `pieces` without the line that mbox has above a message."""
    first = next(pieces, b"")
    if first.startswith(b"From "):
        first = first.partition(b"\n")[2]
    return chain((first,), pieces)


async def _deliver(store: IMailStore, config: Config, envelope: Envelope, spool: Spool) -> Failure | None:
    """Store the message; return why not."""
    delivery = Delivery(config.recipient_delimiter)
    delivery.open(store)
    local, at, domain = envelope.address.rpartition("@")
    if not at:
        local, domain = domain, ""
    try:
        recipient = await delivery.recipient(envelope.address, local, domain, len(spool))
        if envelope.mailbox is not None:
            recipient = evolve(recipient, mailbox=envelope.mailbox)
            if envelope.create and not await _is_there(store, recipient.account, envelope.mailbox):
                return _CANNOT_CREATE
        await delivery.deliver(recipient, envelope.fields, spool)
    except StoreError as error:
        return failure(error, quota_defers=config.quota_defers)
    return None


async def _is_there(store: IMailStore, account_id: AccountId, name: MailboxName) -> bool:
    """Make a mailbox if it is not there; return whether it is."""
    account = await store.account(account_id)
    try:
        await Placing(account).place(name)
    except (AlreadyExists, TooBig):
        return False
    finally:
        await account.release()
    return True
