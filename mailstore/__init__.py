"""Where mail lives: accounts, mailboxes, messages, behind one contract (`mailstore.interfaces`)."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from mailstore.policy import Policy

if TYPE_CHECKING:  # importing `mailstore` alone brings in neither a backend nor Twisted
    from mailstore.interfaces import IMailStore
    from mailstore.renderings import Rendering

DEFAULT: Final = Policy()

_BACKENDS: Final = {"sqlite": "mailstore.sqlite"}
"""By the scheme of the URL, the package whose `open_store` opens it."""


def open_store(
    url: str,
    renderings: "Sequence[Rendering]" = (),
    *,
    reactor: object | None = None,
    policy: Policy = DEFAULT,
    at_rest: bool = False,
) -> "IMailStore":
    """Open the store that `url` names; blocks for some milliseconds; `IMailStore.close` ends it.

    Args:
        url: ``sqlite://`` and the path of a folder, which is made if it is not there; taken literally.
        renderings: what the doors let the store keep beside each message.
        reactor: where questions are asked and answered; by default Twisted's.
        policy: what the administrator decides.
        at_rest: only to look at what is there, in a backup say: the folder must be there, and nothing in it is tidied.

    Raises:
        NotFound: there is no store at the place, which should be `at_rest`.
        ValueError: there is no such kind of store, or no place is named.
        Unavailable: the disk does not allow it, or a newer program wrote the store.
        Corrupt: the register of users is damaged.

    """
    backend, place = _backend(url)
    if reactor is None:
        reactor = import_module("twisted.internet.reactor")
    store: IMailStore = backend.open_store(place, renderings, reactor, policy, at_rest=at_rest)
    return store


def keep_indexed(url: str, ended: "Callable[[float], bool]") -> None:
    """Keep the search indexes of the store that `url` names up to date; blocking: for a process of its own.

    Args:
        url: as for `open_store`; the store is used by other processes.
        ended: waits at most so many seconds, and tells whether it is time to return.

    Raises:
        ValueError: as of `open_store`.

    """
    backend, place = _backend(url)
    backend.keep_indexed(place, ended)


def _backend(url: str) -> tuple[Any, str]:
    """Return the package that a URL's scheme stands for, and the place that it names."""
    scheme, _, place = url.partition("://")
    if scheme not in _BACKENDS or not place:
        known = " or ".join(f"{each}://..." for each in _BACKENDS)
        raise ValueError(f"a mail store is named {known}, not {url}")
    return import_module(_BACKENDS[scheme]), place
