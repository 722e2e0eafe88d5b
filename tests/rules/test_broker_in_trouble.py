"""A broker's working pace and what it refuses while something is wrong with it."""

from typing import Any

import pytest

from model import Fault
from model.broker.injected_errors import InjectedErrors
from model.broker.pace import Pace
from model.wire.errors import Error


def spell(what: str, at_s: float, for_s: float, **own: Any) -> Fault:
    return Fault(what=what, at_s=at_s, for_s=for_s, **own)


def test_without_faults_work_takes_what_it_takes() -> None:
    assert Pace().delay_s(5.0, 0.3) == 0.3
    assert Pace().paused_s(5.0) == 0.0


def test_a_pause_is_added_to_work_that_it_interrupts() -> None:
    pace = Pace([spell("broker-pause", 1.0, 2.0)])
    # done before; just done; half done when it begins; begun in it; begun after it
    waits = [pace.delay_s(at_s, 0.4) for at_s in (0.5, 0.6, 0.8, 1.5, 3.0)]
    assert waits == pytest.approx([0.4, 0.4, 2.4, 1.9, 0.4])
    assert [pace.paused_s(at_s) for at_s in (0.9, 1.0, 2.5, 3.0)] == [0.0, 2.0, 0.5, 0.0]


def test_a_slow_spell_stretches_the_part_that_falls_into_it() -> None:
    pace = Pace([spell("slow-broker", 1.0, 2.0, times=4.0)])
    # 0.2 before it and 0.2 four times as slow; 2 s of it do 0.5, the rest after it
    assert pace.delay_s(0.8, 0.4) == pytest.approx(1.0)
    assert pace.delay_s(1.0, 0.7) == pytest.approx(2.2)
    assert pace.paused_s(1.5) == 0.0


def test_pauses_that_follow_each_other_are_one_rest() -> None:
    pace = Pace([spell("broker-pause", 1.0, 1.0), spell("broker-pause", 1.5, 1.0)])
    assert pace.paused_s(1.2) == pytest.approx(1.3)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("full-disk", "KAFKA_STORAGE_ERROR"),
        ("not-leader", "NOT_LEADER_OR_FOLLOWER"),
        ("too-few-replicas", "NOT_ENOUGH_REPLICAS"),
    ],
)
def test_a_spell_refuses_appends_while_it_lasts(what: str, error: str) -> None:
    errors = InjectedErrors([spell(what, 1.0, 2.0)])
    found = [errors.before_append("all", at_s).name for at_s in (0.9, 1.0, 2.9, 3.0)]
    assert found == ["NONE", error, error, "NONE"]
    assert errors.after_append("all", 2.0) is Error.NONE


@pytest.mark.parametrize("what", ["too-few-replicas", "too-few-replicas-after-append"])
def test_who_does_not_ask_for_all_replicas_is_not_refused_for_too_few(what: str) -> None:
    errors = InjectedErrors([spell(what, 1.0, 2.0)])
    assert errors.before_append("1", 2.0) is errors.after_append("1", 2.0) is Error.NONE


def test_after_the_append_it_may_be_too_late() -> None:
    errors = InjectedErrors([spell("too-few-replicas-after-append", 1.0, 2.0)])
    assert errors.before_append("all", 2.0) is Error.NONE
    assert errors.after_append("all", 2.0) is Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND


def test_a_nack_is_for_the_next_requests_and_no_more() -> None:
    nack = Fault(what="nack", at_s=1.0, error="CORRUPT_MESSAGE", requests=2)
    errors = InjectedErrors([nack])
    found = [errors.of_request(at_s).name for at_s in (0.5, 1.0, 7.0, 7.1)]
    assert found == ["NONE", "CORRUPT_MESSAGE", "CORRUPT_MESSAGE", "NONE"]
