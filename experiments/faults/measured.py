"""Measured faults of a real Kafka, predicted: the rows of a CSV with the model's columns appended.

The format is that of the measured data's README. A leader that is killed or stands still for long
needs an election, which the model does not have: the columns of such rows stay empty. Units:
seconds, records.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.faults.books import NAMES
from experiments.faults.harm import SEED, stall_s
from experiments.kit import measured as kit
from experiments.kit.pool import Workers
from model import Fault, MachineConfig, OpenLoop, PathConfig, Scenario, Workload, simulate
from model.config.checks import require
from model.config.faults import BROKER_SESSION_S

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
}
NEEDS_AN_ELECTION = "leader"
#: Whom a fault of a cluster of three with one partition strikes.
STRUCK: Mapping[str, int] = {"leaderpause": 0, "follower": 1}
COUNTS = ("duplicates", "acked_missing", "failed_but_present", "inversions", "displaced", "failed")
COLUMNS = [f"model_{name}" for name in (*COUNTS, "stall_s")]
#: Ours: after the last record is sent, and its delivery timeout, nothing more can happen.
SLACK_S = 5.0
#: Asked: duplicates and displaced within a factor, the stall within a share or so many seconds.
FACTOR, STALL_SHARE, STALL_S = 2.0, 0.2, 0.3
RULE_OF_FAULTS = (
    "A disagreement is another kind of harm, counts of duplicates or of records out of order more"
    f" than {FACTOR:g} times apart, or a longest time without an ack that is off by more than"
    f" {STALL_SHARE * 100:g} % and {STALL_S:g} s. Nothing was fitted to these rows."
)


def read_faults(path: Path) -> pd.DataFrame:
    """All columns as text, in the file's order. Raises ConfigError for what is not such a file."""
    return kit.read_rows(path, ("cluster", "fault", *NUMBERS, "settings"))


def scenario_of(row: kit.Row, machine: MachineConfig) -> Scenario | None:
    """The scenario of one row; None for one that needs an election. Raises ConfigError."""
    number = {name: kit.amount(row, name) for name in NUMBERS}
    producer, kind = kit.producer_of(row), row["fault"]
    _require_known(kind, row["cluster"])
    silent = kind == "leaderpause" and number["during_s"] > BROKER_SESSION_S
    if kind == NEEDS_AN_ELECTION or silent:
        return None
    total_s = number["before_s"] + number["during_s"] + number["after_s"]
    sends = OpenLoop(number["rate"], records=round(number["rate"] * total_s))
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
    known = ("none", *FAULTS, NEEDS_AN_ELECTION)
    require("fault", kind, f"one of {', '.join(known)}", kind in known)
    require("cluster", cluster, "one of single, trio", cluster in ("single", "trio"))
    alone = cluster == "single" and kind in (*STRUCK, NEEDS_AN_ELECTION)
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
    scenarios = [scenario_of(row, machine) for row in kit.rows_of(measured)]
    figures = pd.DataFrame(workers.map(_figures, scenarios), columns=COLUMNS, index=measured.index)
    return pd.concat([measured.drop(columns=COLUMNS, errors="ignore"), figures], axis=1)


def _figures(scenario: Scenario | None) -> list[object]:
    """What is predicted of a row; empty where nothing is."""
    if scenario is None:
        return [""] * len(COLUMNS)
    run = simulate(scenario, SEED)
    return [*(getattr(run.guarantees, name) for name in COUNTS), round(stall_s(run), 2)]


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
        ours, theirs = float(row[f"model_{name}"]), float(row.get(name) or "nan")
        near = theirs / FACTOR <= ours <= theirs * FACTOR or name not in ("duplicates", "displaced")
        if not np.isnan(theirs) and (bool(ours) != bool(theirs) or not near):
            yield f"{NAMES[name]}: {theirs:.0f} measured, {ours:.0f} predicted"
    ours_s, theirs_s = float(row["model_stall_s"]), float(row.get("stall_s") or "nan")
    if abs(ours_s - theirs_s) > max(STALL_SHARE * theirs_s, STALL_S):
        yield f"longest time without an ack: {theirs_s:.2f} s measured, {ours_s:.2f} s predicted"
