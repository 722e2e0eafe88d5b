"""What may take so much of a core and no more.

Counted is the process's own time, so a busy machine ends nothing. Left out: threads other than the
main one, which alone a signal reaches.
"""

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

#: Ours: how much later it is tried again where raising was in vain; longer than it takes to leave.
AGAIN_S = 0.05


@contextmanager
def at_most(cpu_s: float, error: type[BaseException]) -> Iterator[None]:
    """Raise ``error`` in what is done here once it has taken so long; in the main thread alone."""
    if current_thread() is not main_thread():
        yield
        return

    def give_up(_: int, frame: FrameType | None) -> None:
        # What is raised in a finalizer is printed and forgotten, and so it is where the garbage
        # collector calls; the latter can be seen.
        signal.setitimer(signal.ITIMER_VIRTUAL, AGAIN_S)
        if not _collects_garbage(frame):
            raise error

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _collects_garbage(frame: FrameType | None) -> bool:
    """Whether the garbage collector has called what runs here."""
    called = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    while frame is not None:
        if frame.f_code in called:
            return True
        frame = frame.f_back
    return False
