"""Many independent runs on all cores; results in the order of the questions."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; only the asking one is to act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Workers:
    """So many processes (None: one for each core); one alone is this process itself."""

    def __init__(self, jobs: int | None = None) -> None:
        jobs = jobs or os.cpu_count() or 1
        # Spawned, not forked: numpy's threads make a fork unsafe, and macOS spawns anyway.
        context = multiprocessing.get_context("spawn")
        self._pool = (
            ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_interrupts)
            if jobs > 1
            else None
        )
        if self._pool is not None:
            for _ in range(
                jobs
            ):  # they start now, while the asking process gets its questions ready
                self._pool.submit(os.getpid)

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
