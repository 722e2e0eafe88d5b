"""A sweep of a few short runs for tests, in a module that worker processes can import.

Run as a script it carries the sweep out: ``python -m tests.experiments.tiny_sweep FOLDER
[ADDRESS]``. Its outcomes look at files in the folder named by INFLIGHT_TINY, so that a test can
make runs fail, kill their worker, or take their time.
"""

import os
import signal
import sys
import time
from pathlib import Path

import pandas as pd

from experiments.kit import outcomes
from experiments.kit.cluster import Cluster
from experiments.kit.executor import Executor
from experiments.kit.grid import Point, grid
from experiments.kit.horizon import over_requests
from experiments.kit.journal import Journal
from experiments.kit.pool import Workers
from experiments.kit.progress import Progress
from experiments.kit.replications import Contrast, Replications
from experiments.kit.study import Study
from experiments.kit.sweep import Sweep
from model import PathConfig, ProducerConfig, Run, Scenario

POINTS = grid({"rtt_ms": (1, 2, 4), "depth": (1, 5)})


def scenario(*, rtt_ms: float, depth: int) -> Scenario:
    """Some twenty requests."""
    producer = ProducerConfig(max_in_flight_requests_per_connection=depth)
    return over_requests(Scenario(path=PathConfig(rtt_ms=rtt_ms), producer=producer), 10, 20)


def mischief(run: Run) -> int:
    """Whatever the test has put into its folder: ``slow``, ``fail``, ``kill`` (once only)."""
    folder = Path(os.environ.get("INFLIGHT_TINY", "nowhere"))
    if (folder / "slow").exists():
        time.sleep(0.05)
    if (folder / "fail").exists() and run.scenario.path.rtt_ms == 2:
        raise ValueError("two is too many")
    if (folder / "kill").exists():
        (folder / "kill").unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return 0


def die(question: int) -> int:
    """Nobody ever answers this."""
    os.kill(os.getpid(), signal.SIGKILL)
    return question


def sweep(most: int = 2) -> Sweep:
    """Two replications of six points."""
    return Sweep(
        name="tiny",
        question="Does it run?",
        axes={"rtt_ms": (1, 2, 4), "depth": (1, 5)},
        outcomes=(outcomes.records_per_s, outcomes.limit, mischief),
        points=POINTS,
        smoke=POINTS[:1],
        scenario=scenario,
        replications=Replications(2, most, Contrast("records_per_s", "depth", 1), 1e-6),
    )


def study(
    folder: Path, executor: Executor, points: tuple[Point, ...] = POINTS, most: int = 2
) -> tuple[pd.DataFrame, Study]:
    """The rows of the sweep, and the study that made them."""
    with Journal(folder) as journal, executor, Progress("tiny") as progress:
        made = Study(sweep(most), points, journal, executor, progress)
        return made.rows(), made


if __name__ == "__main__":
    study(Path(sys.argv[1]), Cluster(sys.argv[2]) if len(sys.argv) > 2 else Workers(2))
