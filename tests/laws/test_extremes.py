"""Worlds at the edge: no distance, no limit to the link, batches of one byte."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from model import BrokerConfig, PathConfig, Scenario, simulate


@given(data=st.data())
def test_without_distance_and_with_an_endless_link_only_work_takes_time(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    # nor is there a receive window, behind which requests wait that nobody reads
    scenario = replace(
        data.draw(scenarios),
        path=PathConfig(rtt_ms=0),
        broker=BrokerConfig(socket_receive_buffer_bytes=-1),
    )
    for row in simulate(scenario, 1).requests:
        assert row.written_s == row.sent_s
        if scenario.producer.acks != "0":
            assert row.arrived_s == row.sent_s
            assert row.received_s == row.answered_s


@given(data=st.data())
def test_batches_of_one_byte_hold_one_record_each(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assume(scenario.workload.value_bytes >= 100)  # two smaller ones fit in one's upper bound
    lone = replace(scenario, producer=replace(scenario.producer, batch_size_bytes=1))
    run = simulate(lone, 1)
    assert {row.records for row in run.batches} <= {1}
    assert run.guarantees.inversions == run.guarantees.duplicates == 0


@given(data=st.data())
def test_open_queued_and_flying_batches_fit_in_the_memory(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    buffers = scenario.producer.buffer_memory_bytes // scenario.packing.write_limit_bytes
    run = simulate(scenario, 1)
    for producer in range(scenario.producers):
        rows = [row for row in run.batches if row.producer == producer]
        # at one instant a buffer is given back before it is taken again
        steps = [(row.acked_s, -1) for row in rows] + [(row.created_s, 1) for row in rows]
        held = 0
        for _, step in sorted(steps):
            held += step
            assert held <= buffers


def test_a_run_that_ends_before_the_first_answer_says_so_in_its_books(
    tiny: Callable[..., Scenario],
) -> None:
    run = simulate(tiny(measured_s=0.005), seed=1)
    assert not run.requests
    assert run.records_per_s == 0
    assert len(run.latency_ms) == run.guarantees.acked == 0
    assert run.guarantees.unfinished == run.guarantees.sent > 0
    assert run.mean_in_flight == 5
