"""The way with faults on it: what crosses, when it is sent again, when a connection is set up.

And the way whose delay varies: how late the latest packet is, which ones are lost.
"""

import pytest

from model import Fault, PathConfig
from model.config.delays import Constant, Uniform
from model.network.answers import Answers
from model.network.path import Path
from model.network.segments import SEGMENT_BYTES
from model.network.stream import PACKET_BYTES, ByteStream
from model.streams import stream, uniform
from model.wire.transmission import Way

OUT, BACK = Way.OUT, Way.BACK


def path(*faults: Fault, rtt_ms: float = 20.0) -> Path:
    return Path(PathConfig(rtt_ms=rtt_ms), faults)


def lost(what: str, at_s: float = 1.0, for_s: float = 3.0) -> Fault:
    return Fault(what=what, at_s=at_s, for_s=for_s)


def test_without_faults_everything_crosses_in_half_a_round_trip() -> None:
    assert path().is_constant
    assert path().crossing_s(OUT, 1.0) == 1.01
    assert not path(lost("lost-acks")).is_constant


@pytest.mark.parametrize(
    ("what", "out", "back"),
    [("lost-acks", True, False), ("lost-requests", False, True), ("black-hole", False, False)],
)
def test_losses_have_a_direction_a_beginning_and_an_end(what: str, out: bool, back: bool) -> None:
    bad = path(lost(what))
    assert [bad.crossing_s(way, 2.0) is not None for way in (OUT, BACK)] == [out, back]
    for at_s in (0.999, 4.0):
        assert bad.crossing_s(OUT, at_s) == bad.crossing_s(BACK, at_s) == at_s + 0.01


def test_a_spike_delays_what_enters_while_it_lasts() -> None:
    bad = path(Fault(what="latency-spike", at_s=1.0, for_s=1.0, rtt_ms=3_000.0))
    assert [bad.crossing_s(OUT, at_s) for at_s in (0.5, 1.5, 2.0)] == [0.51, 3.0, 2.01]


def test_what_was_lost_is_sent_again_after_the_timeout_and_then_twice_as_late() -> None:
    # 0.22 s, then 0.44, 0.88 and 1.76 more: at 1.22, 1.66, 2.54 and 4.30, when it crosses
    assert path(lost("lost-requests")).resent_s(OUT, 1.0) == pytest.approx(4.30)


def test_a_connection_is_there_after_a_round_trip() -> None:
    assert path().handshake(1.0, at_most_s=10.0) == (1.02, True)


@pytest.mark.parametrize("what", ["lost-acks", "lost-requests", "black-hole"])
def test_a_syn_that_is_lost_is_sent_again_every_second(
    what: str,
) -> None:
    # SYNs at 2.5 s, 3.524 and 4.548; the last one finds the way free
    known_s, open_ = path(lost(what)).handshake(2.5, at_most_s=10.0)
    assert open_
    assert known_s == pytest.approx(4.568)


def test_after_five_seconds_the_waits_double() -> None:
    # at 0, 1, 2, 3, 4, 5, 7 and 11 times 1.024 s
    known_s, _ = path(lost("black-hole", 0.0, 6.5)).handshake(0.0, at_most_s=30.0)
    assert known_s == pytest.approx(7 * 1.024 + 0.02)
    known_s, _ = path(lost("black-hole", 0.0, 7.5)).handshake(0.0, at_most_s=30.0)
    assert known_s == pytest.approx(11 * 1.024 + 0.02)


def test_a_connection_is_given_up_when_its_time_is_over() -> None:
    assert path(lost("black-hole", 0.0, 60.0)).handshake(0.0, at_most_s=10.0) == (10.0, False)


@pytest.mark.parametrize(("at_most_s", "there"), [(1 / 32, False), (1 / 16, True)])
def test_an_answer_that_comes_when_the_time_is_over_comes_too_late(
    at_most_s: float, there: bool
) -> None:
    assert path(rtt_ms=1_000 / 32).handshake(1.0, at_most_s) == (1 + 1 / 32, there)


