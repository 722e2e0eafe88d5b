"""What was read, for a reader: one table, one sentence, and what is not trusted."""

from collections.abc import Iterator, Sequence
from math import nan

import pandas as pd

from experiments.kit.measured import Row, number, rows_of, settings_of, topic_of
from experiments.kit.tables import Column, Table, filled, words
from experiments.kit.words import count, listed

IN_FLIGHT = "max.in.flight.requests.per.connection"
#: What most rows have in common and a reader wants to know.
DEFAULTS = {IN_FLIGHT: "5", "batch.size": "16384"}


def connections(row: Row) -> int:
    """From one producer to the brokers that lead its partitions."""
    return topic_of(row).brokers


def requests_per_s(row: Row) -> float:
    """Of one connection, by records/s and records a request, or as counted; NaN if unknown."""
    per_request = number(row, "records_per_request_avg")
    counted = number(row, "records_per_s") / per_request if per_request > 0 else nan
    return (counted if counted == counted else number(row, "request_rate")) / connections(row)


def in_flight(row: Row) -> float:
    """Requests unanswered on each connection in the mean, by Little's law."""
    return requests_per_s(row) * number(row, "request_latency_avg") / 1e3


def setting(row: Row, key: str) -> str:
    """A setting of a row, or Kafka's default of those that are shown."""
    return settings_of(row["settings"]).get(key, DEFAULTS[key])


def summary(rows: pd.DataFrame) -> str:
    """How many runs were read, and how many of them constants may be fitted to."""
    fitting = int((rows["calibration"] == "1").sum())
    fits = "all" if fitting == len(rows) else "none" if not fitting else f"{fitting}"
    which = "of it" if len(rows) == 1 else "of them"
    what = "It may" if len(rows) == 1 and fitting else f"{fits.capitalize()} {which} may"
    return f"Read {count(len(rows), 'run')}. {what} be used to fit constants."


def table(rows: pd.DataFrame) -> Table:
    """A row for each run."""
    columns = [
        *words("file", "tool"),
        Column("in flight, at most"),
        Column("batch.size"),
        Column("records/s"),
        Column("request", spec=",.2f", unit=" ms"),
        Column("records/request", spec=",.1f"),
        Column("in flight, mean", spec=".2f"),
        *words("to fit"),
    ]
    cells = (
        (
            row["file"],
            row["tool"],
            float(setting(row, IN_FLIGHT)),
            float(setting(row, "batch.size")),
            number(row, "records_per_s"),
            number(row, "request_latency_avg"),
            number(row, "records_per_request_avg"),
            in_flight(row),
            "yes" if row["calibration"] == "1" else "no",
        )
        for row in rows_of(rows)
    )
    return filled("What was measured", columns, cells)


def not_trusted(rows: pd.DataFrame) -> Iterator[str]:
    """A line for each kind of doubt, with the files that it is about."""
    files: dict[str, list[str]] = {}
    for row in rows_of(rows):
        for doubt in filter(None, row["not_trusted"].split("; ")):
            files.setdefault(doubt, []).append(row["file"])
    for doubt, of in files.items():
        yield f"Not trusted ({_named(of, len(rows))}): {doubt}"


def _named(files: Sequence[str], all_of_them: int) -> str:
    if len(files) == all_of_them > 1:
        return "all"
    return listed(files)
