"""When the application thread sends: three kinds of arrivals, against plain loops."""

from collections.abc import Callable
from itertools import repeat

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model import ClosedLoop, OpenLoop, Saturating
from model.producer.schedule import CHUNK, UNLIMITED, Schedule, Thread, build_schedule
from model.streams import stream

MS = 1e-3


def schedule(arrival: Saturating | OpenLoop | ClosedLoop, append_s: float = 0.0) -> Schedule:
    return build_schedule(arrival, Thread(append_s), 0.0, stream(1, "test/arrivals"))


def starts_s(of: Schedule) -> NDArray[np.float64]:
    """The start of every record taken."""
    starts = of.start_times()
    return starts.between(0, len(starts))


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
    assert list(starts_s(working)) == pytest.approx([0, 2 * MS, 4 * MS, 6 * MS, 12 * MS])


@pytest.mark.parametrize("arrival", [Saturating(), ClosedLoop(100)])
def test_how_often_somebody_looked_does_not_show_in_the_last_bit(
    arrival: Saturating | ClosedLoop,
) -> None:
    """Ten times 0.1 is 1, and a sum of ten is less; a fault to come makes some look more often."""
    at_once, often = (schedule(arrival, append_s=0.1) for _ in range(2))
    at_once.take(10)
    for _ in range(10):
        often.take(1)
    assert often.time_of(0) == at_once.time_of(0) == 1.0


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
    assert list(starts_s(loop)) == pytest.approx([0, MS, 2 * MS, 1.0, 1.0 + MS])


def test_even_arrivals_do_not_drift() -> None:
    even = schedule(OpenLoop(records_per_s=300))
    assert take_all(even, now_s=100.0) == 30_001  # 0 to 30,000
    sent_s = starts_s(even)
    assert sent_s[30_000] == 100.0
    assert np.array_equal(sent_s, np.arange(30_001) / 300)


def test_even_arrivals_start_where_they_are_told_to() -> None:
    generator = stream(1, "test/arrivals")
    late = build_schedule(OpenLoop(records_per_s=100), Thread(0.0), 4 * MS, generator)
    assert late.time_of(1) == pytest.approx(14 * MS)


def test_poisson_arrivals_have_their_rate_and_spread() -> None:
    arrivals = schedule(OpenLoop(1_000, "poisson"))
    count = take_all(arrivals, now_s=100.0)
    gaps_s = np.diff(starts_s(arrivals))
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
    assert sent_s == pytest.approx(lindley(starts_s(open_loop).tolist(), append_s, 0.0))


@given(blocked_ms=st.integers(0, 40), taken=st.integers(0, 20), append_us=st.sampled_from([0, 700]))
def test_a_blocked_thread_catches_up_as_a_plain_loop_says(
    blocked_ms: int, taken: int, append_us: int
) -> None:
    open_loop = schedule(OpenLoop(1_000), append_us * 1e-6)
    before_s = all_sent(open_loop, taken)
    open_loop.resume(blocked_ms * MS)
    after_s = all_sent(open_loop, 50)
    free_s = max([blocked_ms * MS, *(at_s + append_us * 1e-6 for at_s in before_s[-1:])])
    arrived_s = starts_s(open_loop).tolist()
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
    assert list(starts_s(open_loop)) == [0.0, 0.001]


def sleepy(loop: OpenLoop, late_ms: float, append_s: float = 0.0) -> Schedule:
    """An open loop whose thread runs so late when it slept until an instant."""
    thread = Thread(append_s, timer_late_s=late_ms * MS)
    return build_schedule(loop, thread, 0.0, stream(1, "test/arrivals"))


def test_a_thread_that_slept_runs_late() -> None:
    # each record is due 0.6 ms after the last was sent: it slept until then
    sent_s = all_sent(sleepy(OpenLoop(1_000), late_ms=0.4), 4)
    assert sent_s == pytest.approx([0, 1.4 * MS, 2.4 * MS, 3.4 * MS])


def test_a_thread_that_runs_late_sends_all_that_is_due_then() -> None:
    # asleep until 1, it runs at 3.5 and sends what was due at 1, 2 and 3; then until 4, and at 6.5
    of = sleepy(OpenLoop(1_000), late_ms=2.5)
    assert of.due(3.4 * MS) == 1
    assert of.due(3.5 * MS) == 4
    sent_s = all_sent(of, 8)
    assert sent_s == pytest.approx([at * MS for at in (0, 3.5, 3.5, 3.5, 6.5, 6.5, 6.5, 9.5)])


