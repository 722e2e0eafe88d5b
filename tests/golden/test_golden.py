"""Rows of tiny worlds as they were: a guard against changes that nobody meant.

They are right only in so far as the other tests say so. ``make golden`` writes them anew, on
purpose. Numbers are compared by their shortest exact decimal, so every bit counts; the time to
wake up is zero there, for it needs ``expm1``, whose last bit is the platform's. Where a congestion
window's cube root or a lost packet's logarithm comes in, instants are compared by the nanosecond.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from model import Run, simulate
from model.outcome.facts import AppendRow, ElectionRow, RequestRow
from model.outcome.load import Load
from tests.golden.odd_worlds import ODD
from tests.golden.worlds import TO_THE_NS as TROUBLED
from tests.golden.worlds import WORLDS

HERE = Path(__file__).parent
TO_THE_NS = TROUBLED | ODD


@cache
def run_of(name: str) -> Run:
    """The run of one of these worlds."""
    return simulate(WORLDS[name] if name in WORLDS else TO_THE_NS[name], seed=1)


def rows_of(run: Run, write: Callable[[Any], str] = repr) -> str:
    """The run's requests as CSV; where things go wrong, also what was written to the logs."""
    text, scenario = io.StringIO(), run.scenario
    writer = csv.writer(text, lineterminator="\n")
    kinds: list[tuple[Any, Iterable[Any]]] = [(RequestRow, run.requests)]
    kinds += [(AppendRow, run.appends)] if scenario.faults else []
    kinds += [(ElectionRow, run.elections)] if run.elections else []
    for kind, rows in kinds:
        writer.writerow(kind._fields)
        writer.writerows([write(value) for value in row] for row in rows)
    return text.getvalue()


def to_the_ns(value: Any) -> str:
    """A number as it is written where its last bits are the platform's."""
    return f"{value:.9f}" if isinstance(value, float) else repr(value)


def test_what_goes_wrong_in_the_golden_runs_is_what_they_are_there_for() -> None:
    lost = run_of("lost_acks_five_in_flight")
    assert (lost.guarantees.duplicates, lost.guarantees.inversions) == (31, 6)
    assert lost.guarantees.unfinished == 0
    paused = run_of("three_replicas_and_a_paused_follower")
    assert max(row.answered_s - row.taken_s for row in paused.requests) > 0.05
    assert paused.guarantees.unfinished == paused.guarantees.failed == 0
    killed = run_of("leader_killed")
    assert {row.leader for row in killed.elections} == {1}
    assert killed.guarantees.acked == killed.guarantees.in_log == 500
    assert any(row.leader_epoch for row in killed.appends)
    silent = run_of("librdkafka_loses_acks")
    assert silent.guarantees.duplicates > 0
    between = run_of("losses_between_all_and_restarts")
    assert {row.leader for row in between.elections} == {0, 1, 2}
    assert between.guarantees.duplicates > 0  # of a producer that was another one afterwards
    unheard = run_of("answers_lost_from_the_start_over_tls")
    assert unheard.guarantees.failed_but_present > 0
    again = run_of("librdkafka_packs_once_more_what_it_resends")
    assert again.guarantees.duplicates > 0
    fates = Counter(
        row.fate
        for name in ("pieces_lost", "segments_lost_five_in_flight")
        for row in run_of(name).transmissions
    )
    assert min(fates["lost"], fates["resent"]) > 20


def figures_of(run: Run) -> Iterator[tuple[str, object]]:
    """What is read off the rows: figures and bounds by name, and the summary line by line."""
    yield from enumerate(run.summary().splitlines())
    for kind in ("by_resource", "awake"):
        yield from ((f"{kind}: {name}", most) for name, most in getattr(run.bound, kind).items())
    for name in ("records_per_s", "request_latency_ms", "mean_in_flight", "batch_fill", "limit"):
        yield name, getattr(run, name)
    yield from asdict(run.mean_request).items()
    yield from asdict(run.guarantees).items()
    yield from asdict(Load.of(run)).items()
    yield "mean latency in ms", run.latency_ms.mean
    yield from ((f"quantile {x}", run.latency_ms.quantile(x)) for x in (0.1, 0.5, 0.999))
    for name in ("batches", "decisions", "failures", "lost", "retries", "transmissions"):
        yield f"all {name}", " ".join(tally(list(getattr(run, name))))


def tally(rows: list[Any]) -> Iterator[str]:
    """How many rows there are, and of each column the sum, or how often each word comes."""
    yield f"{len(rows)}"
    for name, column in zip(rows[0]._fields if rows else (), zip(*rows, strict=True), strict=True):
        if isinstance(column[0], str):
            told = "+".join(f"{count}*{word}" for word, count in sorted(Counter(column).items()))
        else:
            told = f"{sum(value for value in column if value == value):.9g}"
        yield f"{name}={told}"


def test_the_figures_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    path, text = HERE / "figures.csv", io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for world in (*WORLDS, *TO_THE_NS):
        for name, value in figures_of(run_of(world)):
            writer.writerow((world, name, f"{value:.9g}" if isinstance(value, float) else value))
    if request.config.getoption("--renew-golden"):
        path.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*WORLDS, *TO_THE_NS])
def test_the_rows_are_those_of_the_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    path = HERE / f"{name}.csv"
    rows = rows_of(run_of(name), to_the_ns if name in TO_THE_NS else repr)
    if request.config.getoption("--renew-golden"):
        path.write_text(rows, encoding="utf-8")
    assert rows.count("\n") > 20
    assert rows == path.read_text(encoding="utf-8")
