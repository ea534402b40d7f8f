"""Commands that need the store: it is opened, the work is done on Twisted's reactor, it is closed."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import react
from twisted.python.failure import Failure

from imapd.config import Config, ConfigError, read_config
from imapd.store import configured_store
from mailstore.errors import StoreError
from mailstore.interfaces import IMailStore

_T = TypeVar("_T")


def configuration(data: Path) -> Config:
    """Return the data folder's configuration; `click.ClickException` if it is wrong."""
    try:
        return read_config(data)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def opened(config: Config, *, at_rest: bool = False) -> IMailStore:
    """Return the configured store; `click.ClickException` if it cannot be opened."""
    try:
        return configured_store(config, at_rest=at_rest)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def with_store(config: Config, work: Callable[[IMailStore], Awaitable[_T]], *, at_rest: bool = False) -> _T:
    """Return what `work` returns.  Only once in a process, for the reactor runs no second time.

    Raises:
        click.ClickException: the store or the work failed, by a `StoreError`.
        click.Abort: Ctrl-C cancelled what the work waited for.

    """
    store = opened(config, at_rest=at_rest)

    async def closing() -> _T:
        try:
            return await work(store)
        finally:
            await store.close()

    outcome: list[_T | Failure] = []

    def begin(reactor: Any) -> Deferred[None]:  # noqa: ANN401  # as react() has it
        running = Deferred.fromCoroutine(closing()).addBoth(outcome.append)

        def interrupted() -> Deferred[None]:
            running.cancel()
            return running

        reactor.addSystemEventTrigger("before", "shutdown", interrupted)
        return running

    with suppress(SystemExit):  # react() always ends in one
        react(begin)
    return _result(outcome[0])


def _result(outcome: _T | Failure) -> _T:
    if not isinstance(outcome, Failure):
        return outcome
    if outcome.check(CancelledError):
        raise click.Abort
    if outcome.check(StoreError):
        raise click.ClickException(str(outcome.value)) from outcome.value
    return outcome.raiseException()
