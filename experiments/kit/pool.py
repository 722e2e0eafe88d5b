"""Many independent runs on all cores; results in the order of the questions."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def run_all(
    answer: Callable[[Asked], Answer], asked: Iterable[Asked], jobs: int | None = None
) -> list[Answer]:
    """``[answer(x) for x in asked]`` in so many processes; None: one for each core.

    ``answer`` and what it takes and gives must be picklable.
    """
    questions: Sequence[Asked] = list(asked)
    jobs = min(jobs or os.cpu_count() or 1, len(questions))
    if jobs <= 1:
        return [answer(question) for question in questions]
    # Spawned, not forked: numpy's threads make a fork unsafe, and macOS spawns anyway.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        return list(pool.map(answer, questions))
