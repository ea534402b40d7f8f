"""Packs a user's mail as our server does when nobody uses it: ``python -m bench.servers.tidying DATA USER``."""

import sys
from pathlib import Path

from imapd.admin.stores import with_store
from imapd.config import read_config
from mailstore.interfaces import IMailStore


def main() -> None:
    async def work(store: IMailStore) -> None:
        account = await store.account((await store.user(sys.argv[2])).account)
        await account.tidy()
        await account.release()

    with_store(read_config(Path(sys.argv[1])), work)


if __name__ == "__main__":
    main()
