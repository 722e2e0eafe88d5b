"""Charts from tiny frames made by hand: what is drawn, what is said, and what is stored."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.text import Text

from experiments.compare.charts import (
    FIRST_ROUNDS,
    WORK_MS,
    in_flight_chart,
    latency_chart,
    throughput_chart,
)
from experiments.compare.space_time import THINNEST, space_time_chart
from experiments.kit import charts
from experiments.kit.looks import look_of
from experiments.kit.style import save

Chart = Callable[[pd.DataFrame], Figure]

ONE, FIVE, PLAIN = "one in flight", "five in flight, idempotent", "five in flight, not idempotent"
RATES = {ONE: 100.0, FIVE: 450.0, PLAIN: 460.0}


def a_row(phase: str, rtt_ms: float, name: str, replication: int, rate: float) -> dict[str, Any]:
    distance = "far" if phase == "capacity" else f"{rtt_ms:g} ms"
    place = {"phase": phase, "distance": distance, "rtt_ms": rtt_ms, "producer": name}
    rates = {"records_per_s": rate, "bound_records_per_s": 1.1 * rate}
    return {**place, "replication": replication, **rates}


def rows(replications: tuple[float, ...] = (1.0,), capacity_rtt_ms: float = 50) -> pd.DataFrame:
    """Two distances on the curve; ``replications`` multiply the rate of five, headline only."""
    curve = [
        a_row("curve", rtt_ms, name, 0, rate * 50 / rtt_ms)
        for rtt_ms in (10.0, 50.0)
        for name, rate in RATES.items()
    ]
    capacity = [
        a_row("capacity", capacity_rtt_ms, name, place, rate * (1 if name == ONE else factor))
        for place, factor in enumerate(replications)
        for name, rate in RATES.items()
    ]
    return pd.DataFrame(curve + capacity)


def latencies(distances: int = 2) -> pd.DataFrame:
    """Latency is 10 ms at the median and 19.8 ms at the 99th percentile."""
    return pd.DataFrame(
        {"distance": f"{rtt_ms} ms", "rtt_ms": rtt_ms, "producer": name, "share": share}
        | {"latency_ms": 20 * share}
        for rtt_ms in range(1, distances + 1)
        for name in RATES
        for share in (0.0, 0.5, 0.99, 1.0)
    )


def in_flight(distances: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        {"distance": f"{rtt_ms} ms", "rtt_ms": rtt_ms, "producer": name, "at_ms": at_ms}
        | {"level": level}
        for rtt_ms in range(1, distances + 1)
        for name in RATES
        for at_ms, level in ((0.0, 1), (1.0, 0), (1.5, 1))
    )


def a_request(producer: str, sent_ms: float, taken_ms: float, sequence: int) -> dict[str, object]:
    """One way takes 4 ms, the broker 1 ms, taking up the ack 1 ms."""
    return {
        "producer": producer,
        "rtt_ms": 8.0,
        "records": 16,
        "base_sequence": sequence,
        "sent_ms": sent_ms,
        "arrived_ms": sent_ms + 4,
        "taken_ms": taken_ms,
        "answered_ms": taken_ms + 1,
        "received_ms": taken_ms + 5,
        "handled_ms": taken_ms + 6,
    }


def requests() -> pd.DataFrame:
    """One in flight: rounds of 10 ms. Five: a second request goes with the first, and waits 1 ms.

    The axis ends 3 % after the third round of one in flight, at 30.9 ms.
    """
    one = [a_request(ONE, 10.0 * k, 10.0 * k + 4, 16 * k) for k in range(4)]
    five = [a_request(FIVE, 0.0, 4.0 + k, 16 * k) for k in range(2)]
    return pd.DataFrame(one + five)


def texts(chart: Figure) -> list[str]:
    """All that a chart says."""
    return [text.get_text() for text in chart.findobj(Text) if isinstance(text, Text)]


def points(line: Line2D) -> list[tuple[Any, Any]]:
    return [(x, y) for x, y in np.asarray(line.get_xydata(), dtype=float).tolist()]


def labels(axes: Axes) -> list[str]:
    return [str(line.get_label()) for line in axes.lines if str(line.get_label())[0] != "_"]


def test_throughput_has_a_line_and_a_bound_for_each_producer() -> None:
    (axes,) = throughput_chart(rows()).axes
    assert axes.get_xlabel() == "round-trip time to the cluster in ms"
    assert axes.get_ylabel() == "records per second, acknowledged"
    assert labels(axes)[:4] == [*RATES, "what it cannot exceed"]
    for place, name in enumerate(RATES):
        measured, bound = axes.lines[2 * place : 2 * place + 2]
        rate = RATES[name]
        assert points(measured) == [(10, 5 * rate), (50, rate)]
        assert points(bound) == [(10, pytest.approx(5.5 * rate)), (50, pytest.approx(1.1 * rate))]
        assert measured.get_color() == bound.get_color() == look_of(name).colour


def test_the_gain_is_computed_from_the_rows() -> None:
    chart = throughput_chart(rows((0.9, 1.1)))  # a geometric mean of 4.48
    assert {"far", "\N{MULTIPLICATION SIGN} 4.5"} <= set(texts(chart))
    assert chart.get_suptitle() == "Five in flight carry 4.5 times what one carries"


def test_a_headline_distance_off_the_curve_is_drawn_with_it() -> None:
    (axes,) = throughput_chart(rows(capacity_rtt_ms=300)).axes
    assert [x for x, _ in points(axes.lines[0])] == [10, 50, 300]
    assert axes.get_xlim()[1] > 300


@pytest.mark.parametrize("distances", [1, 3, 6])
def test_each_distance_has_a_panel_of_latencies_and_nothing_is_cut_off(distances: int) -> None:
    drawn = latency_chart(latencies(distances))
    titles = [f"{rtt_ms} ms RTT" for rtt_ms in range(1, distances + 1)]
    assert [axes.get_title("left") for axes in drawn.axes] == titles
    assert all(axes.get_xlabel().endswith("in ms") for axes in drawn.axes)
    drawn.draw_without_rendering()
    for label in drawn.axes[0].get_yticklabels():
        assert label.get_window_extent().x0 >= 0


def test_a_producer_s_bar_is_its_median_and_its_99th_percentile() -> None:
    chart = latency_chart(latencies(1))
    assert texts(chart).count("p50 10, p99 19.8 ms") == len(RATES)
    bars = [patch for patch in chart.axes[0].patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in bars] == [19.8, 10.0] * len(RATES)


def test_a_tail_that_five_shorten_is_the_title_and_one_that_they_do_not_is_not() -> None:
    frame = latencies(2)
    alike = latency_chart(frame).get_suptitle()
    assert alike == "At this load five in flight are not faster than one"
    shorter = (frame["producer"] == FIVE) & (frame["rtt_ms"] == 2)
    frame.loc[shorter, "latency_ms"] /= 2
    title = latency_chart(frame).get_suptitle().replace("\n", " ")
    assert "At 2 ms five in flight cut the 99th percentile from 19.8 to 9.9 ms" in title
    assert title.endswith("at 1 ms there is no difference")


def test_an_overloaded_producer_has_no_bar_and_the_panel_says_so() -> None:
    frame = latencies(1)
    frame.loc[frame["producer"] == ONE, "latency_ms"] = np.nan
    chart = latency_chart(frame)
    said = texts(chart)
    assert said.count("overload: no latency") == 1
    assert "too much for one in flight; five: 99 % in 19.8 ms" in chart.get_suptitle()
    assert said.count("p50 10, p99 19.8 ms") == len(RATES) - 1


def test_in_flight_is_shown_at_one_distance_with_its_mean_over_time() -> None:
    (axes,) = in_flight_chart(in_flight(3)).axes
    until_ms = FIRST_ROUNDS * (2.0 + WORK_MS)  # the distance closest to 2 ms; nothing from 1 to 1.5
    assert axes.get_xlim() == pytest.approx((0, until_ms))
    mean = (until_ms - 0.5) / until_ms
    assert axes.get_ylabel() == "requests in flight to one broker"
    assert f"one in flight keeps {mean:.1f} on the way, five {mean:.1f}" in " ".join(
        texts(in_flight_chart(in_flight(3)))
    )


def test_space_time_is_drawn_at_the_distance_closest_to_2_ms() -> None:
    chart = space_time_chart(pd.concat([requests().assign(rtt_ms=0.2), requests()]))
    title = chart.get_suptitle().replace("\n", " ")
    assert title.endswith("at 8 ms round trip: 48 with one in flight, 32 with five in flight")


def test_space_time_stacks_the_producers_on_one_time_axis() -> None:
    one, five = space_time_chart(requests()).axes
    assert one.get_title("left") == ONE
    assert five.get_title("left") == FIVE
    assert one.get_xlim() == five.get_xlim() == pytest.approx((0, 30.9))
    assert five.get_xlabel() == "time since the producer started, in ms"


def test_space_time_counts_what_was_acknowledged_within_the_axis() -> None:
    one, five = space_time_chart(requests()).axes
    assert one.get_title("right") == "3 requests, 48 records acked"
    assert five.get_title("right") == "2 requests, 32 records acked"


def test_every_request_has_a_stroke_out_a_muted_interval_and_a_stroke_back() -> None:
    one, five = space_time_chart(requests()).axes
    for axes, shown in ((one, 4), (five, 2)):
        strokes = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
        muted = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        assert len(strokes) == 2 * shown
        assert [bar.get_width() for bar in muted] == pytest.approx([1.0] * shown)


def test_sequence_numbers_of_several_partitions_are_left_out() -> None:
    frame = requests().assign(base_sequence=[0, 0, 16, 16, 0, 0])
    for axes in space_time_chart(frame).axes:
        assert "first record" not in [label.get_text() for label in axes.get_yticklabels()]


def test_no_first_sequence_is_left_out_where_requests_are_close() -> None:
    close = [a_request(FIVE, 0.0, 4 + k / 100, 16 * k) for k in range(5)]
    (axes,) = space_time_chart(pd.DataFrame(close)).axes
    assert {"0", "16", "32", "48", "64"} <= {text.get_text() for text in axes.texts}


def test_a_muted_interval_too_short_to_be_seen_is_drawn_wider_and_the_legend_says_so() -> None:
    frame = requests()
    frame["answered_ms"] = frame["taken_ms"] + 0.001
    chart = space_time_chart(frame)
    bars = [patch for patch in chart.axes[0].patches if isinstance(patch, Rectangle)]
    assert bars[0].get_width() == pytest.approx(THINNEST * 30.9)
    assert "drawn wider" in " ".join(texts(chart))
    assert "drawn wider" not in " ".join(texts(space_time_chart(requests())))


FRAMES = {
    throughput_chart: rows(),
    latency_chart: latencies(),
    in_flight_chart: in_flight(),
    space_time_chart: requests(),
}


@pytest.mark.parametrize("chart", FRAMES)
def test_an_empty_frame_gives_a_figure_that_says_so(chart: Chart) -> None:
    drawn = chart(FRAMES[chart].iloc[:0])
    assert not drawn.axes
    assert "nothing to draw: " in " ".join(texts(drawn))


@pytest.mark.parametrize("chart", FRAMES)
def test_one_producer_alone_is_drawn(chart: Chart) -> None:
    frame = FRAMES[chart]
    drawn = chart(frame[frame["producer"] == ONE])
    said = " ".join(texts(drawn))
    assert ONE in said
    assert FIVE not in said


@pytest.mark.parametrize("chart", FRAMES)
def test_the_same_rows_give_the_same_bytes(chart: Chart, tmp_path: Path) -> None:
    first, second = (
        [path.read_bytes() for path in save(chart(FRAMES[chart]), tmp_path / folder, "chart")]
        for folder in ("a", "b")
    )
    assert first == second


def test_a_chart_is_stored_as_svg_and_png_and_nothing_else(tmp_path: Path) -> None:
    paths = save(space_time_chart(requests()), tmp_path / "new" / "folder", "picture")
    assert [path.name for path in paths] == ["picture.svg", "picture.png"]
    assert sorted(paths) == sorted((tmp_path / "new" / "folder").iterdir())
    assert ">first record</text>" in paths[0].read_text(encoding="utf-8")  # text stays text


@pytest.mark.parametrize(
    ("levels", "scale"), [((1, 10), "log"), ((0, 1, 100), "symlog"), ((0,), "linear")]
)
def test_a_distance_of_zero_is_on_the_axis(
    levels: tuple[float, ...], scale: str, tmp_path: Path
) -> None:
    chart, (panel,) = charts.panels("x")
    panel.plot(levels, levels)
    charts.log_axis(panel, "x")
    assert panel.get_xscale() == scale
    assert all(path.stat().st_size for path in save(chart, tmp_path, "chart"))
