"""Runs of a steady producer as they were measured, and the scenario that each row describes.

Left out of a scenario: nothing that the rows vary.
"""

from pathlib import Path

import pandas as pd

from experiments.kit.measured import (
    PATH_FLOOR_MS,
    Row,
    amount,
    count,
    producer_of,
    read_rows,
    rows_of,
    topic_of,
)
from model import (
    ClosedLoop,
    MachineConfig,
    OpenLoop,
    PathConfig,
    Saturating,
    Scenario,
    Uniform,
    Workload,
)
from model.config.delays import NO_JITTER
from model.config.workload import Arrival

#: Measured: every run began after a warm-up of 1.5 s or more. Assumed: and of 40 round trips,
#: after which a saturating producer's queue is full at every measured distance.
WARMUP_S, WARMUP_ROUND_TRIPS = 1.5, 40
_PATH = ("rtt_us", "jitter_us", "rate_Bps", "loss")
_LOAD = ("partitions", "size", "key_space", "target_rate", "outstanding", "secs")
COLUMNS = ("cluster", *_PATH, *_LOAD, "settings")


def read_measured(path: Path) -> pd.DataFrame:
    """All columns as text, in the file's order. Raises ConfigError for what is not such a file."""
    return read_rows(path, COLUMNS)


def scenarios_of(measured: pd.DataFrame, machine: MachineConfig) -> list[Scenario]:
    """The scenario of each row. Raises ConfigError."""
    return [scenario_of(row, machine) for row in rows_of(measured)]


def scenario_of(row: Row, machine: MachineConfig) -> Scenario:
    """The scenario of one row on a machine with these constants.

    Raises ConfigError where a cell or a setting is not valid. In a stretched cluster the client
    stands beside the leader and the row's RTT is between brokers.
    """
    rtt_ms, stretched = amount(row, "rtt_us") / 1e3, row["cluster"] == "stretch"
    return Scenario(
        path=_path(row, 0.0 if stretched else rtt_ms),
        replica_path=_path(row, rtt_ms) if stretched else PathConfig(rtt_ms=PATH_FLOOR_MS),
        producer=producer_of(row),
        workload=Workload(
            arrival=_arrival(row),
            value_bytes=count(row, "size"),
            key_space=count(row, "key_space"),
        ),
        topic=topic_of(row),
        machine=machine,
        warm_start=True,
        warmup_s=max(WARMUP_S, WARMUP_ROUND_TRIPS * rtt_ms / 1e3),
        measured_s=amount(row, "secs"),
    )


def _path(row: Row, rtt_ms: float) -> PathConfig:
    jitter_ms = amount(row, "jitter_us") / 1e3
    return PathConfig(
        rtt_ms=rtt_ms + PATH_FLOOR_MS,
        bytes_per_s=amount(row, "rate_Bps") or float("inf"),
        jitter=Uniform(jitter_ms) if jitter_ms else NO_JITTER,
        loss=amount(row, "loss"),
    )


def _arrival(row: Row) -> Arrival:
    if outstanding := count(row, "outstanding"):
        return ClosedLoop(outstanding)
    if rate := amount(row, "target_rate"):
        return OpenLoop(rate)
    return Saturating()
