"""What the page shows, as tables for the terminal."""

from collections.abc import Mapping
from typing import Any

from experiments.kit.tables import Column, Table, filled, numbers, words

Part = Mapping[str, Any]


def tables(more: Part, latency: Part, trouble: Part) -> list[Table]:
    """What each producer carries, how long its records take, and the books of a fault."""
    found = [_capacity(more["producers"])]
    if latency["producers"]:
        found.append(_latency(latency["rate_per_s"], latency["producers"]))
    if trouble:
        columns = [*words("what"), *numbers("records")]
        found.append(filled("What became of the records", columns, trouble["books"].items()))
    return found


def _capacity(producers: Part) -> Table:
    columns = [
        *words("producer"),
        *numbers("records/s", "at least", "at most", "cannot exceed"),
        *words("limit"),
    ]
    names = ("records_per_s", "low", "high", "bound_records_per_s", "limit")
    rows = [[label, *(each[name] for name in names)] for label, each in producers.items()]
    return filled("As fast as it can", columns, rows)


def _latency(rate_per_s: float, producers: Part) -> Table:
    columns = [*words("producer"), *(Column(name, spec=".3g") for name in ("p50", "p95", "p99"))]
    rows = [
        [label, *(_known(each[name]) for name in ("p50_ms", "p95_ms", "p99_ms"))]
        for label, each in producers.items()
    ]
    return filled(f"Latency in ms at {rate_per_s:,.0f} records/s", columns, rows)


def _known(value: float | None) -> float:
    return float("nan") if value is None else value
