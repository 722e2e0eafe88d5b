"""Cells of measured rows: what each column may hold; a refusal names line and column.

Known columns are those of the measured data's README; any other is the user's own and is kept as it
is.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from model import ConfigError
from model.config.files import read_text
from model.settings.shown import one_line, shown

#: Ours: what is predicted in a sitting; a measured row takes a second of a core, about.
MOST_ROWS, MOST_BYTES = 20_000, 1 << 24
#: Numbers from 0 on that are finite, or nothing: the world of a row, what was measured, its faults.
NUMBERS = frozenset(
    (
        *("rtt_us", "jitter_us", "rate_Bps", "loss", "partitions", "size", "key_space"),
        *("target_rate", "outstanding", "secs", "acked", "failed", "seconds", "records_per_s"),
        *("bytes_per_s", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"),
        *("batch_size_avg", "records_per_request_avg", "request_latency_avg"),
        *("request_latency_max", "record_queue_time_avg", "requests_in_flight", "request_rate"),
        *("outgoing_byte_rate", "bufferpool_wait_ratio", "record_retry_rate"),
        *("produce_throttle_time_avg", "cpu_cores", "repeat"),
        *("rate", "before_s", "during_s", "after_s", "sent", "in_log", "distinct", "duplicates"),
        *("acked_missing", "failed_but_present", "inversions", "displaced", "stall_s"),
        *("first_error_s", "rtt_ms", "warm", "requests_per_s", "records_per_request"),
        *("request_latency_ms", "waitresp_max", "batch_records", "request_bytes"),
    )
)
FLAGS = frozenset(("calibration", "noisy"))
SETTINGS = "settings"


def checked(path: Path) -> tuple[str, tuple[int, ...]]:
    """A CSV's text, and at which line of it each row ends. Raises ConfigError."""
    text = read_text("measured", path, MOST_BYTES)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        names = next(reader, [])
        _require_each_once(path, names)
        lines = tuple(_lines(path, names, reader))
    except csv.Error as error:
        rule = f"must be a CSV: line {reader.line_num} is none ({one_line(str(error))})"
        raise ConfigError("measured", path, rule) from error
    return text, lines


def _require_each_once(path: Path, names: Sequence[str]) -> None:
    for column, name in enumerate(names, start=1):
        if name in names[: column - 1]:
            where = f"line 1, column {column}"
            raise ConfigError("measured", path, f"must have {shown(name)} only once ({where})")


def _lines(path: Path, names: Sequence[str], reader: "Iterator[list[str]]") -> Iterator[int]:
    for number, cells in enumerate(filter(None, reader), start=1):
        line: int = reader.line_num  # type: ignore[attr-defined]  # a reader of csv has it
        if len(cells) != len(names):
            rule = f"must have {len(names)} cells in line {line}, which has {len(cells)}"
            raise ConfigError("measured", path, rule)
        if number > MOST_ROWS:
            raise ConfigError("measured", path, f"must have at most {MOST_ROWS:,} rows")
        for column, (name, cell) in enumerate(zip(names, cells, strict=True), start=1):
            if rule := _broken_rule(name, cell.strip()):
                where = f"line {line}, column {column}: {name}"
                raise ConfigError(where, shown(cell), rule)
        yield line


def _broken_rule(name: str, cell: str) -> str:
    """What a cell must be and is not; empty where nothing is wrong."""
    if not cell:
        return ""
    if name in FLAGS and cell not in ("0", "1"):
        return "must be 0 or 1"
    if name in NUMBERS and not is_amount(cell):
        return "must be a number >= 0"
    if name == SETTINGS and not all(map(_is_pair, cell.split(";"))):
        return "must be key=value, with ; between"
    return ""


def is_amount(cell: str) -> bool:
    """Whether a cell is a finite number that is not negative."""
    try:
        return 0 <= float(cell) < float("inf")
    except ValueError:
        return False


def _is_pair(pair: str) -> bool:
    key, equals, _ = pair.partition("=")
    return not pair.strip() or (bool(key.strip()) and bool(equals))
