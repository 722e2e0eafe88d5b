"""The picture of a story draws what was recorded: a cross is a loss, a bar is a wait, no other."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.faults.harm import about_order
from experiments.faults.headline import headline
from experiments.faults.story import TRANSMISSION_COLUMNS, attempts_of, frames_of
from experiments.faults.story_chart import story_chart
from experiments.faults.timeline import timeline
from model import (
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Run,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)

NAN = float("nan")
#: A request that left at 100 and was at the broker at 110, and its answer.
CALM = {"sent_ms": 100.0, "arrived_ms": 110.0, "answered_ms": 111.0, "received_ms": 121.0}
FAULTS = pd.DataFrame([("full-disk", 95.0, 96.0)], columns=["what", "start_ms", "end_ms"])


def attempt(**changes: Any) -> dict[str, Any]:
    row = {"request": 7, "broker": 0, "outcome": "acked", "attempt": 0, "base_sequence": 0}
    return row | CALM | {"ended_ms": 121.0, "one_way_ms": 10.0} | changes


def drawn(*transmissions: tuple[Any, ...], **changes: Any) -> Figure:
    decisions = pd.DataFrame(
        [(110.5, 7, "written", 0)], columns=["decided_ms", "request", "decision", "first_record"]
    )
    frame = pd.DataFrame(list(transmissions), columns=list(TRANSMISSION_COLUMNS))
    return story_chart(pd.DataFrame([attempt(**changes)]), decisions, FAULTS, frame, "a story")


def lines(chart: Figure, name: str) -> list[list[tuple[float, float]]]:
    """What is drawn under this name, point by point."""
    return [
        [(float(x), float(y)) for x, y in np.asarray(line.get_xydata(), dtype=float)]
        for axes in chart.axes
        for line in axes.lines
        if line.get_gid() == name
    ]


def names(chart: Figure) -> Counter[str]:
    return Counter(str(line.get_gid()) for axes in chart.axes for line in axes.lines)


def entries(chart: Figure) -> list[str]:
    return [text.get_text() for text in chart.legends[0].get_texts()]


def words(chart: Figure) -> list[str]:
    return [text.get_text() for axes in chart.axes for text in axes.texts]


def test_what_crosses_is_two_strokes() -> None:
    chart = drawn()
    assert lines(chart, "first attempt") == [[(100, 1), (110, 0)], [(111, 0), (121, 1)]]
    assert names(chart)["lost"] == names(chart)["held back"] == names(chart)["resent"] == 0


@pytest.mark.parametrize("arrived_ms", [126.0, 300.0, 1_000.0])
def test_a_crossing_that_takes_long_is_no_loss(arrived_ms: float) -> None:
    late = {"arrived_ms": arrived_ms, "answered_ms": NAN, "received_ms": NAN}
    chart = drawn(**late)
    assert lines(chart, "first attempt") == [[(100, 1), (arrived_ms, 0)]]
    assert names(chart)["lost"] == names(chart)["resent"] == 0
    assert not {"lost on the way", "sent again by TCP, ever more seldom"} & set(entries(chart))


def test_what_was_held_back_is_a_bar_and_leaves_when_it_was_let_go() -> None:
    held = [
        (7, "out", "held back", "congestion window", 102.0, 120.0),
        (7, "out", "held back", "congestion window", 120.0, 140.0),
    ]
    chart = drawn(*held, arrived_ms=150.0, answered_ms=NAN, received_ms=NAN)
    [[start, end]] = lines(chart, "held back")
    assert (start[0], end[0]) == (102, 140)
    assert start[1] == end[1] > 1  # above the producer's line
    assert lines(chart, "first attempt") == [[(140, 1), (150, 0)]]
    assert "held back: congestion window (slow start)" in words(chart)
    assert "held back by TCP" in entries(chart)
    assert names(chart)["lost"] == 0


def test_bars_that_overlap_lie_above_each_other() -> None:
    held = [(request, "out", "held back", "receive window", 100.0, 110.0) for request in (7, 8)]
    after = (9, "out", "held back", "receive window", 110.0, 120.0)
    heights = [start[1] for start, _ in lines(drawn(*held, after), "held back")]
    assert heights[0] < heights[1]
    assert heights[2] == heights[0]


def test_what_was_lost_ends_in_a_cross_and_its_copy_crosses() -> None:
    lost = (7, "out", "lost", "", 100.0, 100.0), (7, "out", "resent", "", 110.0, 120.0)
    chart = drawn(*lost, arrived_ms=120.0, answered_ms=NAN, received_ms=NAN)
    assert lines(chart, "lost") == [[(105, 0.5)]]
    assert lines(chart, "first attempt") == [[(100, 1), (105, 0.5)]]
    assert lines(chart, "resent") == [[(110, 1), (120, 0)]]
    assert {"lost on the way", "sent again by TCP, ever more seldom"} <= set(entries(chart))


def test_what_was_lost_and_never_came_is_no_more_than_a_cross() -> None:
    rows = (7, "back", "lost", "", 111.0, 111.0), (7, "back", "cut off", "", 111.0, 140.0)
    chart = drawn(*rows, received_ms=NAN)
    assert lines(chart, "lost") == [[(116, 0.5)]]
    assert names(chart)["cut off"] == names(chart)["resent"] == 0


def test_what_came_to_a_connection_that_is_gone_was_not_lost() -> None:
    chart = drawn((7, "back", "cut off", "", 111.0, 121.0), received_ms=NAN)
    assert lines(chart, "cut off") == [[(111, 0), (121, 1)], [(121, 1)]]
    assert names(chart)["lost"] == 0
    assert "too late: the connection is gone" in entries(chart)


def test_the_legend_has_only_what_is_in_the_picture() -> None:
    assert entries(drawn()) == [
        "first attempt (dashed: its answer)",
        "written",
        "the fault lasts",
    ]


@pytest.fixture(scope="module")
def lost_acks() -> Run:
    """Five answers are lost; the connection is given up, and the next one begins slowly."""
    fault = Fault(what="lost-acks", at_s=0.5, for_s=1.0)
    return simulate(
        Scenario(
            path=PathConfig(rtt_ms=20),
            producer=ProducerConfig(request_timeout_ms=300, delivery_timeout_ms=10_000),
            workload=Workload(arrival=OpenLoop(600, records=1_200)),
            faults=(fault,),
            warmup_s=0,
            measured_s=5,
        ),
        seed=1,
    )


def test_crosses_are_the_losses_that_were_recorded(lost_acks: Run) -> None:
    chart = story_chart(**frames_of(lost_acks), title="lost acks")
    lost = [row for row in lost_acks.transmissions if row.fate == "lost"]
    assert {row.way for row in lost} == {"back"}
    assert all(0.5 <= row.from_s < 1.5 for row in lost)
    shown = [
        row.from_s * 1e3 + 5
        for row in lost
        if any(low <= row.from_s * 1e3 + 5 <= high for low, high in _limits(chart))
        and row.request in set(attempts_of(lost_acks)["request"])
    ]
    assert sorted(x for [(x, _)] in lines(chart, "lost")) == pytest.approx(sorted(shown))
    assert len(shown) >= 5


def _limits(chart: Figure) -> Iterator[tuple[float, float]]:
    return (axes.get_xlim() for axes in chart.axes)


def test_after_the_fault_slow_start_is_held_back_and_nothing_is_lost(lost_acks: Run) -> None:
    chart = story_chart(**frames_of(lost_acks), title="lost acks")
    bars = [start[0] for start, _ in lines(chart, "held back")]
    assert [at_ms for at_ms in bars if at_ms > 1_500]
    assert not [x for [(x, _)] in lines(chart, "lost") if x > 1_500]
    assert lines(chart, "resent") == []


def test_the_story_says_what_was_lost_on_the_way(lost_acks: Run) -> None:
    story = timeline(lost_acks)
    assert any("NETWORK   loses 5 answer(s) on the way" in line for line in story)
    assert not any("TCP sent again" in line for line in story)


@pytest.fixture(scope="module")
def doubled(lost_acks: Run) -> Run:
    """The same without sequence numbers: what was written and not acknowledged comes again."""
    scenario = lost_acks.scenario
    return simulate(
        replace(scenario, producer=replace(scenario.producer, enable_idempotence=False)), seed=1
    )


def test_a_second_copy_has_a_mark_a_line_and_a_place_in_the_title(doubled: Run) -> None:
    frames, twice = frames_of(doubled), doubled.guarantees.duplicates
    assert twice > 0
    again = frames["decisions"].query("decision == 'written again'")
    assert again["records"].sum() == twice
    title = headline(*(frames[name] for name in ("attempts", "decisions", "faults")))
    assert title.endswith(f", {twice} records written twice")
    chart = story_chart(**frames, title=title)
    assert names(chart)["written again"] == len(again)
    assert "written a second time: a duplicate" in entries(chart)
    lines_of = [line for line in timeline(doubled) if "a second time: they are in" in line]
    assert sum(int(line.split("writes ")[1].split()[0]) for line in lines_of) == twice


def test_no_copy_is_a_second_one_with_sequence_numbers(lost_acks: Run) -> None:
    assert lost_acks.guarantees.duplicates == 0
    assert "written again" not in set(frames_of(lost_acks)["decisions"]["decision"])
    assert not any("newest first" in line for line in timeline(lost_acks))
    assert any("knows 1 batch(es) already" in line for line in timeline(lost_acks))


def test_retries_in_reversed_order_are_told_with_their_reason(doubled: Run) -> None:
    first = frames_of(doubled)["decisions"].query("decision == 'written again'")["first_record"]
    assert list(first) == sorted(first, reverse=True)
    assert any("sends them again newest first" in line for line in timeline(doubled))
    harm = {"inversions": doubled.guarantees.inversions, "displaced": 0}
    assert doubled.guarantees.displaced == 0
    assert "only second copies" in about_order(harm)[0]
    assert about_order({"inversions": 5, "displaced": 5}) == []


def test_a_retry_among_first_attempts_is_seen() -> None:
    together = [attempt(request=number, attempt=int(number == 7)) for number in (7, 8, 9)]
    decisions = pd.DataFrame(
        [(110.5, 7, "written", 0)], columns=["decided_ms", "request", "decision", "first_record"]
    )
    lost = pd.DataFrame([], columns=list(TRANSMISSION_COLUMNS))
    chart = story_chart(pd.DataFrame(together), decisions, FAULTS, lost, "a story")
    assert "3 at once,\n1 retry" in words(chart)


def test_a_story_in_which_all_cross_is_drawn(tiny: Callable[..., Scenario]) -> None:
    refused = Fault(what="nack", at_s=0.0, error="CORRUPT_MESSAGE", requests=1)
    run = simulate(tiny(faults=(refused,), until_settled=False), 1)
    assert run.transmissions == []
    chart = story_chart(**frames_of(run), title="calm on the way")
    assert names(chart)["refused"] == 1


def test_a_request_that_failed_before_is_a_retry_also_without_sequence_numbers(
    tiny: Callable[..., Scenario],
) -> None:
    refused = Fault(what="nack", at_s=0.0, error="NOT_LEADER_OR_FOLLOWER", requests=2)
    plain = {"enable_idempotence": False, "max_in_flight_requests_per_connection": 1}
    settings: dict[str, Any] = {"faults": (refused,), "measured_s": 1.0, **plain}
    arrival = Workload(arrival=OpenLoop(10, records=1))
    run = simulate(tiny(workload=arrival, retry_backoff_max_ms=100.0, **settings), 1)
    attempts = attempts_of(run)
    assert list(attempts["outcome"]) == ["error", "error", "acked"]
    assert list(attempts["attempt"]) == [0, 1, 2]


def test_another_partition_s_batch_with_the_same_number_is_no_retry(
    tiny: Callable[..., Scenario],
) -> None:
    workload = Workload(arrival=OpenLoop(10, records=2), partition_cycle=(0, 1))
    settings: dict[str, Any] = {"topic": TopicConfig(partitions=2), "request_timeout_ms": 200.0}
    lost = Fault(what="lost-acks", at_s=0.0, for_s=0.15)
    run = simulate(tiny(workload=workload, faults=(lost,), measured_s=2.0, **settings), 1)
    given_up = attempts_of(run).query("outcome == 'REQUEST_TIMED_OUT'")
    # the first batch of either partition, both with sequence 0
    assert list(given_up["base_sequence"]) == [0, 0]
    assert list(given_up["attempt"]) == [0, 0]
