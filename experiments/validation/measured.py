"""Measured runs: a CSV of rows, and the scenario that each row describes.

The format is that of the measured data's README (see ``measured/README.md`` here). Every column is
kept as the text that it came as, so that rows can be written out again unchanged. Left out of a
scenario: nothing that the rows vary.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model import (
    ClosedLoop,
    ConfigError,
    MachineConfig,
    OpenLoop,
    PathConfig,
    Saturating,
    Scenario,
    TopicConfig,
    Uniform,
    Workload,
)
from model.config.delays import NO_JITTER
from model.config.workload import Arrival
from model.settings import KafkaVersion, resolve

#: Read: the README of the measured data; the client and the brokers were Kafka 4.1.1.
MEASURED_KAFKA = KafkaVersion.parse("4.1")
#: Measured: "with rtt_us 0 the path still takes 0.05 to 0.1 ms"; its middle.
PATH_FLOOR_MS = 0.075
#: Measured: every run began after a warm-up of 1.5 s or more. Assumed: and of 40 round trips,
#: after which a saturating producer's queue is full at every measured distance.
WARMUP_S = 1.5
WARMUP_ROUND_TRIPS = 40
#: Read: brokers that lead, replicas and min.insync.replicas of each kind of cluster.
CLUSTERS = {"single": (1, 1, 1), "trio": (3, 3, 2), "stretch": (1, 3, 2)}

NUMBERS = (
    "rtt_us",
    "jitter_us",
    "rate_Bps",
    "loss",
    "partitions",
    "size",
    "key_space",
    "target_rate",
    "outstanding",
    "secs",
)
COLUMNS = ("cluster", *NUMBERS, "settings")

Row = Mapping[str, str]


def read_measured(path: Path) -> pd.DataFrame:
    """All columns as text, in the file's order. Raises ConfigError for what is not such a file."""
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:  # pandas' parser and decoding errors are ValueErrors
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a CSV"
        raise ConfigError("measured", path, f"must be a readable CSV file ({reason})") from error
    missing = [column for column in COLUMNS if column not in rows.columns]
    if missing:
        raise ConfigError("measured", path, f"must have the columns {', '.join(missing)}")
    return rows


def rows_of(measured: pd.DataFrame) -> list[Row]:
    """Each row as column to text, in order."""
    columns = [str(name) for name in measured.columns]
    return [
        dict(zip(columns, map(str, cells), strict=True))
        for cells in measured.itertuples(index=False, name=None)
    ]


def number(row: Row, column: str) -> float:
    """A cell as a number; NaN where the column is absent or empty. Raises ConfigError for text."""
    text = row.get(column, "").strip()
    try:
        return float(text) if text else float("nan")
    except ValueError as error:
        raise ConfigError(column, text, "must be a number") from error


def scenario_of(row: Row, machine: MachineConfig) -> Scenario:
    """The scenario of one row on a machine with these constants.

    Raises ConfigError where a cell or a setting is not valid. In a stretched cluster the client
    stands beside the leader and the row's RTT is between brokers.
    """
    rtt_ms, stretched = _number(row, "rtt_us") / 1e3, row["cluster"] == "stretch"
    warmup_s = max(WARMUP_S, WARMUP_ROUND_TRIPS * rtt_ms / 1e3)
    return Scenario(
        path=_path(row, 0.0 if stretched else rtt_ms),
        replica_path=_path(row, rtt_ms) if stretched else PathConfig(rtt_ms=PATH_FLOOR_MS),
        producer=resolve(_settings(row), MEASURED_KAFKA).producer,
        workload=Workload(
            arrival=_arrival(row),
            value_bytes=_count(row, "size"),
            key_space=_count(row, "key_space"),
        ),
        topic=topic_of(row),
        machine=machine,
        warm_start=True,
        warmup_s=warmup_s,
        measured_s=_number(row, "secs"),
    )


def _path(row: Row, rtt_ms: float) -> PathConfig:
    jitter_ms = _number(row, "jitter_us") / 1e3
    return PathConfig(
        rtt_ms=rtt_ms + PATH_FLOOR_MS,
        bytes_per_s=_number(row, "rate_Bps") or float("inf"),
        jitter=Uniform(jitter_ms) if jitter_ms else NO_JITTER,
        loss=_number(row, "loss"),
    )


def topic_of(row: Row) -> TopicConfig:
    """The topic of one row in the cluster that it names. Raises ConfigError for any other."""
    cluster = row["cluster"]
    if cluster not in CLUSTERS:
        raise ConfigError("cluster", cluster, f"must be one of {', '.join(CLUSTERS)}")
    brokers, replicas, min_insync = CLUSTERS[cluster]
    partitions = _count(row, "partitions")
    return TopicConfig(
        partitions=partitions,
        brokers=min(brokers, max(1, partitions)),  # one that leads nothing only follows
        replicas=replicas,
        min_insync_replicas=min_insync,
    )


def _settings(row: Row) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in row["settings"].split(";") if pair)
    return {key.strip(): value for key, _, value in pairs}


def _arrival(row: Row) -> Arrival:
    if outstanding := _count(row, "outstanding"):
        return ClosedLoop(outstanding)
    if rate := _number(row, "target_rate"):
        return OpenLoop(rate)
    return Saturating()


def _number(row: Row, column: str) -> float:
    value = number(row, column)
    if not 0 <= value < float("inf"):
        raise ConfigError(column, row[column], "must be a number >= 0")
    return value


def _count(row: Row, column: str) -> int:
    value = _number(row, column)
    if value != int(value):
        raise ConfigError(column, row[column], "must be a whole number")
    return int(value)