@pytest.mark.parametrize("what", ["broker-crash", "broker-restart"])
def test_while_the_broker_is_down_a_connection_is_refused(what: str) -> None:
    bad = path(lost(what))
    assert bad.is_constant
    for at_s, open_ in ((2.0, False), (4.0, True)):
        known_s, there = bad.handshake(at_s, at_most_s=10.0)
        assert there == open_
        assert known_s == pytest.approx(at_s + 0.02)


def test_behind_a_loss_everything_waits_and_comes_in_slow_start() -> None:
    stream = ByteStream(path(lost("lost-requests", 1.0, 0.1)), OUT)
    assert stream.arrival_s(0.999, 5_000) == pytest.approx(1.009)
    # resent at 1.0 + 0.22; 1 packet at once, 3 after one round trip, 7 after two
    assert stream.arrival_s(1.0, 1_000) == pytest.approx(1.23)
    assert stream.arrival_s(1.05, 3_000) == pytest.approx(1.25)
    assert stream.arrival_s(1.15, 6_000) == pytest.approx(1.27)
    assert stream.arrival_s(1.5, 9_000) == pytest.approx(1.51)


def test_what_leaves_as_the_lost_is_sent_again_is_behind_it() -> None:
    stream = ByteStream(path(lost("lost-requests", 1.0, 0.1)), OUT)
    assert stream.arrival_s(1.0, 1_000) == pytest.approx(1.23)
    assert stream.arrival_s(1.0 + 0.22, 3_000) == pytest.approx(1.25)


def test_an_end_that_is_lost_is_there_when_it_was_sent_again() -> None:
    stream = ByteStream(path(lost("lost-requests", 1.0, 0.1)), OUT)
    assert stream.arrival_s(1.05, 0) == pytest.approx(1.05 + 0.22 + 0.01)


def test_the_end_of_answers_takes_no_packet_of_its_own() -> None:
    answers = Answers(path(lost("lost-acks", 1.0, 0.1)), window_bytes=65_536)
    assert answers.arrival_s(1.05, SEGMENT_BYTES) == pytest.approx(1.28)
    assert answers.end_s(1.06) == pytest.approx(1.28)  # two packets would take a round trip more


def test_a_new_connection_does_not_overtake_what_takes_long_either() -> None:
    bad = path(Fault(what="latency-spike", at_s=1.0, for_s=0.2, rtt_ms=3_000.0))
    assert ByteStream(bad, OUT).arrival_s(1.1, 100) == pytest.approx(2.6)
    known_s, open_ = bad.handshake(2.0, at_most_s=10.0)
    assert open_
    assert known_s == pytest.approx(2.61)


def test_bytes_are_known_to_have_arrived_when_the_way_back_is_clear() -> None:
    bad = path(lost("lost-acks", 1.0, 0.5))
    assert bad.acknowledged_s(0.5) == pytest.approx(0.51)
    assert bad.acknowledged_s(1.0) == pytest.approx(1.67)  # sent again at 1.22 and 1.66


def test_bytes_never_overtake_each_other() -> None:
    spike = Fault(what="latency-spike", at_s=1.0, for_s=1.0, rtt_ms=3_000.0)
    stream = ByteStream(path(spike), OUT)
    assert stream.arrival_s(1.9, 100) == pytest.approx(3.4)
    assert stream.arrival_s(2.1, 100) == pytest.approx(3.4)
    assert stream.arrival_s(4.0, 100) == pytest.approx(4.01)


def varying(*draws: float, loss: float = 0.0, up_to_ms: float = 8.0) -> Path:
    """A way of 10 ms with up to 8 ms of jitter, as these draws have it."""
    return Path(PathConfig(rtt_ms=20, jitter=Uniform(up_to_ms), loss=loss), draws=iter(draws))


def test_a_way_that_varies_is_not_constant() -> None:
    assert not varying().is_constant
    assert not Path(PathConfig(rtt_ms=20, loss=0.01)).is_constant
    assert Path(PathConfig(rtt_ms=20, jitter=Constant(0.0))).is_constant


def test_jitter_comes_on_top_of_the_distance() -> None:
    one = ByteStream(varying(0.25, 0.75), OUT)
    assert [one.arrival_s(at_s, 100) for at_s in (0.0, 1.0)] == pytest.approx([0.012, 1.016])


