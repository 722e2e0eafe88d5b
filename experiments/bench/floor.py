"""The floor: what SimPy itself takes to schedule and process so many events, and nothing else."""

from collections.abc import Generator

import simpy


def bare_timeouts(count: int) -> None:
    """One process that sleeps so many times; the queue of events is never longer than that."""
    env = simpy.Environment()
    env.process(_sleeper(env, count))
    env.run()


def _sleeper(env: simpy.Environment, count: int) -> Generator[simpy.Event, None, None]:
    for _ in range(count):
        yield env.timeout(1)
