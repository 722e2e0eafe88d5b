"""What the questions find is what the mechanism predicts, where that is a theorem of it.

Numbers of the model are not repeated here: what is checked is order, proportion and bounds.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from experiments.catalogue import SWEEPS, load
from experiments.kit.estimates import pick
from experiments.kit.properties import load_settings
from experiments.kit.store import load_frame
from experiments.kit.world import MEASURED_REQUESTS, World
from experiments.questions import depth, expiry, loss, sync
from experiments.questions.clients_kept import gain, kept
from model import PathConfig, ProducerConfig, Scenario, simulate

pytestmark = pytest.mark.slow

Rows = Callable[..., pd.DataFrame]


def test_order_is_kept_by_one_and_by_five_with_idempotence_and_lost_by_five_without(
    rows: Rows,
) -> None:
    errors = pick(rows("order"), phase="errors")
    broken = errors.groupby(["in_flight", "idempotent"])["displaced"].sum()
    doubled = errors.groupby("idempotent")["duplicates"].sum()
    assert broken[5, False] > 0
    assert broken[1, False] == broken[1, True] == broken[5, True] == 0
    assert doubled[False] > 0 == doubled[True]


def test_the_batches_behind_a_refused_one_are_refused_and_sent_again_in_sequence(
    rows: Rows,
) -> None:
    story = pick(rows("story"), idempotent=True)
    decisions = pick(story, table="decision")["decision"].tolist()
    assert decisions.count("OUT_OF_ORDER_SEQUENCE_NUMBER") == 4  # five in flight, one refused
    again = pick(story, table="attempt").query("attempt > 0").sort_values("sent_ms")
    assert list(again["base_sequence"]) == sorted(again["base_sequence"])
    books = pick(rows("story"), table="books").set_index("idempotent")["displaced"]
    assert books[False] > 0 == books[True]


def test_five_gain_no_more_than_the_law_and_little_without_distance(rows: Rows) -> None:
    found = rows("loss")
    gains = loss.gains(found)
    # the law is read off runs as well, whose windows may have cut one request of them off
    law = loss.law(found).reindex(gains.index) * (1 + 1 / MEASURED_REQUESTS)
    assert (gains["low"] <= law).all()
    # a lone request finds its followers' threads asleep, which five in a row keep awake
    assert (gains["low"] <= 5.3).all()
    in_order = gains["value"].sort_index().tolist()
    assert in_order[-1] == pytest.approx(5, rel=0.01)
    assert in_order[0] < 3
    assert in_order[0] < in_order[3] < in_order[-1]


def test_the_answer_follows_the_users_distance_and_settings(rows: Rows, tmp_path: Path) -> None:
    settings = tmp_path / "my.properties"
    settings.write_text("batch.size=4096\n", encoding="utf-8")
    near, far = (load("loss").answer(rows("loss", rtt_ms=rtt_ms)) for rtt_ms in (0.2, 50.0))
    assert near.startswith("At 0.2 ms")
    assert far.startswith("At 50 ms")
    world = World(resolved=load_settings(settings, (), "4.1"), fine=False)
    sizes = {point.scenario.producer.batch_size_bytes for point in load("loss").chosen(world)}
    assert sizes == {4096}


def test_idempotence_is_equivalent_and_costs_a_new_producer_an_id_first(rows: Rows) -> None:
    found = rows("idempotence", replications=6)
    assert load("idempotence").answer(found).startswith("Not while nothing fails. ")
    cold = pick(found, load="cold").set_index("idempotent")["first_ack_ms"]
    assert cold[True] > cold[False]


def test_a_record_of_a_far_new_producer_is_waited_for_milliseconds_and_not_seconds() -> None:
    """The window of a cold start is two seconds and a round trip."""
    points = load("idempotence").chosen(World(rtt_ms=300.0, fine=False))
    cold = [point.scenario for point in points if point.levels["load"] == "cold"]
    assert {scenario.horizon_s for scenario in cold} == {2.3}


def test_the_limit_is_that_of_a_connection(rows: Rows) -> None:
    found = rows("connection")
    assert (found["deepest_on_one"] == found["in_flight"]).all()
    assert (found["deepest"] == found["in_flight"] * found["busy_brokers"]).all()


def test_a_log_finds_five_batches_again_and_no_more(rows: Rows) -> None:
    for in_flight in (1, 5, 6, 20):
        producer = ProducerConfig(
            max_in_flight_requests_per_connection=in_flight, enable_idempotence=False
        )
        path = PathConfig(rtt_ms=1)
        run = simulate(Scenario(path=path, producer=producer, warmup_s=0, measured_s=0.01), seed=1)
        assert depth.found_again(run) == min(in_flight, 5)
    refusals = pick(rows("depth"), depth=20)["refusal"]
    assert refusals.str.contains("at most 5 when enable.idempotence=true").all()
    assert "Not more than 5, because a broker remembers no more" in load("depth").answer(
        rows("depth")
    )


def test_idempotent_clients_keep_five_or_one_and_nobody_more_than_it_may(rows: Rows) -> None:
    found = rows("clients")
    safe, plain = kept(found, True), kept(found, False)
    assert {name: round(now) for name, now in safe.items()} == {
        **dict.fromkeys(("java", "franz-go"), 5),
        **dict.fromkeys(("librdkafka", "sarama", "kafka-python", "aiokafka"), 1),
    }
    assert round(plain["librdkafka"]) == round(plain["kafka-python"]) == 5
    assert gain(found, "java", True, partitions=1) == pytest.approx(5, rel=0.02)
    assert gain(found, "librdkafka", True, partitions=1) == pytest.approx(1, rel=0.02)
    assert gain(found, "aiokafka", True, partitions=1) != gain(found, "aiokafka", True)  # NaN
    troubled = pick(found, idempotent=True).query("lost != 'nothing'")
    assert not troubled[["duplicates", "displaced"]].to_numpy().any()
    moved = pick(found, lost="connection", idempotent=False).set_index("client")["displaced"]
    assert moved["java"] > 0 == moved["librdkafka"] == moved["franz-go"] == moved["sarama"]


def test_large_sockets_let_large_batches_through_and_nothing_passes_the_link(rows: Rows) -> None:
    own = pick(rows("pipe"), yours=True)
    rates = own.groupby("way")["records_per_s"].mean()
    assert rates["and sockets of 4 MiB"] > 2 * rates["batch.size=256 KiB"]
    # by whole rounds of requests: how many a window counts may be one too many
    requests_per_s = rows("pipe")["records_per_s"] / rows("pipe")["records_per_request"]
    assert (requests_per_s * rows("pipe")["request_bytes"] <= 125e6 * 1.01).all()


def test_more_producers_carry_more_while_the_broker_is_idle(rows: Rows) -> None:
    five_deep = pick(rows("producers_memory"), trouble="none", depth=5)
    rates = five_deep.groupby("producers")["records_per_s"].mean()
    # up to what the broker can do, where the rates are level but for chance
    assert (rates.diff().dropna() > -0.001 * rates.max()).all()
    assert rates.iloc[-1] > 1.5 * rates.iloc[0]
    # two share the partition's log, which is what limits more of them
    assert 1.5 * rates[1] < rates[2] <= 2.01 * rates[1]
    assert (five_deep["connection_busy"] <= 1 + 1e-9).all()


def test_waiting_costs_a_lone_sender_its_linger_and_saves_requests(rows: Rows) -> None:
    found = rows("linger_load")
    lone = pick(found, phase="awaited").groupby("linger_ms")["p50_ms"].mean()
    for linger_ms in (5.0, 20.0, 100.0):
        # and the lateness of a thread that slept until then, below 1 ms
        assert 0.95 * linger_ms < lone[linger_ms] - lone[0.0] < linger_ms + 1.0
    for _, of_load in found.groupby(["phase", "records_per_s"]):
        requests = of_load.groupby("linger_ms")["requests_per_s"].mean()
        assert requests[100.0] <= requests[0.0] * 1.001


def test_larger_batches_help_one_in_flight_more_than_five(rows: Rows) -> None:
    capacity = pick(rows("batch_depth"), phase="capacity", buffers="yours")
    mean = capacity.groupby(["depth", "batch_kib"])["records_per_s"].mean()
    assert mean[1, 64] / mean[1, 16] > mean[5, 64] / mean[5, 16]
    load = pick(rows("batch_depth"), phase="load")
    fill = load.groupby(["depth", "batch_kib"])["batch_fill"].mean()
    assert fill[5, 64] < fill[5, 16]


def test_an_awaiting_thread_sends_at_most_once_a_round_trip(rows: Rows) -> None:
    sync_rows = pick(rows("sync"), way=sync.SYNC)
    law = sync.law(sync_rows)
    assert (sync_rows["records_per_s"] <= law * 1.001).all()
    far = sync_rows["rtt_ms"] >= 10
    # what is missing are threads that wake and timers that are late, up to 2 ms of a round
    assert (sync_rows["records_per_s"][far] >= 1 / (1 / law[far] + 2e-3)).all()


def test_all_waits_for_the_slowest_follower_and_min_insync_does_not_matter(rows: Rows) -> None:
    light = pick(rows("replication"), load="light", depth=5)
    light = light[light["replication"] < 2]  # those that all points have
    load = light.groupby(["acks", "phase", "replica_rtt_ms"])["p50_ms"].mean()
    every_one, any_one = load["all", "min.insync.replicas=2"], load["all", "min.insync.replicas=1"]
    one = load["1", "min.insync.replicas=2"]
    assert any_one.tolist() == pytest.approx(every_one[any_one.index].tolist())
    assert every_one[20.0] >= one[20.0] + 20.0  # at least a fetch's round trip more
    assert every_one.is_monotonic_increasing


def test_duplicates_are_none_with_idempotence_and_in_proportion_without() -> None:
    found = load_frame(SWEEPS / "likelihood", "rows")  # a few losses are no proportion
    by = found.groupby(["idempotent", "in_flight", "losses_per_million"])["duplicates"].mean()
    assert not pick(found, idempotent=True)["duplicates"].any()
    few, many = found["losses_per_million"].min(), found["losses_per_million"].max()
    for in_flight in (1, 5):
        doubled = by[False, in_flight, many] / by[False, in_flight, few]
        assert doubled == pytest.approx(many / few, rel=0.5)


def test_lost_connections_break_order_with_more_than_one_in_flight(rows: Rows) -> None:
    found = rows("likelihood")
    assert not found["failed_per_million"].any()
    assert not pick(found, idempotent=True)["displaced_per_million"].any()
    assert not pick(found, in_flight=1)["displaced_per_million"].any()
    assert pick(found, in_flight=5, idempotent=False)["displaced_per_million"].sum() > 0


def test_order_is_never_lost_with_one_in_flight_or_with_idempotence(rows: Rows) -> None:
    refused = pick(rows("errors"), error="nack")
    sums = refused.groupby(["depth", "idempotent"])[["errors", "reordering_errors"]].sum()
    share = sums["reordering_errors"] / sums["errors"]
    assert share[1, False] == share[5, True] == 0
    assert min(share[2, False], share[5, False]) > 0.5


def test_nothing_acknowledged_is_lost_and_a_restart_of_the_broker_doubles(rows: Rows) -> None:
    causes = rows("out_of_order").set_index("cause")
    assert not causes["acked_missing"].any()
    assert causes["duplicates"]["acks were lost and the broker restarted"] > 0
    assert causes["failed"]["a batch expired (delivery.timeout.ms)"] > 0
    assert causes["refused"]["a batch before it was refused"] > 0


def test_what_outlasts_the_timeout_expires_and_what_is_well_within_does_not(rows: Rows) -> None:
    outages = rows("expiry")
    assert outages["starts_again"].all()
    short = outages[outages["outage_s"] <= 0.5 * outages["timeout_s"]]
    assert not short["failed"].any()
    # a client that has lost its broker takes no records, so no more expire however long it lasts
    long = outages[outages["outage_s"] >= 1.5 * outages["timeout_s"]]
    assert long["failed"].min() > 0.9 * long["failed"].max()


def test_without_a_new_start_all_expire_but_what_is_sent_near_the_end() -> None:
    world = World(resolved=load_settings(None, (), "3.9"), fine=False)
    longest = max(expiry.points(world), key=lambda point: point.levels["outage_s"])
    timeout_s, outage_s = (float(longest.levels[name]) for name in ("timeout_s", "outage_s"))
    law = 1 - timeout_s / outage_s
    # deliveries go on later than the outage ends
    assert law - 0.05 <= expiry.expired_share(simulate(longest.scenario, seed=1))


def test_a_buffer_above_the_law_holds_nobody_up(rows: Rows) -> None:
    asked = rows("buffer")["law_bytes"]
    enough = rows("buffer")[rows("buffer")["buffer_bytes"] >= 1.05 * asked]
    little = rows("buffer")[rows("buffer")["buffer_bytes"] <= 0.5 * asked]
    assert len(enough)
    assert (enough["blocked_s"] < 0.05).all()
    assert not enough["failed"].any()
    assert (little["blocked_s"] > 0.5).all()
    assert little[little["block_ms"] == 1_000]["failed"].all()


def test_nothing_is_acknowledged_within_less_than_a_round_and_all_beyond_the_queue(
    rows: Rows,
) -> None:
    too_short = pick(rows("timeout"), rounds=0.8)
    assert not too_short["acked"].any()
    long = pick(rows("timeout"), rounds=15.0)
    assert not long["retried_requests"].any()
    assert (long["acked"] == long["sent"]).all()
    assert (pick(rows("timeout"), idempotent=True)["copies"] <= 1).all()
    assert pick(rows("timeout"), idempotent=False)["copies"].max() > 1.05


def test_partitions_fill_requests_thin_batches_and_close_the_gap(rows: Rows) -> None:
    found = rows("partitions_brokers")
    capacity = pick(found, phase="capacity", brokers=1)
    rates = capacity.groupby(["depth", "partitions"])["records_per_s"].mean()
    assert rates[1, 12] > 4 * rates[1, 1]
    assert rates[5, 48] / rates[1, 48] < rates[5, 1] / rates[1, 1]
    keyed = found[(found["phase"] == "load") & (found["keys"] > 0)]
    fills = keyed.groupby("partitions")["batch_fill"].mean()
    assert fills[48] < fills[1]


def test_codecs_fill_requests_alike_everywhere_and_gain_most_where_requests_are_scarce(
    rows: Rows,
) -> None:
    five = pick(rows("compression"), depth=5)
    filled = five.groupby(["codec", "rtt_ms"])["records_per_request"].mean()
    plain = pick(five, codec="uncompressed").groupby("rtt_ms")["records_per_s"].mean()
    zstd = pick(five, codec="zstd").groupby("rtt_ms")["records_per_s"].mean() / plain
    far, near = max(zstd.index), min(zstd.index)
    assert filled["zstd", far] == pytest.approx(filled["zstd", near], rel=0.03)
    more = filled["zstd", far] / filled["uncompressed", far]
    assert zstd[far] == pytest.approx(more, rel=0.03)
    assert 1 < zstd[near] <= zstd[far]
