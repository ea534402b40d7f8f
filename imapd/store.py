"""The configured store, as the server and the administrator's commands open it."""

from imapd.config import Config, ConfigError
from imapd.imap.fetch.renderings import kept
from mailstore import open_store
from mailstore.errors import StoreError
from mailstore.interfaces import IMailStore


def configured_store(config: Config, *, at_rest: bool = False) -> IMailStore:
    """Open the store with everything registered that a door wants kept beside a message; blocks for a moment.

    One `at_rest` is only looked at, and must be there.

    Raises:
        ConfigError: it cannot be opened.

    """
    try:
        renderings = kept(ascii_headers=config.ascii_headers)
        return open_store(config.store_url, renderings, policy=config.policy, at_rest=at_rest)
    except (StoreError, ValueError, OSError) as error:
        raise ConfigError(f"the store {config.store_url} cannot be opened: {error}") from error
