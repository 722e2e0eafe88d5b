"""Random schedules break no promise; and each safeguard, switched off, is missed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from experiments.faults import campaign
from experiments.faults.campaign import broken_invariants, search, worlds
from model import ClosedLoop, Run, Scenario, Workload, simulate
from model.broker.unified_log import UnifiedLog
from model.outcome.facts import AppendRow
from model.outcome.rows import Rows
from model.producer.accumulator import RecordAccumulator
from model.producer.network_client import NetworkClient
from model.wire.batches import RecordBatch
from model.wire.errors import Error
from tests.experiments.running import run

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


#: What is rarely missed takes many schedules to be; `make broken-rules` tries it, too.
RARELY_MISSED = (no_sequence_check, no_duplicate_check)


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(each, marks=[pytest.mark.trial] if each in RARELY_MISSED else [])
        for each in MUTANTS
    ],
)
def test_a_safeguard_that_is_switched_off_is_missed(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    assert search(SCHEDULES, seed_=1, shrink=False) is not None


def test_what_is_drawn_has_copies_restarts_and_no_acks_and_is_what_a_scenario_takes() -> None:
    drawn = list[Scenario]()

    @settings(max_examples=150, database=None)
    @given(worlds())
    def draw(scenario: Scenario) -> None:
        drawn.append(scenario)

    draw()
    assert {scenario.topic.replicas for scenario in drawn} == {1, 3}
    assert {scenario.producer.acks for scenario in drawn} == {"0", "1", "all"}
    kinds = {fault.what for scenario in drawn for fault in scenario.faults}
    assert {"broker-restart", "producer-restart", "broker-crash", "lost-acks"} <= kinds
    struck = {fault.broker for scenario in drawn for fault in scenario.faults}
    assert struck == {None, 0, 1, 2}


def test_a_run_that_does_not_end_is_a_broken_promise_with_its_schedule(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def for_ever(scenario: Scenario, seed: int) -> Run:
        while True:
            assert scenario.topic.partitions > seed - 2

    monkeypatch.setattr(campaign, "simulate", for_ever)
    monkeypatch.setattr(campaign, "MOST_CPU_S", 0.02)
    assert run("faults", "--campaign=3", "--jobs=1", f"--out={tmp_path}") == 1
    printed = capsys.readouterr()
    assert "broken: the run does not end" in printed.err
    assert "[[fault]]" in (tmp_path / "broken.toml").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["broken.toml"]


def test_a_run_in_calm_weather_keeps_every_promise(tiny: Callable[..., Scenario]) -> None:
    calm = simulate(tiny(workload=Workload(arrival=ClosedLoop(1))), seed=1)
    assert calm.guarantees.unfinished == 1
    assert broken_invariants(calm) == ["1 records never ended"]  # it was cut off, and that is seen


def test_books_that_do_not_balance_are_seen(tiny: Callable[..., Any]) -> None:
    twice = simulate(tiny(), seed=1)
    twice.batches.append(twice.batches[-1])
    without_first = Rows(AppendRow)
    for row in twice.appends[1:]:
        without_first.append(row)
    told = broken_invariants(replace(twice, appends=without_first))
    assert "a record was acknowledged twice" in told
