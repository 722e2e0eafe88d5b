"""Nothing is lost, made up or counted twice, whatever the scenario."""

from collections import Counter, defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from model import OpenLoop, Scenario, simulate
from model.cluster import Cluster
from model.outcome.recorder import Recorder


@given(data=st.data())
def test_every_record_ends_once_at_most_and_the_others_are_in_memory(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    recorder = Recorder(scenario.producers)
    cluster = Cluster.build(scenario, 1, recorder)
    cluster.run()
    buffers = scenario.producer.buffer_memory_bytes // scenario.packing.write_limit_bytes
    for number, producer in enumerate(cluster.producers):
        ended = Counter(
            record
            for first, count, _ in recorder.acks[number]
            for record in range(first, first + count)
        )
        ended.update(row.first_record for row in recorder.failures if row.producer == number)
        sent = producer.application.records_sent
        assert set(ended.values()) <= {1}
        assert all(0 <= record < sent for record in ended)
        assert sent - len(ended) <= buffers * scenario.packing.records


@given(data=st.data())
def test_the_books_agree_with_the_rows(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    run = simulate(data.draw(scenarios), 1)
    books = run.guarantees
    assert books.acked == sum(row.records for row in run.batches)
    assert books.acked == sum(row.records for row in run.requests)
    assert books.in_log == sum(row.records for row in run.appends)
    assert books.sent == books.acked + books.failed + books.unfinished
    assert books.unfinished >= 0


@given(data=st.data())
def test_what_was_acknowledged_is_in_the_log_and_nothing_else_but_the_unfinished(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    books = simulate(scenario, 1).guarantees
    if scenario.producer.acks == "0":  # acknowledged when written, in the log before or after
        # (that all of it comes to be there: the next law)
        assert books.in_log <= books.acked + books.unfinished
    else:
        assert books.acked <= books.in_log <= books.acked + books.unfinished


@given(data=st.data())
def test_without_acks_all_that_was_written_comes_to_be_in_the_log(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    unheard = replace(scenario.producer, enable_idempotence=False, acks="0")
    few = replace(scenario.workload, arrival=OpenLoop(2_000.0, records=40))
    books = simulate(
        replace(scenario, producer=unheard, workload=few, measured_s=3.0), 1
    ).guarantees
    assert books.in_log == books.acked == 40 * scenario.producers - books.failed
    assert books.duplicates == 0


@given(data=st.data())
def test_offsets_are_dense_in_each_partition(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    run = simulate(data.draw(scenarios), 1)
    log_end: dict[int, int] = defaultdict(int)
    for row in run.appends:
        assert row.base_offset == log_end[row.partition]
        log_end[row.partition] += row.records


@given(data=st.data())
def test_requests_weigh_what_their_batches_weigh_and_no_batch_is_too_large(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    run = simulate(scenario, 1)
    carried: dict[int, list[int]] = defaultdict(list)
    for batch in run.batches:
        carried[batch.request].append(batch.size_bytes)
        assert batch.size_bytes <= scenario.packing.write_limit_bytes
    for request in run.requests:
        sizes = carried.pop(request.request)
        assert request.size_bytes == 52 + 8 * (len(sizes) - 1) + sum(sizes)
        assert len(sizes) == request.batches
        assert len(sizes) == 1 or sum(sizes) <= scenario.producer.max_request_size_bytes
    assert not carried
