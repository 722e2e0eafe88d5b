"""The rows that are furthest off, each in one figure, with a sentence on why.

A row is off by that figure of it that is worst in proportion to the 90th percentile which is
allowed. Rows marked as noisy are left out: their measurements are no reference. A rule names a
property that makes a prediction hard; that it is the cause is likely, not proven. The first that
applies counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from experiments.kit.loads import full_request, window_bytes
from experiments.kit.measured import Row, number, rows_of
from experiments.validation import kinds
from experiments.validation.errors import FIGURES, TARGETS, capacity_per_s
from experiments.validation.kinds import Floats
from experiments.validation.prediction import MEASURED, scenario_of
from model import MachineConfig, Scenario

WORST_ROWS = 10
NOT_EXPLAINED = "Not explained."
#: Ours: repeats that differ by half the error explain it.
SHARE_OF_ERROR = 0.5
#: Ours: nearer than this the two cores of the measuring machine rarely rest.
NEAR_MS = 2.0
#: Ours: a longest request so many times the mean one is a pause, not a queue.
PAUSE = 5.0
#: Ours: a client that takes more never sleeps between records.
SPINNING_CORES = 0.9
#: Ours: requests with so much fewer records than measured are what a row's error comes from.
THINNER = 0.05
#: Ours: above this share of capacity a queue is as long as luck has it.
CROWDED = 0.8


def worst_rows(rows: pd.DataFrame, machine: MachineConfig) -> pd.DataFrame:
    """The furthest off first; ``row`` counts from 1 within its cluster's file.

    Columns: row, load, settings, figure, measured, predicted, error %, why.
    """
    targets = [target for target in TARGETS if target.loads]
    errors = np.array([target.errors(rows, machine) for target in targets])
    allowed = np.array([[target.p90] for target in targets])
    excess = np.where(np.isnan(errors) | kinds.is_noisy(rows), 0.0, np.abs(errors)) / allowed
    worst = excess.argmax(axis=0)
    cells, loads = rows_of(rows), kinds.load_of(rows)
    numbers = rows.groupby("cluster").cumcount() + 1
    table = []
    for index in np.argsort(-excess.max(axis=0), kind="stable")[:WORST_ROWS].tolist():
        row, figure = cells[index], targets[worst[index]].figure
        error, spread = float(errors[worst[index], index]), _spread(rows, FIGURES[figure])[index]
        off = Off(row, figure, error, loads[index], scenario_of(row, machine), float(spread))
        line = {
            "row": f"{row['cluster']} {numbers.iloc[index]}",
            "load": _load(off),
            "settings": row["settings"],
            "figure": figure,
            "measured": number(row, FIGURES[figure]),
            "predicted": number(row, f"model_{FIGURES[figure]}"),
            "error %": round(100 * error, 1),
            "why": next(chain(*_rules(off), [NOT_EXPLAINED])),
        }
        table.append(line)
    return pd.DataFrame(table)


def _rules(off: "Off") -> tuple[Iterator[str], ...]:
    return _of_its_codec(off), _of_its_load(off), _of_its_path(off)


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


def _spread(rows: pd.DataFrame, column: str) -> Floats:
    """For each row by how much measurements under the same settings differ."""
    values = pd.Series(kinds.numeric(rows, column), index=rows.index)
    same = values.groupby([rows[name] for name in MEASURED])
    return np.asarray(same.transform("max") / same.transform("min") - 1, dtype=float)


def _load(off: Off) -> str:
    """Distance, partitions and how records arrive."""
    rtt_ms, partitions = number(off.cells, "rtt_us") / 1e3, off.cells["partitions"]
    size = number(off.cells, "outstanding") or number(off.cells, "target_rate")
    plural, load = "s" * (partitions != "1"), off.load + f" {size:g}" * bool(size)
    return f"{rtt_ms:g} ms, {partitions} partition{plural}, {load}"


def _of_its_load(off: Off) -> Iterator[str]:
    cells, open_loop = off.cells, off.load == kinds.OPEN_LOOP
    if off.spread >= SHARE_OF_ERROR * abs(off.error):
        yield f"Repeats of the same settings differ by {100 * off.spread:.0f} % themselves."
    if number(cells, "outstanding") > 1 and not off.scenario.producer.linger_ms:
        yield (
            "A closed loop without linger: a batch holds what the application sent before the"
            " Sender woke, so who wakes first decides how full requests are."
        )
    share = number(cells, "target_rate") / capacity_per_s(off.scenario)
    if open_loop and share > CROWDED:
        yield (
            f"The rate is {100 * share:.0f} % of what these settings carry: the queue"
            " magnifies a small difference in capacity."
        )
    pause = number(cells, "request_latency_max") / number(cells, "request_latency_avg")
    if off.figure in ("p99", "request latency") and off.error < 0 and pause > PAUSE:
        yield (
            f"The longest measured request took {pause:.0f} times the mean one: pauses of the"
            " machine, which the model does not have."
        )
    if open_loop and (cores := number(cells, "cpu_cores")) > SPINNING_CORES:
        yield (
            f"The client took {cores:.2f} cores, for its load generator spins until the next record"
            " is due: broker, emulator and the other threads shared what was left of two."
        )


def _of_its_codec(off: Off) -> Iterator[str]:
    filled = number(off.cells, "model_records_per_request_avg")
    thin = filled < (1 - THINNER) * number(off.cells, "records_per_request_avg")
    if off.scenario.compresses and thin and off.error < 0:
        yield (
            "The client likely began with the estimate that an earlier run of its process left,"
            " here with 1: how full the first hundred batches are depends on it."
        )


def _of_its_path(off: Off) -> Iterator[str]:
    window = window_bytes(off.scenario)
    if off.request_bytes > window:
        yield (
            f"A request fills {off.request_bytes / window:.1f} receive windows, and each costs a"
            " round trip and a wake-up of the broker, which vary."
        )
    in_flight = off.scenario.producer.max_in_flight_requests_per_connection
    across = off.load == kinds.SATURATING and off.cells["cluster"] != "stretch"
    if across and in_flight * off.request_bytes > window:
        yield (
            f"{in_flight} requests of {off.request_bytes / 1e3:.0f} kB exceed the receive window:"
            " where the broker happens to read cuts the bursts, and throughput moves in steps."
        )
    if off.load != kinds.OPEN_LOOP and number(off.cells, "rtt_us") < 1e3 * NEAR_MS:
        yield (
            "So near that client, broker and emulator keep the machine's two cores busy: they"
            " slow each other, which the model does not have."
        )
