"""Requests over a path that loses chosen packets: what each loss costs, by hand.

One request at a time is 12 segments, 11 whole ones and 328 bytes; the broker answers at once.
"""

from collections.abc import Iterable

import pytest

from model import PathConfig
from model.clock import Clock
from model.config.packets import Packets
from model.network.lossy import LossyStreams
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.network.segments import SEGMENT_BYTES
from model.wire.transmission import Fate, Transmission, Way

REQUEST = 11 * SEGMENT_BYTES + 328
ANSWER = 100
OUT, BACK = Way.OUT, Way.BACK


class Chosen(Path):
    """Loses the packets of these numbers, each way counted from 0."""

    def __init__(self, config: PathConfig, out: Iterable[int], back: Iterable[int]) -> None:
        super().__init__(config)
        self.chosen = {OUT: set(out), BACK: set(back)}
        self.counts = {OUT: 0, BACK: 0}

    def lost_of(self, way: Way, packets: int) -> list[int]:
        first = self.counts[way]
        self.counts[way] += packets
        return [n for n in range(packets) if first + n in self.chosen[way]]


class Rig:
    """A client and a broker that read at once."""

    def __init__(
        self,
        rtt_ms: float,
        out: Iterable[int] = (),
        back: Iterable[int] = (),
        packets: Packets = Packets.LAB_SEGMENTS,
        cwnd: int = 24,
    ) -> None:
        self.waits_ms = list[float]()
        self.env = Clock()
        self.path = Chosen(PathConfig(rtt_ms=rtt_ms, packets=packets), out, back)
        self.found = list[Transmission]()
        buffer = ReceiveBuffer(131_070, 136_000)
        self.streams = LossyStreams(
            self.env,
            self.path,
            buffer,
            buffer_bytes=230_000,
            answer_window_bytes=65_535,
            rtt_s=rtt_ms / 1e3,
            wake_s=self.wake_s,
            listener=self,
            report=self.found.append,
        )
        self.streams.sender.cubic.cwnd = cwnd
        self.answered_ms = list[float]()
        self.written = list[int]()
        self.reading = False
        self.unanswered = 0

    def wake_s(self, waited_s: float) -> float:
        self.waits_ms.append(waited_s * 1e3)
        return 0.0

    def send(self, size_bytes: int = REQUEST) -> None:
        self.streams.write(self.env.now, size_bytes, len(self.written))
        self.written.append(self.streams.written)

    def progress(self) -> None:
        done = len(self.answered_ms) + self.unanswered
        if self.reading or done == len(self.written):
            return
        if self.streams.arrival_s(self.written[done - 1] if done else 0) < float("inf"):
            self.reading = True
            if self.streams.read(self.env.now, self.written[done]) == self.env.now:
                self.read_all()

    def read_all(self) -> None:
        self.reading = False
        self.unanswered += 1
        self.streams.answered(self.env.now)
        self.streams.answer(ANSWER, self.unanswered)
        self.progress()

    def answer_arrived(self) -> None:
        self.unanswered -= 1
        self.answered_ms.append(self.env.now * 1e3)

    def end_arrived(self) -> None:
        raise AssertionError("nothing is closed here")


def alone(rtt_ms: float, out: Iterable[int] = (), back: Iterable[int] = ()) -> float:
    """When one request is answered, in ms."""
    rig = Rig(rtt_ms, out, back)
    rig.send()
    rig.env.run(until=30)
    assert len(rig.answered_ms) == 1
    return rig.answered_ms[0]


@pytest.mark.parametrize("rtt_ms", [10, 50])
def test_without_a_loss_it_takes_a_round_trip(rtt_ms: float) -> None:
    assert alone(rtt_ms) == pytest.approx(rtt_ms)


@pytest.mark.parametrize("rtt_ms", [10, 50])
@pytest.mark.parametrize("segment", range(9))
def test_a_segment_with_three_behind_it_costs_a_round_trip(rtt_ms: float, segment: int) -> None:
    assert alone(rtt_ms, [segment]) == pytest.approx(2 * rtt_ms)


@pytest.mark.parametrize("segment", [9, 10])
def test_with_one_or_two_behind_it_it_is_waited_for_what_may_be_reordered(segment: int) -> None:
    assert alone(50, [segment]) == pytest.approx(50 + 1.25 * 50 + 8)


@pytest.mark.parametrize(("rtt_ms", "answered_ms"), [(10, 230), (50, 350)])
def test_the_last_segment_is_sent_again_after_a_round_trip_and_200_ms(
    rtt_ms: float, answered_ms: float
) -> None:
    assert alone(rtt_ms, [11]) == pytest.approx(answered_ms, abs=8)


@pytest.mark.parametrize("rtt_ms", [10, 50])
def test_of_the_last_two_a_probe_shows_the_first(rtt_ms: float) -> None:
    # there and back, the probe after two, its answer, and the other one's
    assert alone(rtt_ms, [10, 11]) == pytest.approx(5 * rtt_ms + 8)


