"""Random schedules break no promise; and each safeguard, switched off, is missed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from experiments.faults.campaign import broken_invariants, search
from model import ClosedLoop, Scenario, Workload, simulate
from model.broker.unified_log import UnifiedLog
from model.outcome.facts import AppendRow
from model.outcome.rows import Rows
from model.producer.accumulator import RecordAccumulator
from model.producer.network_client import NetworkClient
from model.wire.batches import RecordBatch
from model.wire.errors import Error

SCHEDULES = 500


@pytest.mark.slow
def test_five_hundred_random_schedules_break_no_promise() -> None:
    assert search(SCHEDULES, seed_=1) is None


def no_duplicate_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnifiedLog, "_find_duplicate", lambda *_: None)


def no_sequence_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnifiedLog, "_check", lambda *_: Error.NONE)


def no_retry_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def to_the_front(self: RecordAccumulator, batch: RecordBatch) -> None:
        self._queues[batch.partition].appendleft(batch)
        self._now_has_batches(batch.partition)

    monkeypatch.setattr(RecordAccumulator, "_put_back", to_the_front)


def reconnects_forget_what_was_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkClient, "take_lost", lambda self, now_s: self.lost.clear() or [])


MUTANTS = (
    no_duplicate_check,
    no_sequence_check,
    no_retry_in_order,
    reconnects_forget_what_was_in_flight,
)


@pytest.mark.parametrize("mutate", MUTANTS)
def test_a_safeguard_that_is_switched_off_is_missed(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    assert search(SCHEDULES, seed_=1, shrink=False) is not None


def test_a_run_in_calm_weather_keeps_every_promise(tiny: Callable[..., Scenario]) -> None:
    run = simulate(tiny(workload=Workload(arrival=ClosedLoop(1))), seed=1)
    assert run.guarantees.unfinished == 1
    assert broken_invariants(run) == ["1 records never ended"]  # it was cut off, and that is seen


def test_books_that_do_not_balance_are_seen(tiny: Callable[..., Any]) -> None:
    run = simulate(tiny(), seed=1)
    run.batches.append(run.batches[-1])
    without_first = Rows(AppendRow)
    for row in run.appends[1:]:
        without_first.append(row)
    told = broken_invariants(replace(run, appends=without_first))
    assert "a record was acknowledged twice" in told
