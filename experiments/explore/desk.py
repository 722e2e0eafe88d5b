"""Where questions are answered: processes that make runs, fairly shared and dropped in time.

A question hands its runs in one by one; whose visitor has gone, or asked anew, hands in no more. A
run that is under way ends by itself, within its second. Answers are functions of runs, and the last
few are kept: to refine digits is not to begin again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from experiments.explore.answers import PARTS
from experiments.explore.asked import Base, about_paths, positions
from experiments.explore.page import colours
from experiments.explore.runs import Answer, Task, carry_out
from experiments.explore.take import address, commands, properties, schedule
from experiments.kit.as_json import plain
from experiments.kit.assumes import assumed
from experiments.kit.pool import cores, start_pool

#: What workers need imported.
WORKED_WITH = (carry_out.__module__, "numpy.random")
#: Ours: answers of runs that are kept.
KEPT = 64


class DroppedError(Exception):
    """Nobody waits for the answer any more."""


class Desk:
    """Answers to whoever asks. ``made`` counts runs that were made."""

    def __init__(self, base: Base, jobs: int | None = None) -> None:
        self.base = base
        self._jobs = cores(jobs)
        self._pool = self._started()
        self._free = asyncio.Semaphore(self._jobs)
        self._kept: OrderedDict[Task, Answer] = OrderedDict()
        self.made = 0

    def _started(self) -> ProcessPoolExecutor:
        return start_pool(self._jobs, WORKED_WITH)

    def close(self) -> None:
        """Let the processes go."""
        self._pool.shutdown(cancel_futures=True)

    async def answer(
        self, part: str, given: Mapping[str, str], gone: Callable[[], bool]
    ) -> dict[str, Any]:
        """A part of the answer, with what can be taken away of it.

        Raises ConfigError for what cannot be asked, DroppedError once ``gone`` says so.
        """
        asked = self.base.asked(given)

        turns = asyncio.Semaphore(self._jobs)  # so that others wait for a few of its runs at most

        async def made(tasks: Sequence[Task]) -> list[Answer]:
            return await asyncio.gather(*(self._run(task, gone, turns) for task in tasks))

        answer = await PARTS[part](asked, made)
        if part != "first":
            return dict(plain(answer))
        world = asked.world
        scenarios = [asked.full_load(config) for config in asked.producers.values()]
        beside = {
            "looks": colours(asked),
            "address": address(asked),
            "assumed": assumed(scenarios, world.resolved.kafka),
            "notes": [*about_paths(asked), *world.resolved.notes],
            "properties": properties(asked),
            "commands": commands(asked),
            "schedule": schedule(asked),
        }
        return dict(plain({**answer, **beside}))

    async def said(self, text: str, part: str) -> dict[str, Any]:
        """A part of the answer to an address. Raises ConfigError."""
        return await self.answer(part, positions(text), lambda: False)

    async def _run(self, task: Task, gone: Callable[[], bool], turns: asyncio.Semaphore) -> Answer:
        if task in self._kept:
            self._kept.move_to_end(task)
            return self._kept[task]
        async with turns, self._free:
            if gone():
                raise DroppedError
            self.made += 1
            answer = await self._in_a_process(task)
        self._kept[task] = answer
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return answer

    async def _in_a_process(self, task: Task) -> Answer:
        """Have a worker make the run; those that were killed are replaced, once."""
        loop, pool = asyncio.get_running_loop(), self._pool
        try:
            return await loop.run_in_executor(pool, carry_out, task)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = self._started()
            return await loop.run_in_executor(self._pool, carry_out, task)
