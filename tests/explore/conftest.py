"""The page's server as a user starts it, and questions asked without one."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from experiments.explore.answers import PARTS
from experiments.explore.asked import Base
from experiments.explore.runs import Answer, Task, carry_out
from experiments.kit.options import NEWEST_KAFKA
from experiments.kit.world import World, world_of
from tests.explore.asking import Ask


def default_world(settings: tuple[str, ...]) -> World:
    """Kafka's defaults, with settings on top."""
    options: Mapping[str, Any] = {"properties": None, "kafka": NEWEST_KAFKA, "constants": None}
    return world_of(overrides=settings, partitions=1, **options).with_topic(1, 1)


@pytest.fixture(scope="session")
def base() -> Base:
    """What the knobs start from where there are no files."""
    return Base(default_world)


@pytest.fixture(scope="session")
def ask(base: Base) -> Ask:
    """A part of the answer to positions of the knobs, made in this process."""

    async def made(tasks: Sequence[Task]) -> list[Answer]:
        return [carry_out(task) for task in tasks]

    def of(part: str, /, **positions: object) -> dict[str, Any]:
        asked = base.asked({name: str(value) for name, value in positions.items()})
        return asyncio.run(PARTS[part](asked, made))  # type: ignore[arg-type]

    return of


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of a server of its own."""
    command = [sys.executable, "-P", "-m", "experiments", "explore", "--port", "0"]
    started = partial(subprocess.Popen, stdout=subprocess.PIPE, text=True)
    with started([*command, "--jobs", "2"], env=os.environ | {"PYTHONPATH": os.getcwd()}) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.startswith("Open http://127.0.0.1:"), line
            yield line.split()[1]
        finally:
            server.terminate()
