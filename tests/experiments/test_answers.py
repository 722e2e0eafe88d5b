"""What the twenty questions find is what the mechanism predicts, where that is a theorem of it.

Numbers of the model are not repeated here: what is checked is order, proportion and bounds.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from experiments.ask.catalogue import find
from experiments.ask.frames import mean_of, pick
from experiments.ask.questions import five, linger, loss, producers, reordering, sync
from experiments.ask.questions.profiles import PROFILES
from experiments.ask.task import Simulated, Task

Rows = Callable[..., pd.DataFrame]


def test_1_order_is_kept_by_one_and_by_five_with_idempotence_and_lost_by_five_without(
    rows: Rows,
) -> None:
    errors = pick(rows(1), phase="errors")
    broken = errors.groupby(["in_flight", "idempotent"])["displaced"].sum()
    doubled = errors.groupby("idempotent")["duplicates"].sum()
    assert broken[5, False] > 0
    assert broken[1, False] == broken[1, True] == broken[5, True] == 0
    assert doubled[False] > 0 == doubled[True]


def test_2_the_batches_behind_a_refused_one_are_refused_and_sent_again_in_sequence(
    rows: Rows,
) -> None:
    story = pick(rows(2), idempotent=True)
    decisions = pick(story, table="decision")["decision"].tolist()
    assert decisions.count("OUT_OF_ORDER_SEQUENCE_NUMBER") == 4  # five in flight, one refused
    again = pick(story, table="attempt").query("attempt > 0").sort_values("sent_ms")
    assert list(again["base_sequence"]) == sorted(again["base_sequence"])
    books = pick(rows(2), table="books").set_index("idempotent")["displaced"]
    assert books[False] > 0 == books[True]


def test_3_five_gain_no_more_than_the_law_and_little_without_distance(rows: Rows) -> None:
    gains, law = loss.gains(rows(3)), loss.law(rows(3))
    assert all(gain.low <= min(5, law[rtt_ms]) for rtt_ms, gain in gains.items())
    assert gains[max(gains)].value == pytest.approx(5, rel=0.01)
    assert gains[min(gains)].value < 3
    in_order = [gain.value for _, gain in sorted(gains.items())]
    assert in_order[0] < in_order[3] < in_order[-1]


def test_3_the_answer_follows_the_users_distance_and_settings(
    rows: Rows, tasks: Callable[..., list[Task]], tmp_path: Path
) -> None:
    settings = tmp_path / "my.properties"
    settings.write_text("batch.size=4096\n", encoding="utf-8")
    near, far = (find("3").answer(rows(3, rtt_ms)) for rtt_ms in (0.2, 50.0))
    assert near.startswith("At 0.2 ms")
    assert far.startswith("At 50 ms")
    own = [task.scenario for task in tasks(3, properties=settings) if isinstance(task, Simulated)]
    assert {scenario.producer.batch_size_bytes for scenario in own} == {4096}


def test_4_idempotence_is_equivalent_and_costs_a_round_trip_at_the_start(rows: Rows) -> None:
    assert "all 6 figures are equivalent" in find("4").answer(rows(4))
    cold = pick(rows(4), phase="cold", in_flight=5)
    on, off = (mean_of(pick(cold, idempotent=one), "first_ack_ms").value for one in (True, False))
    assert on > off


def test_5_the_limit_is_that_of_a_connection(rows: Rows) -> None:
    assert (rows(5)["deepest_on_one"] == rows(5)["in_flight"]).all()
    assert (rows(5)["deepest"] == rows(5)["in_flight"] * rows(5)["busy_brokers"]).all()


def test_6_a_log_finds_five_batches_again_and_no_more(rows: Rows) -> None:
    for in_flight in (1, 5, 6, 20):
        (row,) = five.Resent(in_flight).rows()
        assert row["found"] == min(in_flight, 5)
    assert "at most 5 when enable.idempotence=true" in find("6").answer(rows(6))


def test_7_profiles_turn_what_was_asked_into_a_depth(rows: Rows) -> None:
    depths = {profile.name: profile.depth for profile in PROFILES}
    assert [depths["librdkafka, idempotent"](5, records) for records in (1, 2, 3, 4, 5, 100)] == [
        5, 3, 2, 2, 1, 1,
    ]  # fmt: skip
    assert depths["Sarama, idempotent"](5, 1) == 1
    assert depths["Java, idempotent"](3, 16) == 3
    made = pick(rows(7), table="figures")
    assert (made["in_flight_mean"] <= made["depth"] + 1e-9).all()
    assert (made["in_flight_mean"] > 0.9 * made["depth"]).all()


def test_8_large_sockets_let_large_batches_through_and_nothing_passes_the_link(rows: Rows) -> None:
    own = pick(rows(8), yours=True)
    rates = own.groupby("way")["records_per_s"].mean()
    assert rates["and sockets of 4 MiB"] > 2 * rates["batch.size=256 KiB"]
    carried = rows(8)["requests_per_s"] * rows(8)["request_bytes"]
    assert (carried <= 125e6 * 1.01).all()


def test_9_more_producers_carry_more_while_the_broker_is_idle(rows: Rows) -> None:
    five_deep = pick(rows(9), in_flight=5)
    rates = five_deep.groupby("producers")["records_per_s"].mean()
    # up to what the broker can do, where the rates are level but for chance
    assert (rates.diff().dropna() > -0.001 * rates.max()).all()
    assert rates.iloc[-1] > 1.5 * rates.iloc[0]
    # two share the partition's log, which is what limits more of them
    assert 1.5 * rates[1] < rates[2] <= 2.01 * rates[1]
    assert (five_deep["connection_busy"] <= 1 + 1e-9).all()
    assert set(five_deep["producers"]) == set(producers.PRODUCERS)


def test_10_waiting_costs_a_lone_sender_its_linger_and_saves_requests(rows: Rows) -> None:
    lone = pick(rows(10), load=linger.SYNC).groupby("linger_ms")["p50_ms"].mean()
    for linger_ms in (5.0, 20.0, 100.0):
        # and the lateness of a thread that slept until then, below 1 ms
        assert 0.95 * linger_ms < lone[linger_ms] - lone[0.0] < linger_ms + 1.0
    for _, of_load in rows(10).groupby("load"):
        requests = of_load.groupby("linger_ms")["requests_per_s"].mean()
        assert requests[100.0] <= requests[0.0] * 1.001


def test_11_larger_batches_help_one_in_flight_more_than_five(rows: Rows) -> None:
    rates = pick(rows(11), phase="capacity").groupby(["in_flight", "batch_bytes"])
    mean = rates["records_per_s"].mean()
    small, large = 16 * 1024, 64 * 1024
    assert mean[1, large] / mean[1, small] > mean[5, large] / mean[5, small]
    fill = pick(rows(11), phase="load").groupby(["in_flight", "batch_bytes"])["batch_fill"].mean()
    assert fill[5, large] < fill[5, small]


def test_12_an_awaiting_thread_sends_at_most_once_a_round_trip(rows: Rows) -> None:
    sync_rows = pick(rows(12), way=sync.SYNC)
    law = sync.law(sync_rows)
    assert (sync_rows["records_per_s"] <= law * 1.001).all()
    far = sync_rows["rtt_ms"] >= 10
    # what is missing are threads that wake and timers that are late, up to 2 ms of a round
    assert (sync_rows["records_per_s"][far] >= 1 / (1 / law[far] + 2e-3)).all()


def test_13_all_waits_for_the_slowest_follower_and_min_insync_does_not_matter(rows: Rows) -> None:
    load = pick(rows(13), phase="load").groupby(["setting", "between_ms"])["p50_ms"].mean()
    one, alone, all_one, all_two = (load[name] for name in load.index.get_level_values(0).unique())
    assert list(all_one) == pytest.approx(list(all_two))
    assert list(one) == pytest.approx(list(alone), rel=0.02)
    assert all_one[20.0] >= one[20.0] + 20.0  # at least a fetch's round trip more
    assert all_one.is_monotonic_increasing


def test_14_duplicates_are_none_with_idempotence_and_in_proportion_without(rows: Rows) -> None:
    by = rows(14).groupby(["idempotent", "in_flight", "strikes"])["duplicates"].mean()
    assert not pick(rows(14), idempotent=True)["duplicates"].any()
    for depth in (1, 5):
        few, many = by[False, depth, 2], by[False, depth, 8]
        assert many / few == pytest.approx(4, rel=0.5)


def test_15_order_is_never_lost_with_one_in_flight_or_with_idempotence(rows: Rows) -> None:
    told = {
        (depth, idempotent): reordering.probability(
            pick(rows(15), in_flight=depth, idempotent=idempotent)
        ).value
        for depth, idempotent in ((1, False), (2, False), (5, False), (5, True))
    }
    assert told[1, False] == told[5, True] == 0
    assert min(told[2, False], told[5, False]) > 0.5


def test_16_nothing_acknowledged_is_lost_and_a_restart_of_the_broker_doubles(rows: Rows) -> None:
    causes = rows(16).set_index("cause")
    assert not causes["acked_missing"].any()
    assert causes["duplicates"]["acks were lost and the broker restarted"] > 0
    assert causes["failed"]["a batch expired (delivery.timeout.ms)"] > 0
    assert causes["refused"]["a batch before it was refused"] > 0


def test_17_what_outlasts_the_timeout_expires_and_what_is_well_within_does_not(rows: Rows) -> None:
    outages = pick(rows(17), phase="outage")
    law = (1 - outages["timeout_s"] / outages["outage_s"]).clip(lower=0)
    assert (outages["share"] >= law - 0.05).all()  # deliveries go on later than the outage ends
    short = outages[outages["outage_s"] <= 0.5 * outages["timeout_s"]]
    assert not short["failed"].any()


def test_18_a_buffer_above_the_law_holds_nobody_up(rows: Rows) -> None:
    asked = rows(18)["law_bytes"]
    enough = rows(18)[rows(18)["buffer_bytes"] >= 1.05 * asked]
    little = rows(18)[rows(18)["buffer_bytes"] <= 0.5 * asked]
    assert len(enough)
    assert (enough["blocked_s"] < 0.05).all()
    assert not enough["failed"].any()
    assert (little["blocked_s"] > 0.5).all()
    assert little[little["block_ms"] == 1_000]["failed"].all()


def test_19_nothing_is_acknowledged_within_less_than_a_round_and_all_beyond_the_queue(
    rows: Rows,
) -> None:
    too_short = pick(rows(19), rounds=0.8)
    assert not too_short["acked_share"].any()
    long = pick(rows(19), rounds=15.0)
    assert not long["given_up"].any()
    assert (long["acked_share"] == 1).all()
    assert (pick(rows(19), idempotent=True)["copies"] <= 1).all()
    assert pick(rows(19), idempotent=False)["copies"].max() > 1.05


def test_20_partitions_fill_requests_thin_batches_and_close_the_gap(rows: Rows) -> None:
    capacity = pick(rows(20), phase="capacity", brokers=1)
    rates = capacity.groupby(["in_flight", "partitions"])["records_per_s"].mean()
    assert rates[1, 8] > 4 * rates[1, 1]
    assert rates[5, 32] / rates[1, 32] < rates[5, 1] / rates[1, 1]
    keyed = pick(rows(20), phase="load", records="with keys")
    fills = keyed.groupby("partitions")["batch_fill"].mean()
    assert fills[32] < fills[1]
