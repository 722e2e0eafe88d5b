"""Record latencies: one number for each record that was acknowledged in the window."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.outcome.facts import AckRow
from model.outcome.latency import PIECE, Latency, record_latencies_ms
from model.outcome.rows import Rows
from model.outcome.start_times import BackToBackStartTimes, EachStartTime, TakenRow


def acked(*rows: tuple[int, int, float]) -> Rows[AckRow]:
    kept = Rows(AckRow)
    for row in rows:
        kept.append(AckRow(*row))
    return kept


def latencies_ms(
    acks: Rows[AckRow], starts_s: list[float], from_s: float, to_s: float
) -> list[float]:
    pieces_ms = record_latencies_ms(acks, EachStartTime(np.array(starts_s)), from_s, to_s)
    return [float(ms) for piece_ms in pieces_ms for ms in piece_ms]


def test_each_record_counts_from_its_own_start() -> None:
    starts_s = [0.0, 0.1, 0.2, 0.3]
    found_ms = latencies_ms(acked((2, 2, 1.0), (0, 2, 1.5)), starts_s, 0.0, 2.0)
    assert found_ms == pytest.approx([800, 700, 1_500, 1_400])


def test_only_acknowledgements_of_the_window_count() -> None:
    acks = acked((0, 1, 1.0), (1, 1, 1.5), (2, 1, 2.0), (3, 1, 2.5))
    assert latencies_ms(acks, [0.0] * 4, 1.0, 2.0) == [1_500, 2_000]


def test_pieces_together_are_all_records_in_the_order_of_their_acknowledgements() -> None:
    records = PIECE // 3
    acks = acked(*((run * records, records, 2.0 + run) for run in (0, 2, 1, 3, 5, 4, 6)))
    starts = EachStartTime(np.linspace(0, 1, 7 * records))
    pieces_ms = list(record_latencies_ms(acks, starts, 0.0, 10.0))
    assert len(pieces_ms) > 1
    assert max(map(len, pieces_ms)) < 2 * PIECE
    numbers = np.concatenate([run * records + np.arange(records) for run in (0, 2, 1, 3, 5, 4, 6)])
    expected_ms = (2.0 + numbers // records - numbers / (7 * records - 1)) * 1e3
    np.testing.assert_allclose(np.concatenate(pieces_ms), expected_ms)


@given(runs=st.lists(st.tuples(st.integers(1, 5), st.floats(0, 9)), max_size=8), data=st.data())
def test_starts_of_records_sent_back_to_back(
    runs: list[tuple[int, float]], data: st.DataObject
) -> None:
    taken, expected_s = Rows(TakenRow), list[float]()
    for records, called_s in runs:
        taken.append(TakenRow(records, called_s, called_s + 1.5))
        expected_s += [called_s, *(called_s + 1.5 + 0.5 * later for later in range(records - 1))]
    starts = BackToBackStartTimes(taken, append_s=0.5)
    assert len(starts) == len(expected_s)
    first = data.draw(st.integers(0, len(expected_s)))
    after = data.draw(st.integers(first, len(expected_s)))
    assert starts.between(first, after).tolist() == pytest.approx(expected_s[first:after])


def test_no_records_have_no_latency() -> None:
    nothing = Latency.of(record_latencies_ms(acked(), EachStartTime(np.empty(0)), 0.0, 1.0))
    assert len(nothing) == 0
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.quantile(0.5))


def test_quantiles_and_mean_are_those_of_all_records() -> None:
    latency = Latency(np.array([3.0, 1.0, 2.0, 10.0]))
    assert (latency.mean, latency.quantile(0), latency.quantile(0.5), latency.quantile(1)) == (
        4,
        1,
        2.5,
        10,
    )


def test_up_to_a_limit_latencies_are_exact_and_beyond_a_sketch_stands_for_them() -> None:
    pieces_ms = np.array_split(np.arange(10.0), 3)
    exact, sketched = (Latency.of(pieces_ms, exact_up_to=limit) for limit in (10, 9))
    assert (exact.exact, sketched.exact) == (True, False)
    assert exact.values_ms.tolist() == list(range(10))
    assert (len(sketched), sketched.mean, sketched.quantile(1)) == (10, 4.5, 9)
    assert sketched.quantile(0.5) == pytest.approx(4.5, abs=0.5)
    with pytest.raises(ValueError, match="10 latencies are kept as a sketch: ask for quantiles"):
        _ = sketched.values_ms
