"""Names that commands take."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from mailstore.errors import InvalidName, NotFound
from mailstore.model import MailboxName
from mailstore.names import mailbox_name


def checked_mailbox(context: click.Context, parameter: click.Parameter, value: str | None) -> MailboxName | None:
    """Return an option's value, if it has one, as a mailbox name; click calls this."""
    try:
        return None if value is None else mailbox_name(value)
    except InvalidName as error:
        raise click.BadParameter(f"{error}.") from error


def checked_mailboxes(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[MailboxName, ...]:
    """Return the values of an option that may be given again as mailbox names; click calls this."""
    try:
        return tuple(map(mailbox_name, values))
    except InvalidName as error:
        raise click.BadParameter(f"{error}.") from error


@contextmanager
def known(name: str, where: str = "'imapd user list' names all") -> Iterator[None]:
    """Turn `NotFound` into an error about the user `name`, and where to look."""
    try:
        yield
    except NotFound:
        raise click.ClickException(f"there is no user {name}; {where}") from None
