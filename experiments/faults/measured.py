"""Measured faults of a real Kafka, predicted: the rows of a CSV with the model's columns appended.

The format is that of the measured data's README. Where another leader is elected chance decides:
how long ago the last heartbeat was, and at which moment between two requests the leader went. Such
a row is run many times, at moments spread over a round trip, and what is predicted is a range.
Units: seconds, records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.faults.books import NAMES
from experiments.faults.harm import SEED, stall_s
from experiments.kit import measured as kit
from experiments.kit.pool import Workers
from model import Fault, MachineConfig, OpenLoop, PathConfig, Scenario, Workload, simulate
from model.config.checks import MOST_HORIZON_S, require, require_at_most

#: Read: the README of the measured data.
SPIKE_RTT_MS = 3_000.0
NUMBERS = ("rtt_us", "rate", "before_s", "during_s", "after_s", "partitions", "size")
#: Measured fault to ours.
FAULTS: Mapping[str, str] = {
    "ackloss": "lost-acks",
    "reqloss": "lost-requests",
    "blackhole": "black-hole",
    "spike": "latency-spike",
    "pause": "broker-pause",
    "reset": "connection-reset",
    "leaderpause": "broker-pause",
    "follower": "broker-pause",
    "leader": "broker-crash",
    "leaderterm": "broker-restart",
}
#: Whom a fault of a cluster of three with one partition strikes.
STRUCK: Mapping[str, int] = {
    "leader": 0,
    "leaderterm": 0,
    "leaderpause": 0,
    "follower": 1,
}
COUNTS = ("duplicates", "acked_missing", "failed_but_present", "inversions", "displaced", "failed")
FIGURES = (*COUNTS, "stall_s")
#: Of several runs the median; the lowest and the highest are in columns of their own.
ENDS = ("low", "high")
COLUMNS = [
    *(f"model_{name}" for name in FIGURES),
    *(f"model_{name}_{end}" for name in FIGURES for end in ENDS),
]
#: Ours: runs of a row that chance decides; their moments are spread over one round trip.
MOMENTS = 32
#: Ours: so much of the calm before and after an election is simulated; more would show nothing new.
CALM_S = 0.5
#: Faults after which another broker leads.
ELECT = ("leader", "leaderterm", "leaderpause")
#: Counts that are to be near, not only of the same kind.
NEAR = ("duplicates", "displaced", "failed")
#: Ours: after the last record is sent, and its delivery timeout, nothing more can happen.
SLACK_S = 5.0
#: Asked: duplicates and displaced within a factor, the stall within a share or so many seconds.
FACTOR, STALL_SHARE, STALL_S = 2.0, 0.2, 0.3
RULE_OF_FAULTS = (
    "A disagreement is another kind of harm, or a count of it that is more than"
    f" {FACTOR:g} times another. So is a longest time without an ack that is off by more than"
    f" {STALL_SHARE * 100:g} % and {STALL_S:g} s. Where another leader is elected, it is held"
    f" against the range of {MOMENTS} runs, each at a moment of its own."
    " Nothing was fitted to these rows."
)


def read_faults(path: Path) -> pd.DataFrame:
    """All columns as text, in the file's order. Raises ConfigError for what is not such a file."""
    return kit.read_rows(path, ("cluster", "fault", *NUMBERS, "settings"))


def scenario_of(row: kit.Row, machine: MachineConfig) -> Scenario:
    """The scenario of one row. Raises ConfigError."""
    number = {name: kit.amount(row, name) for name in NUMBERS}
    producer, kind = kit.producer_of(row), row["fault"]
    _require_known(kind, row["cluster"])
    if kind in ELECT:
        calm = {name: min(CALM_S, number[name]) for name in ("before_s", "after_s")}
        number |= calm
    total_s = number["before_s"] + number["during_s"] + number["after_s"]
    rate = OpenLoop(number["rate"])
    require_at_most("before_s + during_s + after_s", total_s, MOST_HORIZON_S)
    sends = replace(rate, records=round(rate.records_per_s * total_s))
    return Scenario(
        path=PathConfig(rtt_ms=number["rtt_us"] / 1e3 + kit.PATH_FLOOR_MS),
        producer=producer,
        workload=Workload(arrival=sends, value_bytes=int(number["size"])),
        replica_path=PathConfig(rtt_ms=kit.PATH_FLOOR_MS),
        topic=kit.topic_of(row),
        machine=machine,
        faults=_faults(kind, number["before_s"], number["during_s"]),
        warmup_s=0.0,
        measured_s=total_s + producer.delivery_timeout_ms / 1e3 + SLACK_S,
    )


