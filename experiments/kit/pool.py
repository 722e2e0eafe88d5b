"""Many independent runs on all cores; results in the order of the questions."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; only the asking one is to act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _started(jobs: int, modules: Sequence[str]) -> ProcessPoolExecutor:
    """A pool whose processes start now, while the asking process gets its questions ready."""
    # Forked from a server that runs no threads: this process has some, which makes forking it
    # unsafe, and spawned workers would each import everything anew.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interrupts)
    # In a thread: the first submission returns only when the server has made its imports.
    Thread(target=lambda: [pool.submit(os.getpid) for _ in range(jobs)]).start()
    return pool


class Workers:
    """So many processes (None: one for each core); one alone is this process itself."""

    def __init__(self, jobs: int | None = None, modules: Sequence[str] = ()) -> None:
        """``modules`` are what the workers will need: imported once, while the caller goes on."""
        jobs = jobs or os.cpu_count() or 1
        self._pool = _started(jobs, modules) if jobs > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, answer: Callable[[Asked], Answer], asked: Iterable[Asked]) -> list[Answer]:
        """``[answer(x) for x in asked]``; all of it must be picklable."""
        if self._pool is None:
            return [answer(question) for question in asked]
        return list(self._pool.map(answer, asked))
