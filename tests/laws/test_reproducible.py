"""A run is a function of its scenario and its seed, and chance enters where it is said to."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from model import Compressibility, OpenLoop, Run, Scenario, simulate


def rows(run: Run) -> str:
    """All rows, written so that not a numbers equal themselves."""
    return repr([[*run.requests], [*run.batches], [*run.appends], run.guarantees])


@given(data=st.data())
def test_the_same_seed_finds_the_same_rows(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assert rows(simulate(scenario, 5)) == rows(simulate(scenario, 5))


@given(data=st.data())
def test_another_seed_finds_other_rows_where_the_broker_has_a_tail(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assume(scenario.machine.broker_tail_us and scenario.producer.acks != "0")
    one, other = simulate(scenario, 5), simulate(scenario, 6)
    assume(one.requests)
    assert rows(one) != rows(other)


@given(data=st.data())
def test_the_seed_is_nothing_to_a_world_without_chance(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    arrival, cycle = scenario.workload.arrival, scenario.workload.partition_cycle
    assume(not isinstance(arrival, OpenLoop) or arrival.arrivals == "even")
    assume(cycle or scenario.topic.partitions == 1)
    alike = Compressibility(ratio=0.5, spread=0.0)  # batches of one size shrink alike
    regular = replace(
        scenario,
        machine=replace(scenario.machine, broker_tail_us=0),
        workload=replace(scenario.workload, compressibility=alike),
    )
    assert rows(simulate(regular, 5)) == rows(simulate(regular, 6))
