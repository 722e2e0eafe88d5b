"""A sweep of a few short runs for tests, in a module that worker processes can import.

Run as a script it carries the sweep out: ``python -m tests.experiments.tiny_sweep FOLDER
[ADDRESS]``. Its figures look at files in the folder named by INFLIGHT_TINY, so that a test can
make runs fail, kill their worker, or take their time.
"""

import os
import signal
import sys
import time
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.cluster import Cluster
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.journal import Journal
from experiments.kit.loads import over_requests
from experiments.kit.pool import Executor, Workers
from experiments.kit.progress import Progress
from experiments.kit.replications import Contrast, Replications
from experiments.kit.runner import Study
from experiments.kit.world import World
from model import MachineConfig, PathConfig, ProducerConfig, Run, Scenario

#: Half of the broker's work is random, so that no two replications agree.
MACHINE = MachineConfig(
    client_append_us=1,
    client_request_us=10,
    client_byte_us=0,
    client_record_us=0,
    broker_request_us=500,
    broker_batch_us=0,
    broker_byte_us=0,
    broker_tail_us=500,
    wake_us=0,
    wake_after_us=1,
)


def scenario(rtt_ms: float, depth: int) -> Scenario:
    """Some twenty requests."""
    producer = ProducerConfig(max_in_flight_requests_per_connection=depth)
    path = PathConfig(rtt_ms=rtt_ms)
    plain = Scenario(path=path, producer=producer, machine=MACHINE, warm_start=True)
    return over_requests(plain, 20, 40)


POINTS = tuple(
    Point(levels=levels, scenario=scenario(**levels))
    for levels in grid(rtt_ms=(1, 2, 4), depth=(1, 5))
)


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


def answer(rows: pd.DataFrame) -> str:
    """How many rows there are."""
    return f"{len(rows)} rows."


def draw(rows: pd.DataFrame) -> Figure:
    """Nothing."""
    return Figure()


def experiment(most: int = 2) -> Experiment:
    """Two replications of six points."""
    return Experiment(
        name="tiny",
        question="Does it run?",
        aliases=(),
        points=lambda world: POINTS,
        measure=figures.row("records_per_s", "limit", mischief),
        answer=answer,
        draw=draw,
        assumption="nothing",
        replications=Replications(2, most, Contrast("records_per_s", "depth", 1), 1e-6),
    )


def study(folder: Path, executor: Executor, most: int = 2) -> tuple[pd.DataFrame, Study]:
    """The rows of the sweep, and the study that made them."""
    with Journal(folder) as journal, executor, Progress("tiny") as progress:
        made = Study(experiment(most), World(), POINTS, journal, executor, progress)
        return made.rows(), made


if __name__ == "__main__":
    study(Path(sys.argv[1]), Cluster(sys.argv[2]) if len(sys.argv) > 2 else Workers(2))
