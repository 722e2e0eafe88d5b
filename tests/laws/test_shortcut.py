"""A broker with one connection does in one event what takes several: the rows are the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Fault, Run, Scenario, simulate
from model.cluster import Cluster
from model.outcome.recorder import Recorder

#: It never strikes, but a broker that has a fault to come goes the long way.
NEVER = Fault(what="nack", at_s=1e6, error="NOT_LEADER_OR_FOLLOWER", requests=1)


def rows(run: Run) -> str:
    """All rows, written so that not a numbers equal themselves; appends by partition."""
    appends = sorted(run.appends, key=lambda row: (row.partition, row.base_offset))
    return repr([[*run.requests], [*run.batches], appends, run.guarantees])


@given(data=st.data())
def test_the_shortcut_and_the_long_way_give_the_same_rows(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assert rows(simulate(scenario, 1)) == rows(simulate(replace(scenario, faults=(NEVER,)), 1))


@pytest.mark.parametrize(("producers", "fewer"), [(1, True), (2, False)])
def test_the_shortcut_is_taken_where_there_is_one_connection(
    producers: int, fewer: bool, tiny: Callable[..., Scenario]
) -> None:
    scenario = tiny(producers=producers)
    assert (_events(scenario) < _events(replace(scenario, faults=(NEVER,)))) == fewer


def _events(scenario: Scenario) -> int:
    cluster = Cluster.build(scenario, 1, Recorder(scenario.producers))
    cluster.run()
    return cluster.events()
