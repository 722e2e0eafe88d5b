"""A scenario varied over levels of its fields, on all cores, to a frame with intervals."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

import pandas as pd

from experiments.kit.journal import Kept
from experiments.kit.plain_answer import estimated
from experiments.kit.plain_sweep import FIGURES, Over, chosen, plain_sweep
from experiments.kit.pool import Workers
from experiments.kit.progress import Progress
from experiments.kit.runner import WORKED_WITH, Study
from experiments.kit.world import World
from model import Scenario
from model.config.checks import require_count


def sweep(
    scenario: Scenario,
    over: Over,
    repeats: int = 5,
    jobs: int | None = None,
    seed: int = 1,
    figures: Sequence[str] = FIGURES,
    each_run: bool = False,
) -> pd.DataFrame:
    """Run every combination of levels so often; a row for each, with 95 % intervals.

    ``over``: levels by the name of a field of the scenario or of one of its parts, as
    ``{"rtt_ms": [1, 10], "max_in_flight_requests_per_connection": [1, 5]}``; a name that several
    parts have takes the way to it (``"replica_path.rtt_ms"``), values that are no numbers or words
    take names (``{"producer": {"plain": ProducerConfig(), ...}}``). Runs have the seeds ``seed``,
    ``seed + 1``, ... at every point, and each is what :func:`simulate` gives; so do those points
    compare run by run. ``jobs`` processes; None: one for each core.

    Columns: the levels, ``runs``, and each of ``figures`` (their list, with units, is in
    experiments/kit/figures.py), numbers with ``NAME_low`` and ``NAME_high``. A latency is empty
    where the application sends as fast as it can, or more than the producer carries. ``each_run``:
    a row for each run instead, with its number as ``replication``.

    Raises ConfigError for a name, a level or a combination that cannot be, before anything is run.
    """
    experiment = plain_sweep("sweep", scenario, over, repeats, figures)
    world = World(seed=seed)
    if jobs is not None:
        require_count("jobs", jobs, 1, 10_000)
    points = experiment.chosen(world)
    with _unimportable_main(), Workers(jobs, WORKED_WITH) as workers, Progress("sweep") as progress:
        study = Study(experiment, world, points, Kept(), workers, progress)
        rows = study.rows()
    if study.failed:
        run, error = next(iter(study.failed.items()))
        raise RuntimeError(f"{len(study.failed)} runs failed, {run} with {error}")
    axes, measured = list(points[0].levels), chosen(figures)
    return rows[[*axes, "replication", *measured]] if each_run else estimated(rows, axes, measured)


@contextmanager
def _unimportable_main() -> Iterator[None]:
    """Keeps worker processes from importing the caller's script, as they do with a main module.

    They need nothing of it, and a script that sweeps at its top would start over in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
