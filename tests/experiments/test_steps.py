"""The picture of flights: round trips are counted, every byte and every number comes from rows."""

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from experiments.catalogue import SWEEPS, load
from experiments.kit.estimates import pick
from experiments.kit.looks import AGAIN, FIRST, HELD
from experiments.kit.store import load_frame
from experiments.questions.steps_captured import round_trips
from model.wire.flights import Flight

CASE = ["batch_kib", "sockets", "in_flight", "lost_percent"]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return load_frame(SWEEPS / "steps", "rows")


def flights(*left_ms: float) -> list[Flight]:
    """Some over a path of 10 ms there and back."""
    return [Flight(0, 0, 1, 1, at / 1e3, (at + 5) / 1e3) for at in left_ms]


@pytest.mark.parametrize(
    ("left_ms", "expected"),
    [
        ((0,), 1),
        ((0, 0), 1),
        ((0, 9.9), 1),  # let go by word of what was sent before
        ((0, 10), 2),
        ((0, 4, 10, 14, 20), 3),
        ((0, 4, 14), 2),
        ((10, 0), 2),
    ],
)
def test_a_round_trip_is_one_wait_for_word_of_what_was_sent(
    left_ms: tuple[float, ...], expected: int
) -> None:
    assert round_trips(flights(*left_ms)) == expected


def test_every_byte_of_a_request_is_in_a_flight_that_arrived(rows: pd.DataFrame) -> None:
    for _, of in rows.groupby(CASE):
        for request in pick(of, table="request").to_dict("records"):
            parts = of[of["place"] == request["place"]]
            spans = [
                (parts[parts["table"] == table]["end_bytes"] - start).sum()
                for table in ("flight", "lost")
                for start in [parts[parts["table"] == table]["start_bytes"]]
            ]
            assert spans[0] - spans[1] == request["size_bytes"]


def test_lone_requests_take_longer_in_whole_round_trips(rows: pd.DataFrame) -> None:
    lone = pick(rows, table="request", in_flight=1, sockets="yours", lost_percent=0.0)
    lone = lone.sort_values("size_bytes")
    assert lone["round_trips"].is_monotonic_increasing
    # but for the broker's work, and for threads that wake up late
    more_ms = lone["arrived_ms"] - lone["rtt_ms"] * (lone["round_trips"] - 0.5)
    assert more_ms.between(-0.01, 0.02 * lone["arrived_ms"]).all()


def blocks(axes: Axes, colour: str) -> list[Rectangle]:
    return [
        patch
        for patch in axes.patches
        if isinstance(patch, Rectangle) and to_hex(patch.get_facecolor()) == colour
    ]


def test_the_picture_has_a_block_for_each_flight_and_titles_count_them(rows: pd.DataFrame) -> None:
    chart = load("steps").draw(rows)
    trips = []
    for axes in chart.axes[:3]:
        title = axes.get_title(loc="left")
        size_kib = float(title.split(" KiB")[0].replace(",", ""))
        of = pick(rows, batch_kib=size_kib, in_flight=1, sockets="yours", lost_percent=0.0)
        drawn = blocks(axes, FIRST)
        assert len(drawn) == (of["table"] == "flight").sum()
        assert f"{len({block.get_x() for block in drawn})} flight" in title
        trips.append(int(pick(of, table="request")["round_trips"].iloc[0]))
        assert f"{trips[-1]} round trip" in title
        assert len(blocks(axes, HELD)) == sum(block.get_x() > 0 for block in drawn)
    assert trips == [1, 2, 3]
    lossy = pick(rows, lost_percent=0.1)
    assert len(blocks(chart.axes[-1], AGAIN)) == lossy["again"].sum() > 0


def test_with_other_rows_it_says_other_numbers(rows: pd.DataFrame) -> None:
    slower = rows.assign(round_trips=rows["round_trips"] + 1, flights=rows["flights"] + 4)
    chart = load("steps").draw(slower)
    assert "takes 2 round trips" in chart.get_suptitle().replace("\n", " ")
    assert "5 flights, 2 round trips" in chart.axes[0].get_title(loc="left")
