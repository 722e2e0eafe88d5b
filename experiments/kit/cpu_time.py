"""What may take so much of a core and no more.

Counted is the process's own time, so a busy machine ends nothing. Left out: threads other than the
main one, which alone a signal reaches.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread


@contextmanager
def at_most(cpu_s: float, error: type[BaseException]) -> Iterator[None]:
    """Raise ``error`` in what is done here once it has taken so long; in the main thread alone."""
    if current_thread() is not main_thread():
        yield
        return

    def give_up(*_: object) -> None:
        raise error

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
