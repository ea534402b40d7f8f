"""The wake-up: "this account has news".

A feed says only "look"; what there is to see, the listener asks the store.  So a wake-up may be lost in another one,
come twice, or come for nothing.
"""

from collections.abc import Callable

Listener = Callable[[], None]


class Feed:
    """The listeners of one account in this process."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: dict[object, Listener] = {}

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each `ring` from now on; return the function that ends it.

        The listener must be quick and must not raise: it notes that there is news and looks at it later.
        """
        token = object()
        self._listeners[token] = listener

        def unsubscribe() -> None:
            self._listeners.pop(token, None)

        return unsubscribe

    def ring(self) -> None:
        """Wake every listener."""
        for listener in list(self._listeners.values()):
            listener()

    def __bool__(self) -> bool:
        return bool(self._listeners)

