"""A restless client that calls messages by UID alone (RFC 9586)."""

from tests.clients.restless import Restless
from tests.clients.view import UidView


class UidOnly(Restless):
    """Its view has no numbers, so none may be told."""

    VIEW = UidView
    UID = "UID "

    async def begin(self) -> None:
        """Log in, enable UIDONLY and select."""
        await self.client.login()
        await self.say("ENABLE UIDONLY")
        await self.select()