def _require_known(kind: str, cluster: str) -> None:
    known = ("none", *FAULTS)
    require("fault", kind, f"one of {', '.join(known)}", kind in known)
    require("cluster", cluster, "one of single, trio", cluster in ("single", "trio"))
    alone = cluster == "single" and kind in STRUCK
    require("fault", kind, "one of the cluster trio", not alone)


def _faults(kind: str, at_s: float, for_s: float) -> tuple[Fault, ...]:
    if kind == "none":
        return ()
    what = FAULTS[kind]
    own: dict[str, Any] = {} if what == "connection-reset" else {"for_s": for_s}
    if what == "latency-spike":
        own["rtt_ms"] = SPIKE_RTT_MS
    return (Fault(what=what, at_s=at_s, broker=STRUCK.get(kind), **own),)


def predict(measured: pd.DataFrame, machine: MachineConfig, workers: Workers) -> pd.DataFrame:
    """The rows in their order with the model's columns appended.

    Raises ConfigError, before anything is simulated, for a row that describes no valid scenario.
    """
    scenarios = kit.made(measured, lambda row: scenario_of(row, machine))
    tasks = [(at, *run) for at, scenario in enumerate(scenarios) for run in _runs(scenario)]
    found = workers.map(_figures, [(scenario, seed) for _, scenario, seed in tasks])
    rows = [
        _summary([figures for (at, *_), figures in zip(tasks, found, strict=True) if at == row])
        for row in range(len(scenarios))
    ]
    figures = pd.DataFrame(rows, columns=COLUMNS, index=measured.index)
    return pd.concat([measured.drop(columns=COLUMNS, errors="ignore"), figures], axis=1)


def _runs(scenario: Scenario) -> Iterator[tuple[Scenario, int]]:
    """One run; where another leader may be elected many, with the fault at other moments."""
    if not scenario.may_elect:
        yield scenario, SEED
        return
    for run in range(MOMENTS):
        late_s = scenario.path.rtt_s * run / MOMENTS
        later = tuple(replace(f, at_s=f.at_s + late_s) for f in scenario.faults)  # type: ignore[type-var]
        yield replace(scenario, faults=later), SEED + run


def _figures(wanted: tuple[Scenario, int]) -> list[float]:
    run = simulate(*wanted)
    return [*(getattr(run.guarantees, name) for name in COUNTS), round(stall_s(run), 2)]


def _summary(runs: list[list[float]]) -> list[object]:
    """The medians of each figure, whole for counts, and its ends."""
    by_figure = [sorted(values) for values in zip(*runs, strict=True)]
    middle = [values[(len(values) - 1) // 2] for values in by_figure]
    return [*middle, *(values[end] for values in by_figure for end in (0, -1))]


def disagreements(predicted: pd.DataFrame) -> list[tuple[int, str]]:
    """(row, what) wherever a prediction is off by more than is allowed; measured columns needed."""
    return [
        (index, words)
        for index, row in enumerate(kit.rows_of(predicted))
        if row["model_stall_s"] != ""
        for words in _disagreements(row)
    ]


def _disagreements(row: kit.Row) -> Iterator[str]:
    for name in COUNTS:
        low, high, theirs = *_ends(row, name), float(row.get(name) or "nan")
        near = low / FACTOR <= theirs <= high * FACTOR or name not in NEAR
        kinds = {bool(low), bool(high)}
        if not np.isnan(theirs) and (bool(theirs) not in kinds or not near):
            yield f"{NAMES[name]}: {theirs:.0f} measured, {_range(low, high, '.0f')} predicted"
    low_s, high_s, theirs_s = *_ends(row, "stall_s"), float(row.get("stall_s") or "nan")
    slack_s = max(STALL_SHARE * theirs_s, STALL_S) if low_s == high_s else STALL_S
    if theirs_s < low_s - slack_s or theirs_s > high_s + slack_s:
        predicted = _range(low_s, high_s, ".2f")
        yield f"longest time without an ack: {theirs_s:.2f} s measured, {predicted} s predicted"


def _ends(row: kit.Row, name: str) -> tuple[float, ...]:
    """The range of a figure; of rows that were predicted once, the figure itself."""
    one = row[f"model_{name}"]
    return tuple(float(row.get(f"model_{name}_{end}", one)) for end in ENDS)


def _range(low: float, high: float, spec: str) -> str:
    return f"{low:{spec}}" if low == high else f"{low:{spec}} to {high:{spec}}"
