"""The ``imapd`` command line: users, mail brought in, delivered and taken along, backups, and the first start."""

import sys
from pathlib import Path

import click

from imapd.admin import (
    backing_up,
    checking,
    delivering,
    dns,
    exporting,
    importing,
    importing_accounts,
    initializing,
    restoring,
    undeleting,
    users,
)
from imapd.config import DATA
from imapd.remote.address import is_url


class _Commands(click.Group):
    """The commands; ``import`` is two of one name, for files and for servers."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return a command's name, the command, and its arguments."""
        if args[:1] == ["import"] and any(map(is_url, args[1:])):
            return "import", importing_accounts.import_accounts, args[1:]
        return super().resolve_command(context, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="The folder with configuration and mail.")
@click.version_option(package_name="imapd")
@click.pass_context
def command_line(context: click.Context, data: Path) -> None:
    """Look after a mail server.  It may run meanwhile."""
    context.obj = data


for command in (
    users.user,
    importing.import_mail,
    exporting.export,
    delivering.deliver,
    undeleting.undelete,
    backing_up.backup,
    restoring.restore,
    checking.check,
    initializing.init,
    dns.dns,
):
    command_line.add_command(command)


def main() -> None:
    """Run the command; errors end as one line that says what to do next."""
    try:
        sys.exit(command_line.main(prog_name="imapd", standalone_mode=False))
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "imapd"
        _fail(f"{error.format_message()} See '{where} --help'.", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except click.Abort:
        _fail("stopped", 130)


def _fail(reason: str, status: int) -> None:
    click.echo(f"imapd: {reason}", err=True)
    sys.exit(status)