@pytest.mark.parametrize("rtt_ms", [10, 50])
def test_all_of_it_comes_back_in_slow_start(rtt_ms: float) -> None:
    # 2 R + 8 until the probe, then 1, 2, 4 and 4 segments
    assert alone(rtt_ms, range(12)) == pytest.approx(7 * rtt_ms + 8)


@pytest.mark.parametrize("rtt_ms", [10, 50])
def test_a_lone_answer_is_sent_again_after_a_round_trip_and_200_ms(rtt_ms: float) -> None:
    # the first packet back acknowledges what was read, the second is the answer
    assert alone(rtt_ms, back=[1]) == pytest.approx(2 * rtt_ms + 200, abs=8)


def test_an_acknowledgement_that_is_lost_costs_nothing_if_another_follows() -> None:
    assert alone(50, back=[0]) == pytest.approx(50)


def test_of_two_requests_the_second_shows_what_the_first_lost() -> None:
    rig = Rig(50, [11])
    rig.send()
    rig.send()
    rig.env.run(until=30)
    # the last segment of the first comes a round trip later, and the second waits behind it
    assert rig.answered_ms == pytest.approx([100, 100])


def test_a_reader_is_not_woken_by_what_comes_out_of_order() -> None:
    rig = Rig(50, [1])
    rig.send()
    rig.env.run(until=0.035)
    rig.send()
    rig.env.run(until=1)
    # it waits from 25 ms, when the first segment came, to 75: the second was sent again at 50;
    # what came at 60, of the other request, is no news to it
    assert rig.waits_ms == pytest.approx([50])


def test_each_loss_takes_three_tenths_of_the_congestion_window() -> None:
    rig, sizes = Rig(50, [0, 14, 28]), []
    for number in range(3):
        rig.send()
        rig.env.run(until=0.15 * (number + 1))
        sizes.append(rig.streams.sender.cubic.cwnd)
    assert sizes == [16, 11, 7]


def test_what_is_lost_is_reported_with_its_copy() -> None:
    rig = Rig(50, [3])
    rig.send()
    rig.env.run(until=1)
    fates = [(row.request, row.way, row.fate, round(row.from_s * 1e3)) for row in rig.found]
    assert fates == [(0, OUT, Fate.LOST, 0), (0, OUT, Fate.RESENT, 50)]


def test_a_piece_is_lost_whole_where_it_travels_whole() -> None:
    rig = Rig(50, [0], packets=Packets.LAB)
    rig.send()
    rig.env.run(until=1)
    lost = sum(row.fate is Fate.LOST for row in rig.found)
    assert lost == 1
    assert rig.path.counts[OUT] < 12  # pieces of some segments


def test_a_window_update_that_is_lost_is_asked_for() -> None:
    """A request larger than the window: what tells of the room that reading made is lost."""
    rig = Rig(50, back=[0, 1])
    rig.send(140_000)
    rig.env.run(until=30)
    assert len(rig.answered_ms) == 1
    assert 200 < rig.answered_ms[0] < 1_000


@pytest.mark.parametrize("seed_packets", [(2, 7, 30), (1, 2, 3, 4, 50), (0, 11, 12, 23, 24)])
def test_whatever_is_lost_all_requests_are_answered_in_order(seed_packets: tuple[int, ...]) -> None:
    rig = Rig(20, seed_packets, back=(1, 3, 8), cwnd=10)
    for _ in range(20):
        rig.send()
        rig.env.run(until=rig.env.now + 0.004)
    rig.env.run(until=60)
    assert len(rig.answered_ms) == 20
    assert rig.answered_ms == sorted(rig.answered_ms)


class Silent(Rig):
    """Its broker reads what comes and answers nothing."""

    def progress(self) -> None: ...

    def read_all(self) -> None: ...


@pytest.mark.parametrize(("segments", "acknowledged_ms"), [(1, 10 + 40), (2, 10)])
def test_without_an_answer_a_lone_segment_is_acknowledged_late_and_two_at_once(
    segments: int, acknowledged_ms: float
) -> None:
    rig, size = Silent(10), segments * SEGMENT_BYTES
    rig.streams.read(0.0, size)
    rig.streams.write(0.0, size)
    rig.env.run(until=(acknowledged_ms - 0.1) / 1e3)
    assert rig.streams.sender.acknowledged == 0
    rig.env.run(until=(acknowledged_ms + 0.1) / 1e3)
    assert rig.streams.sender.acknowledged == size


def test_a_lone_segment_that_nobody_reads_is_acknowledged_as_late() -> None:
    """A broker that is paused, or waits for its followers: its kernel is there."""
    rig = Silent(10)
    rig.streams.write(0.0, SEGMENT_BYTES)
    rig.env.run(until=(10 + 40 - 0.1) / 1e3)
    assert rig.streams.sender.acknowledged == 0
    rig.env.run(until=1.0)
    assert rig.streams.sender.acknowledged == SEGMENT_BYTES
    assert not rig.found  # nothing is sent again
