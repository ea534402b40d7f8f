"""How a command comes by a password: asked for on a terminal, or a line on standard input."""

import sys
from typing import BinaryIO, Final

import click

from imapd.auth.passwords import Password

_MAX_OCTETS: Final = 1024
"""More than any person or password program uses, and short enough to be one line of every protocol."""

password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")


def ask_password(from_stdin: bool) -> Password:
    """Return a new password for a user.

    Raises:
        click.UsageError: it is empty or too long, or there is no terminal to ask at.

    """
    return _checked(_from_line(sys.stdin.buffer) if from_stdin else _from_terminal("Password", twice=True))


def known_password(prompt: str, from_stdin: bool, file: BinaryIO | None) -> Password:
    """Return a password that another server knows: the first line of a file or of standard input, or asked for.

    Raises:
        click.UsageError: as of `ask_password`.

    """
    if file is None and from_stdin:
        file = sys.stdin.buffer
    return _checked(_from_line(file) if file else _from_terminal(prompt, twice=False))


def _checked(octets: bytes) -> Password:
    if not octets:
        raise click.UsageError("the password is empty.")
    if len(octets) > _MAX_OCTETS or b"\0" in octets:
        raise click.UsageError(f"a password has at most {_MAX_OCTETS} octets and no NUL.")
    return Password(octets)


def _from_line(file: BinaryIO) -> bytes:
    line = file.readline(_MAX_OCTETS + 2)
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _from_terminal(prompt: str, *, twice: bool) -> bytes:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the password; give --password-stdin.")
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt="The same again" if twice else False)
    return answer.encode()
