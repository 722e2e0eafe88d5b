"""What tests of experiments share: the rows of every question, simulated once in a session."""

import os
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from experiments.catalogue import load
from experiments.kit.journal import Kept
from experiments.kit.pool import Workers
from experiments.kit.progress import Progress
from experiments.kit.runner import Study


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., pd.DataFrame]:
    """The rows of a question as it is asked, at its own distance or at another."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of all workers

    def of(name: str, rtt_ms: float | None = None, replications: int = 2) -> pd.DataFrame:
        path = folder / f"{name}-{rtt_ms}-{replications}.pickle"
        if not path.exists():
            experiment = load(name)
            distance_ms = experiment.rtt_ms if rtt_ms is None else rtt_ms
            world = replace(experiment.default_world(), rtt_ms=distance_ms, fine=False)
            world = replace(world, replications=replications)
            partial = path.with_suffix(f".{os.getpid()}")
            with Workers(jobs=1) as workers, Progress(name) as progress:
                points = experiment.chosen(world)
                study = Study(experiment, world, points, Kept(), workers, progress)
                study.rows().to_pickle(partial)
            assert not study.failed
            partial.replace(path)
        frame = pd.read_pickle(path)
        assert isinstance(frame, pd.DataFrame)
        return frame

    return of
