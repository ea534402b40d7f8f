"""A register of users in memory: as much of `IMailStore` as a login needs."""

from types import SimpleNamespace

from mailstore.errors import NotFound
from mailstore.model import NO_QUOTA, AccountId, OwnQuota, Usage, User


class Account(SimpleNamespace):
    """An account that counts its holders, and holds a message of two kilobytes."""

    own = OwnQuota()

    async def usage(self):
        return Usage(2 << 10, 1)

    async def quota(self):
        return self.own.over(NO_QUOTA)

    async def release(self):
        self.holders -= 1


class Register:
    """Users by canonical name, with their hashes."""

    def __init__(self, **hashes):
        self.hashes = hashes
        self.accounts = {name: Account(holders=0) for name in hashes}

    async def user(self, name):
        if name.casefold() not in self.hashes:
            raise NotFound(f"there is no user {name}")
        return User(name.casefold(), AccountId(name.casefold()), self.accounts[name.casefold()].own)

    async def addressee(self, *names):
        for name in names:
            if name.casefold() in self.hashes:
                return await self.user(name), name
        raise NotFound("there is nobody of these names")

    async def set_quota(self, name, quota):
        self.accounts[(await self.user(name)).name].own = quota

    async def credentials(self, name):
        user = await self.user(name)
        return user, self.hashes[user.name]

    async def set_password_hash(self, name, password_hash, instead_of=None):
        user, hashed = await self.credentials(name)
        if instead_of not in (None, hashed):
            raise NotFound("the password is another")
        self.hashes[user.name] = password_hash

    async def account(self, account_id):
        self.accounts[account_id].holders += 1
        return self.accounts[account_id]
