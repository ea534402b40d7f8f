"""Threads that work for the reactor."""

import threading
from functools import partial
from typing import cast

from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.internet.interfaces import IReactorFromThreads
from twisted.trial.unittest import TestCase

from mailstore.sqlite.pool import Pool


class PoolTests(TestCase):
    """Work is done beside the reactor, and answered on it."""

    def setUp(self) -> None:
        self.pool = self.made(2)

    def made(self, most: int) -> Pool:
        pool = Pool(cast(IReactorFromThreads, reactor), most, "tested")
        self.addCleanup(pool.stop)
        return pool

    async def test_answers_on_the_reactors_thread(self) -> None:
        answer = self.pool.do(threading.get_ident)
        heard: list[int] = []
        answer.addCallback(lambda worked: heard.extend([worked, threading.get_ident()]))
        await answer
        self.assertNotEqual(heard[0], threading.get_ident())
        self.assertEqual(heard[1], threading.get_ident())

    async def test_what_fails_is_told(self) -> None:
        with self.assertRaisesRegex(ZeroDivisionError, "zero"):
            await self.pool.do(lambda: 1 // 0)
        self.assertEqual(await self.pool.do(lambda: "goes on"), "goes on")

    async def test_the_thread_that_worked_last_works_next(self) -> None:
        both = threading.Barrier(2, timeout=10)
        await gatherResults([self.pool.do(both.wait), self.pool.do(both.wait)])
        self.assertEqual(len({await self.pool.do(threading.get_ident) for _ in range(10)}), 1)

    async def test_no_more_threads_than_said(self) -> None:
        go = threading.Event()
        busy = [self.pool.do(lambda: go.wait(10) and threading.get_ident()) for _ in range(8)]
        go.set()
        self.assertLessEqual(len(set(await gatherResults(busy))), 2)

    async def test_work_that_waits_is_done_in_order(self) -> None:
        pool = self.made(1)
        done: list[int] = []
        await gatherResults([pool.do(partial(done.append, number)) for number in range(20)])
        self.assertEqual(done, list(range(20)))

    async def test_all_that_was_asked_is_finished_at_the_end(self) -> None:
        pool = self.made(1)
        done: list[int] = []
        answers = [pool.do(partial(done.append, number)) for number in range(20)]
        pool.stop()
        self.assertEqual(done, list(range(20)))
        await gatherResults(answers)