def test_what_was_due_while_it_slept_is_sent_one_after_the_other() -> None:
    # 0.3 ms each: 3.5, 3.8 and 4.1, which is after 4 already; it sleeps from 4.7 to 5
    sent_s = all_sent(sleepy(OpenLoop(1_000), late_ms=2.5, append_s=0.3 * MS), 6)
    assert sent_s == pytest.approx([at * MS for at in (0, 3.5, 3.8, 4.1, 4.4, 7.5)])


@pytest.mark.parametrize(
    "loop",
    [
        OpenLoop(5_000),  # 0.2 ms apart
        OpenLoop(20_000),
        OpenLoop(1_000, spins_below_ms=1.0),
        OpenLoop(1_000, "poisson", spins_below_ms=60.0),
    ],
)
def test_a_thread_that_spins_is_not_late(loop: OpenLoop) -> None:
    of = sleepy(loop, late_ms=2.5)
    sent_s = all_sent(of, CHUNK + 10)
    assert sent_s == pytest.approx(starts_s(of).tolist())


def test_a_thread_spins_only_while_the_next_record_is_near() -> None:
    of = sleepy(OpenLoop(1_000, "poisson"), late_ms=0.4)
    sent_s = all_sent(of, CHUNK)
    arrived_s = starts_s(of).tolist()
    free_s = [0.0, *sent_s[:-1]]
    gaps_ms = [(at_s - since_s) / MS for at_s, since_s in zip(arrived_s, free_s, strict=True)]
    late_ms = [(at_s - due_s) / MS for at_s, due_s in zip(sent_s, arrived_s, strict=True)]
    slept = [late for late, gap in zip(late_ms, gaps_ms, strict=True) if gap > 0.2]
    spun = [late for late, gap in zip(late_ms, gaps_ms, strict=True) if 0 <= gap <= 0.2]
    assert slept == pytest.approx([0.4] * len(slept))
    assert spun == pytest.approx([0.0] * len(spun))
    assert min(len(slept), len(spun)) > 50


def test_latency_counts_from_when_a_record_was_due_not_from_when_the_thread_ran() -> None:
    of = sleepy(OpenLoop(1_000), late_ms=2.5)
    all_sent(of, 4)
    assert list(starts_s(of)) == pytest.approx([0, MS, 2 * MS, 3 * MS])


def loop_of_three(*notified_ms: float) -> Schedule:
    """A closed loop whose thread takes a millisecond a record and so long to run when woken."""
    notified_s = iter([late * MS for late in notified_ms])
    thread = Thread(MS, notified_s=notified_s)
    return build_schedule(ClosedLoop(3), thread, 0.0, stream(1, "test/arrivals"))


def test_a_closed_loop_is_woken_by_the_first_callback_and_runs_late() -> None:
    loop = loop_of_three(5, 7)
    loop.take(3)
    loop.completed(1, since_s=1.0)
    loop.completed(2, since_s=1.002)  # it is on its way already: nobody wakes it twice
    assert [loop.time_of(ahead) for ahead in range(3)] == pytest.approx([1.005, 1.006, 1.007])
    loop.take(3)
    loop.completed(1, since_s=2.0)
    assert loop.time_of(0) == pytest.approx(2.007)


def test_a_closed_loop_that_is_not_at_its_limit_is_not_woken() -> None:
    loop = loop_of_three()  # nothing to draw from
    loop.take(2)
    loop.completed(1, since_s=1.0)
    assert [loop.time_of(0), loop.time_of(1)] == pytest.approx([2 * MS, 3 * MS])


def test_a_thread_that_is_woken_still_at_work_goes_on_with_it() -> None:
    thread = Thread(MS, notified_s=repeat(0.1 * MS))
    loop = build_schedule(ClosedLoop(3), thread, 0.0, stream(1, "test/arrivals"))
    loop.take(3)  # at work until 3
    loop.completed(3, since_s=2 * MS)
    assert loop.time_of(0) == pytest.approx(3 * MS)


def test_a_thread_still_spins_when_the_next_record_is_just_so_far() -> None:
    loop = OpenLoop(2, spins_below_ms=250)
    of = build_schedule(loop, Thread(0.25, timer_late_s=0.1), 0.0, stream(1, "test"))
    assert [of.time_of(ahead) for ahead in range(3)] == [0.0, 0.5, 1.0]
