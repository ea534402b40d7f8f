"""What the benchmark needs besides the servers."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

_INSTANCES: Final = Path("/proc/sys/fs/inotify/max_user_instances")
_ENOUGH_INSTANCES: Final = 8192
"""Of inotify, for 2,000 sessions of Dovecot that idle (W11), each of which has one."""


def need_matplotlib() -> None:
    """Say so before an hour is spent, if the figures could not be drawn at its end.

    Raises:
        click.UsageError: matplotlib is not installed.

    """
    if find_spec("matplotlib") is None:
        raise click.UsageError(
            "the figures are drawn by matplotlib, which is not installed: "
            "run .venv/bin/python -m pip install -e '.[bench]', or measure with --no-write"
        )


def few_inotify_instances() -> str | None:
    """Return what to do before Dovecot's sessions idle (W11), if anything."""
    if int(_INSTANCES.read_text()) >= _ENOUGH_INSTANCES:
        return None
    return (
        "W11: with so few inotify instances Dovecot tells most of its idle clients too late. Stop this, and run "
        f"sysctl -w fs.inotify.max_user_instances={_ENOUGH_INSTANCES} first (put back afterwards what was there: "
        f"{_INSTANCES.read_text().strip()})"
    )
