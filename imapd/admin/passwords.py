"""How a command comes by a password: asked for on a terminal, or a line on standard input."""

import sys
from typing import Final

import click

from imapd.auth.passwords import Password

_MAX_OCTETS: Final = 1024
"""More than any person or password program uses, and short enough to be one line of every protocol."""

password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")


def ask_password(from_stdin: bool) -> Password:
    """Return the password for a user.

    Raises:
        click.UsageError: it is empty or too long, or there is no terminal to ask at.

    """
    octets = _from_line() if from_stdin else _from_terminal()
    if not octets:
        raise click.UsageError("the password is empty.")
    if len(octets) > _MAX_OCTETS or b"\0" in octets:
        raise click.UsageError(f"a password has at most {_MAX_OCTETS} octets and no NUL.")
    return Password(octets)


def _from_line() -> bytes:
    line = sys.stdin.buffer.readline(_MAX_OCTETS + 2)
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _from_terminal() -> bytes:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the password; give --password-stdin.")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return answer.encode()