def test_a_jitter_that_is_always_the_same_is_distance() -> None:
    there = Path(PathConfig(rtt_ms=20, jitter=Constant(5.0)), draws=iter((0.1, 0.9)))
    one = ByteStream(there, OUT)
    assert [one.arrival_s(at_s, 100) for at_s in (0.0, 1.0)] == pytest.approx([0.015, 1.015])


def test_bytes_keep_their_order_whatever_they_draw() -> None:
    one = ByteStream(varying(1.0, 0.0, 0.5), OUT)
    # 18; 1 + 10, but behind the first; 9 + 10 + 4
    arrived_s = [one.arrival_s(at_s, 100) for at_s in (0.0, 0.001, 0.009)]
    assert arrived_s == pytest.approx([0.018, 0.018, 0.023])


def test_two_streams_do_not_wait_for_each_other() -> None:
    shared = varying(1.0, 0.0)
    first, second = ByteStream(shared, OUT), ByteStream(shared, OUT)
    assert first.arrival_s(0.0, 100) == pytest.approx(0.018)
    assert second.arrival_s(0.001, 100) == pytest.approx(0.011)


@pytest.mark.parametrize(("packets", "latest_ms"), [(1, 0.5), (2, 2.0), (4, 4.0)])
def test_the_latest_of_several_packets_counts(packets: int, latest_ms: float) -> None:
    # 1/16 of the ways have all packets within the 1/16, 1/4 and 1/2 quantile of each
    size_bytes = packets * PACKET_BYTES
    there = ByteStream(varying(0.0625), OUT)
    assert there.arrival_s(0.0, size_bytes) == pytest.approx(0.01 + latest_ms / 1e3)
    if packets > 1:
        there = ByteStream(varying(0.0625), OUT)
        assert there.arrival_s(0.0, size_bytes - PACKET_BYTES + 1) == pytest.approx(
            0.01 + latest_ms / 1e3
        )


def test_between_losses_packets_pass_as_drawn() -> None:
    # a tenth is lost: 0.5 lets 6 pass, 0.2 lets 2; log(0.5) and log(0.8) over log(0.9)
    there = Path(PathConfig(rtt_ms=20, loss=0.1), draws=iter((0.5, 0.2, 0.2, 0.2)))
    assert there.loses
    assert there.lost_of(OUT, 6) == []
    assert there.lost_of(OUT, 6) == [0, 3]
    assert there.lost_of(OUT, 3) == [0]


def test_the_ways_lose_each_their_own() -> None:
    there = Path(PathConfig(rtt_ms=20, loss=0.1), draws=iter((0.5, 0.0, 0.5, 0.5)))
    assert there.lost_of(OUT, 1) == []
    assert there.lost_of(BACK, 1) == [0]


def test_without_loss_nothing_is_lost_and_nothing_drawn() -> None:
    assert not path().loses
    assert path().lost_of(OUT, 10**9) == []


def test_the_share_of_losses_is_the_one_that_was_asked_for() -> None:
    config = PathConfig(rtt_ms=20, loss=0.1)
    there = Path(config, draws=uniform(stream(1, "test/path")))
    lost_ones = sum(len(there.lost_of(OUT, 10)) for _ in range(1_000))
    assert abs(lost_ones - 1_000) < 4 * 30  # four standard deviations


def test_the_same_seed_draws_the_same_delays_and_losses() -> None:
    def drawn(seed: int) -> list[tuple[float, list[int]]]:
        config = PathConfig(rtt_ms=20, jitter=Uniform(8), loss=0.1)
        there = Path(config, draws=uniform(stream(seed, "test/path")))
        return [(there.jitter_s(3, OUT), there.lost_of(OUT, 3)) for _ in range(100)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_answers_alone_may_be_held_back() -> None:
    config = PathConfig(rtt_ms=20, answer_jitter=Constant(30))
    there = Path(config, draws=uniform(stream(1, "test/path")))
    assert not there.is_constant
    assert [there.jitter_s(1, way) for way in (OUT, BACK)] == [0.0, 0.03]
