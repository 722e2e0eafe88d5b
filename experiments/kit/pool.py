"""Many independent runs on all cores; results in the order of the questions, or as they come."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache, partial
from multiprocessing import forkserver
from multiprocessing.connection import wait as wait_for
from threading import Thread
from typing import Any, Protocol, Self, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

#: Ours: a task that was under way on so many workers that died is given up.
ATTEMPTS = 3
#: Ours: so many questions for each worker are handed out at once, so that none waits for the next.
AHEAD = 2
#: Ours: so many threads of the asking process may wait for answers at once.
MOST_BEGUN = 32


class Executor(Protocol):
    """Workers that are there between ``with`` and its end."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def completed(
        self, answer: Callable[[Asked], Answer], asked: Sequence[Asked]
    ) -> Iterator[tuple[Asked, Answer | None]]:
        """Questions with their answers, as they come.

        A question whose worker dies is asked again, ``ATTEMPTS`` times in all; after that its
        answer is None.
        """


def begin_work() -> None:
    """Leave interrupts to the asking process, and end with it.

    Ctrl-C reaches every process of the terminal; only the asking one is to act on it. One that is
    killed cannot say so, and every worker holds the queue open that all wait for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the asking process is gone, whatever of, and go too."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker has a parent"
    wait_for([parent.sentinel])
    os._exit(1)


def _warm_up(pool: ProcessPoolExecutor, jobs: int) -> None:
    """Have the processes start; a pool that is gone already needs none."""
    with suppress(RuntimeError):
        for _ in range(jobs):
            pool.submit(os.getpid)


def cores(jobs: int | None) -> int:
    """How many processes are meant: None is one for each core."""
    return jobs or os.cpu_count() or 1


def get_ready(modules: Sequence[str]) -> None:
    """Have the server that workers are forked from make their imports, from now on.

    It goes by itself when this process does.
    """
    multiprocessing.set_forkserver_preload(list(modules))
    forkserver.ensure_running()


def start_pool(jobs: int, modules: Sequence[str]) -> ProcessPoolExecutor:
    """A pool whose processes start now, while the asking process gets its questions ready."""
    # Forked from a server that runs no threads: this process has some, which makes forking it
    # unsafe, and spawned workers would each import everything anew.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=begin_work)
    # In a thread: the first submission returns only when the server has made its imports.
    Thread(target=_warm_up, args=(pool, jobs)).start()
    return pool


class Waiter(Protocol):
    """Who is told how far a map is: what is still to come, and what is done."""

    def expect(self, more: int) -> None: ...

    def done(self) -> None: ...


class Workers:
    """So many processes (None: one for each core); one alone is this process itself."""

    def __init__(
        self, jobs: int | None = None, modules: Sequence[str] = (), waiter: Waiter | None = None
    ) -> None:
        """``modules`` are what the workers will need: imported once, while the caller goes on.

        ``waiter`` is told how far :meth:`map` is.
        """
        self._waiter = waiter
        self.jobs, self._modules = cores(jobs), modules
        self._pool = start_pool(self.jobs, modules) if self.jobs > 1 else None
        self._out: dict[Future[Any], Any] = {}
        self._asked: list[Future[Any]] = []
        self._begun = ThreadPoolExecutor(MOST_BEGUN) if self.jobs > 1 else None
        self._ends = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Whoever has no answer yet is told not to begin."""
        if self._pool is not None and self._begun is not None:
            self._ends = True  # who was begun and is still at it asks no more
            # Not by cancel_futures, which deadlocks with a question that cannot be pickled: what is
            # pending is then another dict than the one that the queue takes the question out of.
            for future in (*self._out, *self._asked):
                future.cancel()
            self._begun.shutdown()
            self._pool.shutdown()

    def map(self, answer: Callable[[Asked], Answer], asked: Iterable[Asked]) -> list[Answer]:
        """``[answer(x) for x in asked]``; all of it must be picklable."""
        answers, waiting = list[Answer](), [self.ask(answer, each) for each in asked]
        if self._waiter is not None:
            self._waiter.expect(len(waiting))
        for answered in waiting:
            answers.append(answered())
            if self._waiter is not None:
                self._waiter.done()
        return answers

    def ask(self, answer: Callable[[Asked], Answer], asked: Asked) -> Callable[[], Answer]:
        """Have one question answered while others are asked; call what is given for its answer."""
        if self._pool is None:
            return cache(partial(answer, asked))
        if self._ends:
            raise CancelledError
        future = self._pool.submit(answer, asked)
        self._asked.append(future)
        return future.result

    def begin(self, call: Callable[[], Answer]) -> Callable[[], Answer]:
        """Have a call made beside what follows, as it mostly waits for workers; call for its end.

        Who is alone makes it when its end is asked for.
        """
        if self._begun is None:
            return cache(call)
        return self._begun.submit(call).result

    def completed(
        self, answer: Callable[[Asked], Answer], asked: Sequence[Asked]
    ) -> Iterator[tuple[Asked, Answer | None]]:
        """Questions with their answers, as they come; None where workers died of it."""
        if self._pool is None:
            yield from ((question, answer(question)) for question in asked)
            return
        waiting, deaths = list(reversed(asked)), Counter[int]()
        out: dict[Future[Answer], Asked] = {}
        self._out = out
        while waiting or out:
            try:
                self._hand_out(answer, waiting, out)
                for future in wait(out, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    yield out.pop(future), result
            except BrokenProcessPool:  # one death breaks the pool: all that is out is asked again
                self._pool = start_pool(self.jobs, self._modules)
                deaths.update(map(id, out.values()))
                again = {id(it) for it in out.values() if deaths[id(it)] < ATTEMPTS}
                waiting += [it for it in out.values() if id(it) in again]
                yield from ((it, None) for it in out.values() if id(it) not in again)
                out.clear()

    def _hand_out(
        self,
        answer: Callable[[Asked], Answer],
        waiting: list[Asked],
        out: dict[Future[Answer], Asked],
    ) -> None:
        """Keep every worker busy; the last of those waiting is the next."""
        assert self._pool is not None
        while waiting and len(out) < AHEAD * self.jobs:
            out[self._pool.submit(answer, waiting[-1])] = waiting[-1]
            waiting.pop()
