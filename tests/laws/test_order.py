"""Order and numbers: what idempotence promises, while nothing fails."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from model import Run, Scenario, simulate


@given(data=st.data())
def test_a_partition_keeps_the_order_of_each_producer_and_no_record_twice(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    run = simulate(data.draw(scenarios), 1)
    newest: dict[tuple[int, int], int] = defaultdict(lambda: -1)
    for row in run.appends:
        assert row.first_record > newest[row.partition, row.producer]
        newest[row.partition, row.producer] = row.first_record + row.records - 1
    assert run.guarantees.inversions == run.guarantees.duplicates == 0


@given(data=st.data())
def test_no_record_is_in_two_partitions(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    run = simulate(data.draw(scenarios), 1)
    spans = sorted((row.producer, row.first_record, row.records) for row in run.appends)
    for (one, first, records), (other, following, _) in pairwise(spans):
        assert one != other or following >= first + records


@given(data=st.data())
def test_sequences_are_dense_in_each_partition_of_a_producer(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assume(scenario.producer.enable_idempotence)
    following: dict[tuple[int, int], int] = defaultdict(int)
    for row in sorted(simulate(scenario, 1).batches, key=lambda row: row.request):
        assert (row.producer_id, row.epoch) == (row.producer, 0)
        assert row.base_sequence == following[row.producer, row.partition]
        following[row.producer, row.partition] += row.records


def without_numbers(run: Run) -> list[object]:
    """Everything that a run recorded except producer ids, epochs and sequences."""
    batches = [row._replace(producer_id=0, epoch=0, base_sequence=0) for row in run.batches]
    return [run.requests, batches, run.appends, run.latency_ms.values_ms.tolist()]


@given(data=st.data())
def test_idempotence_costs_nothing_while_nothing_fails(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assume(scenario.producer.enable_idempotence)
    plain = replace(scenario, producer=replace(scenario.producer, enable_idempotence=False))
    unnumbered = simulate(plain, 1)
    assert {row.base_sequence for row in unnumbered.batches} <= {-1}
    assert without_numbers(simulate(scenario, 1)) == without_numbers(unnumbered)
