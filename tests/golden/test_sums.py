"""What golden rows leave out, added up by kind and column: bytes on their way, ends, decisions.

``make golden`` writes the sums anew, on purpose.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model import Run
from model.outcome.facts import (
    AppendRow,
    BatchRow,
    DecisionRow,
    FailureRow,
    LostRow,
    RetryRow,
    TransmissionRow,
)
from model.simulation import captured
from model.wire.flights import Flight, Word
from tests.golden.runs import ALL, run_of

PATH = Path(__file__).parent / "sums.csv"
#: Whose flights are looked at too: over windows, and over a path that loses packets.
CAPTURED = ("a_small_window_that_idles", "segments_to_a_window_that_shuts")


Row = tuple[str, str, str, str]


def kinds_of(run: Run) -> Iterator[tuple[Any, Iterable[Any]]]:
    """Rows by kind, but for those that golden files have one by one."""
    yield BatchRow, run.batches
    yield AppendRow, run.truncated
    yield DecisionRow, run.decisions
    yield FailureRow, run.failures
    yield LostRow, run.lost
    yield RetryRow, run.retries
    yield TransmissionRow, run.transmissions


def sums(world: str, kind: Any, rows: Iterable[Any]) -> Iterator[Row]:
    """How many rows there are; each column in one number, or how often it has each word."""
    table = list(rows)
    yield world, kind.__name__, "rows", str(len(table))
    for name, *column in zip(kind._fields, *table, strict=True):
        if not column or isinstance(column[0], tuple):
            continue
        if isinstance(column[0], str):
            counts = sorted(Counter(column).items())
            yield from ((world, kind.__name__, f"{name} {word}", str(n)) for word, n in counts)
        else:
            total = sum(value for value in column if not math.isnan(value))
            yield world, kind.__name__, name, f"{total:.10g}"


def of_the_runs() -> Iterator[Row]:
    for world in ALL:
        for kind, rows in kinds_of(run_of(world)):
            yield from sums(world, kind, rows)
        yield world, "ended_s", "", f"{run_of(world).ended_s:.10g}"


def of_the_captures() -> Iterator[Row]:
    for world in CAPTURED:
        _, capture = captured(ALL[world], seed=1)
        yield from sums(world, Flight, (row.flight for row in capture.flights))
        yield from sums(world, Word, (row.word for row in capture.words))


def test_the_sums_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*of_the_runs(), *of_the_captures()])
    if request.config.getoption("--renew-golden"):
        PATH.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue().count("\n") > 1_000
    assert text.getvalue() == PATH.read_text(encoding="utf-8")
