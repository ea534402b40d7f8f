"""What a worker is told on its command line."""

import json
from typing import Final

from attrs import asdict, frozen

BOOKS: Final = 3
"""The descriptor of the books (`imapd.auth.books`) in a worker; those of the sockets follow it."""
RETIRE: Final = b"retire\n"
"""On standard input: take nobody in any more, and end when those are gone who are there.  Its end: end now."""


@frozen
class Order:
    """What a worker needs to know.

    Attributes:
        data: the path of the data folder.
        sockets: for each socket the door that it is for, and the endpoint that it was opened by.
        columns: how many the books have.
        column: the worker's own.

    """

    data: str
    sockets: tuple[tuple[str, str], ...]
    columns: int
    column: int = 0

    def spelled(self) -> str:
        """Return it as one argument."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, argument: str) -> "Order":
        """Return what was `spelled`."""
        fields = json.loads(argument)
        sockets = tuple((door, endpoint) for door, endpoint in fields.pop("sockets"))
        return cls(sockets=sockets, **fields)
