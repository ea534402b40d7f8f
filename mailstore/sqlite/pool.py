"""A few threads that work for the reactor."""

from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure

T = TypeVar("T")

Job = tuple[Callable[[], Any], "Deferred[Any]"]
Inbox = SimpleQueue[Job | None]
"""Where a thread that has nothing to do waits; None ends it."""


class Pool:
    """Runs functions in threads, made when they are needed, and answers on the reactor's.

    Of several idle threads the one takes a job that worked last: what it used is still at hand.  With Twisted's pool
    any of them does, and to hand a job over and hear of its end takes half as long again.
    """

    def __init__(self, reactor: IReactorFromThreads, most: int, name: str) -> None:
        """Take the reactor, how many threads there may be, and what they are called."""
        self._reactor = reactor
        self._most = most
        self._name = name
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._idle: list[Inbox] = []
        self._waiting: deque[Job] = deque()
        self._stopping = False

    def do(self, work: Callable[[], T]) -> "Deferred[T]":
        """Run `work`; to be called on the reactor's thread."""
        answer: Deferred[T] = Deferred()
        with self._lock:
            if not self._idle and len(self._threads) == self._most:
                self._waiting.append((work, answer))
                return answer
            inbox = self._idle.pop() if self._idle else self._another()
        inbox.put((work, answer))
        return answer

    def stop(self) -> None:
        """Finish what was asked, and end the threads; blocking."""
        with self._lock:
            self._stopping = True
            for inbox in self._idle:
                inbox.put(None)
        for thread in self._threads:
            thread.join()

    def _another(self) -> Inbox:
        inbox: Inbox = SimpleQueue()
        thread = Thread(target=self._run, args=(inbox,), name=self._name)
        thread.start()
        self._threads.append(thread)
        return inbox

    def _run(self, inbox: Inbox) -> None:
        job = inbox.get()
        while job is not None:
            tell = self._carried_out(*job)
            job = self._waiting_job(inbox)  # idle before it is told: who hears of it may have the next job for this one
            tell()
            del tell  # it may hold much, and the next job may be long in coming
            job = job or inbox.get()

    def _carried_out(self, work: Callable[[], Any], answer: "Deferred[Any]") -> Callable[[], None]:
        """Do some work; return what tells the reactor what became of it."""
        try:
            outcome = work()
        except BaseException:  # noqa: BLE001  # whatever it is, who asked must hear of it
            return partial(self._reactor.callFromThread, answer.errback, Failure())
        return partial(self._reactor.callFromThread, answer.callback, outcome)

    def _waiting_job(self, inbox: Inbox) -> Job | None:
        """Return the next job; if there is none, be ready for one in the inbox, or for the end."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._stopping:
                inbox.put(None)
            self._idle.append(inbox)
        return None
