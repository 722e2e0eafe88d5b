"""A broker goes straight on where nobody can come between: the rows are the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Fault, Run, Scenario, TopicConfig, simulate
from model.cluster import Cluster
from model.outcome.recorder import Recorder

#: It never strikes, but a broker that has a fault to come lets others come between.
NEVER = Fault(what="nack", at_s=1e6, error="NOT_LEADER_OR_FOLLOWER", requests=1)


def rows(run: Run) -> str:
    """All rows, written so that not a numbers equal themselves; appends by partition."""
    appends = sorted(run.appends, key=lambda row: (row.partition, row.base_offset))
    return repr([[*run.requests], [*run.batches], appends, run.guarantees])


@given(data=st.data())
def test_going_straight_on_and_step_by_step_gives_the_same_rows(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assert rows(simulate(scenario, 1)) == rows(simulate(replace(scenario, faults=(NEVER,)), 1))


@pytest.mark.parametrize(("producers", "replicas"), [(1, 1), (1, 3), (2, 1)])
def test_where_one_client_is_alone_fewer_events_do(
    producers: int, replicas: int, tiny: Callable[..., Scenario]
) -> None:
    scenario = tiny(producers=producers, topic=TopicConfig(replicas=replicas))
    fewer = _events(scenario) < _events(replace(scenario, faults=(NEVER,)))
    assert fewer == (producers == 1)


def _events(scenario: Scenario) -> int:
    cluster = Cluster.build(scenario, 1, Recorder(scenario.producers))
    cluster.run()
    return cluster.events()
