"""A process beside the workers for what takes long to import: it begins with that at once.

Spawned, not forked from the workers' server, whose workers would have to wait for the same imports.
"""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from typing import Self, TypeVar

from experiments.kit.pool import begin_work

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def _begin(modules: Sequence[str]) -> None:
    begin_work()
    gc.disable()  # what is imported stays: looking through it again and again frees nothing
    for name in modules:
        import_module(name)
    gc.freeze()
    gc.enable()


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started here leaves interrupts to the asking process from its first moment on."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Aside:
    """One process between ``with`` and its end; ended at once where that is an error."""

    def __init__(self, modules: Sequence[str], alone: bool) -> None:
        """``modules`` are what it will need; ``alone``: there is none, and who asks answers."""
        self.alone, self._pool = alone, None
        if not alone:
            before = multiprocessing.active_children()
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, mp_context=context, initializer=_begin, initargs=(tuple(modules),)
            )
            with _deaf():
                self._pool.submit(int)  # has it start
            self._started = set(multiprocessing.active_children()) - set(before)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if self._pool is not None:
            for process in self._started if kind is not None else ():
                process.terminate()
            self._pool.shutdown()

    def ask(self, answer: Callable[[Asked], Answer], asked: Asked) -> Callable[[], Answer]:
        """Have a question answered; call what is given for its answer."""
        if self._pool is None:
            return cache(partial(answer, asked))
        return self._pool.submit(answer, asked).result
