"""Compressed batches in whole runs: how they fill, who works on them, what is too large."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from model import BrokerConfig, ClosedLoop, OpenLoop, Run, Scenario, Workload, simulate
from model.config.compression import Compressibility

HALF = Compressibility(ratio=0.5, spread=0.0)
Make = Callable[..., Scenario]


def workload(arrival: Any = None, **more: Any) -> Workload:
    about = {"compressibility": HALF} | more
    return Workload(**about) if arrival is None else Workload(arrival=arrival, **about)


def records(run: Run) -> list[int]:
    """Of each batch, in the order of their sequences."""
    return [row.records for row in sorted(run.batches, key=lambda row: row.base_sequence)]


def test_batches_grow_as_the_estimate_follows_those_that_were_drained(tiny: Make) -> None:
    run = simulate(
        tiny(
            compression_type="zstd",
            max_in_flight_requests_per_connection=1,
            buffer_memory_bytes=4 * 16_384,
            workload=workload(),
            measured_s=1.5,
        ),
        seed=1,
    )
    grown = records(run)
    # memory for four: they are there before the first is drained; then each drain is 0.005 less
    assert grown[:5] == [15, 15, 15, 15, 15]
    assert sorted(grown) == grown
    # one takes 29 from 0.516 on, 97 steps of 0.005 below 1: 61 + int(28 * 1,009 * 0.541) + 1,009
    settled = run.scenario.packing.records
    assert settled == 29 == grown[-1]
    assert grown.index(29) == 97 + 3
    sizes = {row.size_bytes for row in run.batches if row.records == settled}
    assert sizes == {61 + round(0.5 * run.scenario.packing.unpacked_bytes)}


def test_a_producer_whose_estimate_has_settled_fills_batches_from_the_start(tiny: Make) -> None:
    scenario = tiny(compression_type="zstd", workload=workload(), compression_estimate=0.5)
    assert set(records(simulate(scenario, seed=1))) == {scenario.packing.records}


def test_the_broker_looks_into_what_it_appends(
    tiny: Make, machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            compression_type="lz4",
            machine=machine(broker_request_us=300, broker_lz4_byte_us=0.1, client_lz4_byte_us=0),
            workload=workload(ClosedLoop(10)),
        ),
        seed=1,
    )
    # ten records of 1,009 bytes each: 0.1 us a byte, whatever they weigh on the wire
    (first,) = story(run, "service_s", "records", "size_bytes", most=1)
    assert first == (0.3 + 1.009, 10, 52 + 61 + 5_045)


def test_a_sender_closes_what_it_drains_and_an_application_what_it_has_filled(
    tiny: Make, machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    costs = machine(broker_request_us=300, client_gzip_byte_us=1.0, broker_gzip_byte_us=0)
    lone = tiny(compression_type="gzip", machine=costs, workload=workload(OpenLoop(10.0)))
    # a record of 1,009 bytes stays in the codec's buffer of 16 KiB until the Sender closes it
    assert story(simulate(lone, seed=1), "drained_s", "sent_s", most=1) == [(0, 1.009)]
    busy = tiny(
        compression_type="gzip",
        machine=costs,
        linger_ms=1_000,
        compression_estimate=0.5,
        workload=workload(),
    )
    run = simulate(busy, seed=1)
    rows = story(run, "drained_s", "sent_s", "records")
    full = busy.packing.records
    assert {row[2] for row in rows} == {full}
    # the first block ends with the 17th record, the rest is worked on when the next does not fit
    assert all(sent == drained for drained, sent, _ in rows)
    apart = [round(later[0] - earlier[0], 6) for earlier, later in pairwise(rows)]
    assert apart == [pytest.approx(full * 1.009)] * len(apart)


def test_the_slowest_codec_is_what_limits_the_application(
    tiny: Make, machine: Callable[..., Any]
) -> None:
    scenario = tiny(
        compression_type="gzip",
        machine=machine(broker_request_us=30, client_append_us=1, client_gzip_byte_us=0.1),
        linger_ms=5,
        compression_estimate=0.5,
        workload=workload(),
        measured_s=1,
    )
    run = simulate(scenario, seed=1)
    assert run.limit == "application"
    assert run.records_per_s == pytest.approx(1e6 / (1 + 100.9), rel=0.02)


def test_a_batch_that_came_out_too_large_is_split_and_the_estimate_starts_over(tiny: Make) -> None:
    run = simulate(
        tiny(
            compression_type="snappy",
            batch_size_bytes=16_384,
            compression_estimate=0.2,  # an earlier topic's, far from what is
            broker=BrokerConfig(message_max_bytes=16_384),
            workload=workload(compressibility=Compressibility(ratio=0.9, spread=0.0)),
            buffer_memory_bytes=3 * 16_384,
            measured_s=1,
        ),
        seed=1,
    )
    refused = {row.error for row in run.decisions}
    assert refused == {"MESSAGE_TOO_LARGE", "OUT_OF_ORDER_SEQUENCE_NUMBER"} or refused == {
        "MESSAGE_TOO_LARGE"
    }
    assert run.guarantees.failed == run.guarantees.duplicates == run.guarantees.displaced == 0
    assert max(row.records for row in run.decisions) > 60
    # with an estimate of 1 or 0.9 they are within batch.size
    assert max(records(run)) <= 17
    assert run.guarantees.acked > 1_000


def test_one_record_that_is_too_large_is_not_split_but_fails(tiny: Make) -> None:
    run = simulate(
        tiny(
            broker=BrokerConfig(message_max_bytes=500),
            workload=Workload(arrival=ClosedLoop(1), value_bytes=1_000),
        ),
        seed=1,
    )
    assert {row.error for row in run.failures} == {"MESSAGE_TOO_LARGE"}
    assert run.guarantees.acked == 0
