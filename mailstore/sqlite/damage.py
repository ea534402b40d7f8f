"""An account that is found to be damaged is named to the administrator, with what to do."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from mailstore.errors import StoreError
from mailstore.model import AccountId
from mailstore.sqlite import opening
from mailstore.sqlite.registry import Registry
from mailstore.sqlite.threads import IReactor

QUIET_SECONDS: Final = 60 * 60.0
"""Between two lines about one account: every command of its user may come upon the same page."""

_log = Logger()


class Damage:
    """What was found of late."""

    def __init__(self, reactor: IReactor, root: Path, registry: Registry) -> None:
        self._reactor = reactor
        self._root = root
        self._registry = registry
        self._told: dict[AccountId, float] = {}

    def found(self, account_id: AccountId, error: BaseException) -> None:
        """Take note that an account is damaged, and what said so; in any thread."""
        self._reactor.callFromThread(self._found, account_id, error)

    def _found(self, account_id: AccountId, error: BaseException) -> None:
        now = self._reactor.seconds()
        if now - self._told.get(account_id, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._told[account_id] = now
            telling = Deferred.fromCoroutine(self._tell(account_id, error))
            telling.addErrback(lambda failure: _log.failure("telling of a damaged account", failure))

    async def _tell(self, account_id: AccountId, error: BaseException) -> None:
        owner = None
        with suppress(StoreError):  # the store closes, or the register is damaged too
            owner = next((user.name for user in await self._registry.users() if user.account == account_id), None)
        _log.critical(
            "the account of {owner} is damaged, the others go on: {error!r} in {path}."
            "  Run 'imapd check --user {owner}', and with --repair to mend what can be mended",
            owner=owner or "nobody",
            path=opening.account_path(self._root, account_id),
            error=error,
        )
