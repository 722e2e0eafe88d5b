"""When the application thread sends: three kinds of arrivals, against plain loops."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import ClosedLoop, OpenLoop, Saturating
from model.producer.schedule import CHUNK, UNLIMITED, Schedule, Thread, build_schedule
from model.streams import stream

MS = 1e-3


def schedule(arrival: Saturating | OpenLoop | ClosedLoop, append_s: float = 0.0) -> Schedule:
    return build_schedule(arrival, Thread(append_s), 0.0, stream(1, "test/arrivals"))


def take_all(of: Schedule, now_s: float) -> int:
    """Take what is due, as the application does; how many records that were."""
    taken = 0
    while due := of.due(now_s):
        of.take(due)
        taken += due
    return taken


def test_a_saturating_thread_is_held_up_by_nothing_but_its_own_work() -> None:
    assert schedule(Saturating()).due(0.0) == UNLIMITED
    working = schedule(Saturating(), append_s=2 * MS)
    assert [working.due(at * MS) for at in (0, 1.9, 2, 9)] == [1, 1, 2, 5]
    assert working.time_of(3) == pytest.approx(6 * MS)


def test_a_saturating_thread_goes_on_where_it_was_blocked() -> None:
    working = schedule(Saturating(), append_s=2 * MS)
    working.take(3)  # at 0, 2, 4
    working.resume(10 * MS)  # the fourth was called at 6 and blocked until 10
    working.take(2)
    assert list(working.start_times_s()) == pytest.approx([0, 2 * MS, 4 * MS, 6 * MS, 12 * MS])


def test_a_closed_loop_sends_as_many_as_are_outstanding() -> None:
    loop = schedule(ClosedLoop(3), append_s=MS)
    assert [loop.due(0.0), loop.due(1.0)] == [1, 3]
    loop.take(3)
    assert (loop.due(1.0), loop.time_of(0)) == (0, float("inf"))


def test_a_closed_loop_goes_on_when_records_come_back() -> None:
    loop = schedule(ClosedLoop(3), append_s=MS)
    loop.take(3)
    loop.completed(2, since_s=1.0)
    assert (loop.due(1.0), loop.due(1.5), loop.time_of(1)) == (1, 2, 1.0 + MS)
    loop.take(2)
    assert list(loop.start_times_s()) == pytest.approx([0, MS, 2 * MS, 1.0, 1.0 + MS])


def test_even_arrivals_do_not_drift() -> None:
    even = schedule(OpenLoop(records_per_s=300))
    assert take_all(even, now_s=100.0) == 30_001  # 0 to 30,000
    starts_s = even.start_times_s()
    assert starts_s[30_000] == 100.0
    assert np.array_equal(starts_s, np.arange(30_001) / 300)


def test_even_arrivals_start_where_they_are_told_to() -> None:
    generator = stream(1, "test/arrivals")
    late = build_schedule(OpenLoop(records_per_s=100), Thread(0.0), 4 * MS, generator)
    assert late.time_of(1) == pytest.approx(14 * MS)


def test_poisson_arrivals_have_their_rate_and_spread() -> None:
    arrivals = schedule(OpenLoop(1_000, "poisson"))
    count = take_all(arrivals, now_s=100.0)
    gaps_s = np.diff(arrivals.start_times_s())
    assert abs(count - 100_000) < 4 * np.sqrt(100_000)
    assert np.std(gaps_s) == pytest.approx(1e-3, rel=0.02)  # an exponential's is its mean
    assert np.quantile(gaps_s, 0.5) == pytest.approx(np.log(2) * 1e-3, rel=0.02)


def lindley(arrived_s: list[float], append_s: float, free_s: float) -> list[float]:
    """When each record is sent: it has arrived, and the one before is out of the thread's hands."""
    sent_s = []
    for at_s in arrived_s:
        sent_s.append(max(at_s, free_s))
        free_s = sent_s[-1] + append_s
    return sent_s


def all_sent(of: Schedule, count: int) -> list[float]:
    """The send times of the next records, taken one by one."""
    sent_s = []
    for _ in range(count):
        sent_s.append(of.time_of(0))
        of.take(1)
    return sent_s


@pytest.mark.parametrize("append_s", [0.0, 0.4 * MS, 0.95 * MS, 2 * MS])
@pytest.mark.parametrize("arrivals", ["even", "poisson"])
def test_a_thread_sends_in_turn_as_a_plain_loop_says(arrivals: str, append_s: float) -> None:
    open_loop = schedule(OpenLoop(1_000, "poisson" if arrivals == "poisson" else "even"), append_s)
    count = 2 * CHUNK + 10  # across the seams of the drawn blocks
    sent_s = all_sent(open_loop, count)
    assert sent_s == pytest.approx(lindley(open_loop.start_times_s().tolist(), append_s, 0.0))


@given(blocked_ms=st.integers(0, 40), taken=st.integers(0, 20), append_us=st.sampled_from([0, 700]))
def test_a_blocked_thread_catches_up_as_a_plain_loop_says(
    blocked_ms: int, taken: int, append_us: int
) -> None:
    open_loop = schedule(OpenLoop(1_000), append_us * 1e-6)
    before_s = all_sent(open_loop, taken)
    open_loop.resume(blocked_ms * MS)
    after_s = all_sent(open_loop, 50)
    free_s = max([blocked_ms * MS, *(at_s + append_us * 1e-6 for at_s in before_s[-1:])])
    arrived_s = open_loop.start_times_s().tolist()
    assert after_s == pytest.approx(lindley(arrived_s[taken:], append_us * 1e-6, free_s))


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedule(Saturating(), MS),
        lambda: schedule(ClosedLoop(50), MS),
        lambda: schedule(OpenLoop(1_000), MS),
        lambda: schedule(OpenLoop(900, "poisson"), MS),
    ],
)
def test_what_is_due_is_what_was_sent_by_then(make: Callable[[], Schedule]) -> None:
    of = make()
    for at_ms in (0, 3, 11.5, 30):
        due = of.due(at_ms * MS)
        assert due == 0 or of.time_of(due - 1) <= at_ms * MS + 1e-9
        assert of.time_of(due) > at_ms * MS


def test_latency_starts_with_the_intended_send_whatever_held_it_up() -> None:
    open_loop = schedule(OpenLoop(1_000))
    open_loop.resume(1.0)
    open_loop.take(2)
    assert list(open_loop.start_times_s()) == [0.0, 0.001]
