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
        self._listeners: dict[Listener, None] = {}

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` at each `ring` from now on.

        It must be quick and must not raise: it notes that there is news and looks at it later.
        """
        self._listeners[listener] = None

    def unsubscribe(self, listener: Listener) -> None:
        """Call it no more."""
        self._listeners.pop(listener, None)

    def ring(self) -> None:
        """Wake every listener."""
        for listener in list(self._listeners):
            listener()

    def __bool__(self) -> bool:
        return bool(self._listeners)
