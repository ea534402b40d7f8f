"""Makes a data folder with all users: ``python -m bench.servers.users DATA``.  A process, for it runs the reactor."""

import sys
from pathlib import Path

from bench.servers import PASSWORD, USERS
from imapd.admin.stores import with_store
from imapd.auth.passwords import Password, hash_password
from imapd.config import read_config
from imapd.tls import configured_certificate
from mailstore.interfaces import IMailStore


def main() -> None:
    config = read_config(Path(sys.argv[1]))
    configured_certificate(config)
    hashed = hash_password(Password(PASSWORD.encode()))

    async def work(store: IMailStore) -> None:
        for user in USERS:
            await store.add_user(user, hashed)

    with_store(config, work)


if __name__ == "__main__":
    main()
