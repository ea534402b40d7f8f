"""What drawing needs besides what the server does."""

from importlib.util import find_spec

import click


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
