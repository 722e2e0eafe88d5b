"""Measured rows of what was read, in the format that `validate` and `calibrate` take.

The columns of the measured data's README, with what rows of one's own say besides: the cluster,
the client's version, where each is from, and what is not trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from experiments.measure import round_trip
from experiments.measure.found import Found
from experiments.measure.reading import read_found
from experiments.measure.told import Told, read_beside

#: Ours: as long as a run whose length nobody knows is taken to be.
UNKNOWN_S = 30.0
CIRCUMSTANCES = (
    *("cluster", "rtt_us", "jitter_us", "rate_Bps", "loss", "partitions", "size", "key_space"),
    *("target_rate", "outstanding", "secs", "settings"),
)
FIGURES = (
    *("acked", "failed", "seconds", "records_per_s", "bytes_per_s", "mean_ms", "p50_ms", "p90_ms"),
    *("p95_ms", "p99_ms", "p999_ms", "max_ms", "batch_size_avg", "records_per_request_avg"),
    *("request_latency_avg", "request_latency_max", "record_queue_time_avg", "requests_in_flight"),
    *("request_rate", "outgoing_byte_rate", "bufferpool_wait_ratio", "record_retry_rate"),
    *("produce_throttle_time_avg", "compression_rate_avg", "repeat", "calibration", "noisy"),
)
BESIDES = (
    *("brokers", "replicas", "min_insync", "replica_rtt_us", "answer_jitter_us"),
    *("socket_receive_buffer_bytes", "kafka", "file", "tool", "not_trusted"),
)


def read_outputs(paths: Sequence[Path], told: Told, client: str = "") -> pd.DataFrame:
    """A row for each file, in their order; every cell is text.

    Raises ConfigError, naming the file, for the first that is no run.
    """
    rows = [_row_of(path, told, client) for path in paths]
    return pd.DataFrame(rows, columns=[*CIRCUMSTANCES, *FIGURES, *BESIDES], dtype=str).fillna("")


def _row_of(path: Path, options: Told, client: str) -> dict[str, str]:
    told = options.over(read_beside(path))
    if told.rtt_ms is None and (ping := round_trip.beside(path)) is not None:
        told = replace(told, rtt_ms=round_trip.least_ms(ping))
    return row_of(path, told, read_found(path, told, client))


def row_of(path: Path, told: Told, found: Found) -> dict[str, str]:
    """The cells of one run, of those columns that there is something to say of."""
    figures: Mapping[str, float] = found.trusted
    fits = found.steady and found.java and told.calibration is not False
    cells = {
        **told.cells(found.says),
        "secs": figures.get("seconds", UNKNOWN_S),
        **{column: value for column, value in figures.items() if column in FIGURES},
        "repeat": 1,
        "calibration": int(fits),
        "noisy": int(not found.steady),
        "file": path.name,
        "tool": found.tool,
        "not_trusted": found.not_trusted,
    }
    return {column: _text(value) for column, value in cells.items()}


def _text(value: object) -> str:
    """A number in as many digits as tools print, anything else as it is."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
