"""Why a row may be off: rules over what the row is, each with the sentence that it gives.

A rule names a property that makes a prediction hard; that it is the cause is likely, not proven.
The first that applies counts. Where none does the sentence says so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.kit.loads import full_request, window_bytes
from experiments.kit.measured import Row, number, rows_of
from experiments.validation import kinds
from experiments.validation.errors import FIGURES
from experiments.validation.kinds import Floats
from experiments.validation.measured import COLUMNS, scenario_of
from experiments.validation.targets import capacity_per_s
from model import MachineConfig, Scenario

NOT_EXPLAINED = "Not explained."
#: Ours: repeats that differ by half the error explain it.
SHARE_OF_ERROR = 0.5
#: Ours: nearer than this the two cores of the measuring machine rarely rest.
NEAR_MS = 2.0
#: Ours: a longest request so many times the mean one is a pause, not a queue.
PAUSE = 5.0
#: Ours: a client that takes more never sleeps between records.
SPINNING_CORES = 0.9
#: Ours: above this share of capacity a queue is as long as luck has it.
CROWDED = 0.8
#: A figure's measured column.
MEASURED = {figure: measured for measured, _, figure in FIGURES}


@dataclass(frozen=True)
class Off:
    """A row that is off, and what the rules look at."""

    cells: Row
    figure: str
    error: float
    load: str
    scenario: Scenario
    spread: float  # of measured repeats: largest over smallest, less one

    @property
    def request_bytes(self) -> float:
        """Of a full request, or of as many records as were measured if that is fewer."""
        full = full_request(self.scenario)
        measured = number(self.cells, "records_per_request_avg")
        share = 1.0 if np.isnan(measured) else min(1.0, measured / full.records)
        return share * full.size_bytes


def offs(
    rows: pd.DataFrame,
    indices: Sequence[int],
    figures: Sequence[str],
    errors: Sequence[float],
    machine: MachineConfig,
) -> Iterator[Off]:
    """The rows at some indices with the figure and the error that each is off by."""
    loads, cells = kinds.load_of(rows), rows_of(rows)
    for index, figure, error in zip(indices, figures, errors, strict=True):
        scenario = scenario_of(cells[index], machine)
        spread = float(spread_of_repeats(rows, MEASURED[figure])[index])
        yield Off(cells[index], figure, error, str(loads[index]), scenario, spread)


def spread_of_repeats(rows: pd.DataFrame, column: str) -> Floats:
    """For each row by how much measurements under the same settings differ."""
    values = pd.Series(kinds.numeric(rows, column), index=rows.index)
    same = values.groupby([rows[name] for name in COLUMNS])
    return np.asarray(same.transform("max") / same.transform("min") - 1, dtype=float)


def _repeats(off: Off) -> str | None:
    if off.spread >= SHARE_OF_ERROR * abs(off.error):
        return f"Repeats of the same settings differ by {100 * off.spread:.0f} % themselves."
    return None


def _who_wakes_first(off: Off) -> str | None:
    outstanding = number(off.cells, "outstanding")
    if off.load == kinds.CLOSED_LOOP and outstanding > 1 and not off.scenario.producer.linger_ms:
        return (
            "A closed loop without linger: a batch holds what the application sent before the"
            " Sender woke, so who wakes first decides how full requests are."
        )
    return None


def _crowded(off: Off) -> str | None:
    share = number(off.cells, "target_rate") / capacity_per_s(off.scenario)
    if off.load == kinds.OPEN_LOOP and share > CROWDED:
        return (
            f"The rate is {100 * share:.0f} % of what these settings carry: the queue"
            " magnifies a small difference in capacity."
        )
    return None


def _pauses(off: Off) -> str | None:
    times = number(off.cells, "request_latency_max") / number(off.cells, "request_latency_avg")
    if off.figure in ("p99", "request latency") and off.error < 0 and times > PAUSE:
        return (
            f"The longest measured request took {times:.0f} times the mean one: pauses of the"
            " machine, which the model does not have."
        )
    return None


def _spinning_generator(off: Off) -> str | None:
    cores = number(off.cells, "cpu_cores")
    if off.load == kinds.OPEN_LOOP and cores > SPINNING_CORES:
        return (
            f"The client took {cores:.2f} cores, for its load generator spins until the next record"
            " is due: broker, emulator and the other threads shared what was left of two."
        )
    return None


def _several_windows(off: Off) -> str | None:
    windows = off.request_bytes / window_bytes(off.scenario)
    if windows > 1:
        return (
            f"A request fills {windows:.1f} receive windows, and each costs a round trip and a"
            " wake-up of the broker, which vary."
        )
    return None


def _trap(off: Off) -> str | None:
    in_flight = off.scenario.producer.max_in_flight_requests_per_connection
    across = off.load == kinds.SATURATING and off.cells["cluster"] != "stretch"
    if across and in_flight * off.request_bytes > window_bytes(off.scenario):
        return (
            f"{in_flight} requests of {off.request_bytes / 1e3:.0f} kB exceed the receive window of"
            f" {window_bytes(off.scenario) / 1e3:.0f} kB: where the broker happens to read cuts the"
            " bursts, and throughput moves in steps."
        )
    return None


def _busy_cores(off: Off) -> str | None:
    if off.load != kinds.OPEN_LOOP and number(off.cells, "rtt_us") < 1e3 * NEAR_MS:
        return (
            "So near that client, broker and emulator keep the machine's two cores busy: they"
            " slow each other, which the model does not have."
        )
    return None


RULES: tuple[Callable[[Off], str | None], ...] = (
    _repeats,
    _who_wakes_first,
    _crowded,
    _pauses,
    _spinning_generator,
    _several_windows,
    _trap,
    _busy_cores,
)


def reason(off: Off) -> str:
    """The sentence of the first rule that applies."""
    return next(filter(None, (rule(off) for rule in RULES)), NOT_EXPLAINED)
