"""What a fault did, counted from a run beside the same run without it. Units: records, seconds."""

from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.faults.catalogue import CASES, producers
from experiments.kit.pool import Workers
from model import MachineConfig, ProducerConfig, Run, Scenario, simulate

SEED = 1

#: Ours: caught up means this many records, or fewer, behind the run without the fault.
NEARLY_NONE = 0.02


@dataclass(frozen=True, slots=True)
class Harm:
    """Counts of records, and how long acknowledgements were missing.

    ``behind`` is how many records fewer than without the fault were acknowledged, at the
    worst instant; ``recovery_s`` how long after the last fault that was over.
    """

    sent: int
    acked: int
    failed: int
    unfinished: int
    duplicates: int
    displaced: int
    inversions: int
    acked_missing: int
    failed_but_present: int
    stall_s: float
    behind: int
    recovery_s: float


def harm_of(run: Run, calm: Run) -> Harm:
    """The harm in a run, beside the same run without its faults."""
    books, over_s = run.guarantees, max((f.until_s for f in run.scenario.faults), default=0.0)
    times_s, behind = _behind(run, calm)
    late = times_s[behind > NEARLY_NONE * max(1, books.sent)]
    return Harm(
        sent=books.sent,
        acked=books.acked,
        failed=books.failed,
        unfinished=books.unfinished,
        duplicates=books.duplicates,
        displaced=books.displaced,
        inversions=books.inversions,
        acked_missing=books.acked_missing,
        failed_but_present=books.failed_but_present,
        stall_s=stall_s(run),
        behind=int(behind.max(initial=0)),
        recovery_s=max(0.0, float(late[-1]) - over_s) if len(late) else 0.0,
    )


def stall_s(run: Run) -> float:
    """The longest time between two acknowledgements; 0 with fewer than two."""
    gaps = np.diff(_acks(run)[0])
    return float(gaps.max()) if len(gaps) else 0.0


def _behind(run: Run, calm: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Instants, and by how many records the calm run was ahead at each."""
    ends_s = np.concatenate([_acks(run)[0], _acks(calm)[0]])
    times_s = np.unique(ends_s)
    return times_s, _count_by(calm, times_s) - _count_by(run, times_s)


def _acks(run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = sorted((row.acked_s, row.records) for row in run.batches)
    times = np.array([at for at, _ in rows], dtype=float)
    return times, np.cumsum(np.array([records for _, records in rows], dtype=float))


def _count_by(run: Run, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    ends_s, counts = _acks(run)
    return np.append(0.0, counts)[np.searchsorted(ends_s, times_s, side="right")]


def harm_rows(
    base: ProducerConfig, rtt_ms: float, machine: MachineConfig, workers: Workers
) -> pd.DataFrame:
    """One row for each case and producer. Raises ConfigError before anything is simulated."""
    wanted = [
        (case.name, name, replace(case.scenario(config, rtt_ms), machine=machine))
        for case in CASES
        for name, config in producers(base).items()
    ]
    return pd.DataFrame(workers.map(_row, wanted))


def _row(wanted: tuple[str, str, Scenario]) -> dict[str, object]:
    case, producer, scenario = wanted
    run, calm = simulate(scenario, SEED), simulate(replace(scenario, faults=()), SEED)
    return {"fault": case, "producer": producer, **asdict(harm_of(run, calm))}
