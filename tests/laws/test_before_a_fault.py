"""A run is bit for bit the one without a fault until the fault strikes, and the half of a longer.

That a fault is to come, or where a run ends, decides whether a broker works in one event or in
several; rows must not tell.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import PathConfig, ProducerConfig, Run, Scenario, TopicConfig, Workload, simulate
from model.broker.pace import Pace
from model.cluster import Cluster
from model.config.faults import KINDS, Fault
from model.outcome.recorder import Recorder
from model.units import NOW_TOLERANCE_S

#: Which instant of a row says when it was written.
WRITTEN = {
    "requests": "handled_s",
    "batches": "acked_s",
    "appends": "appended_s",
    "decisions": "decided_s",
    "failures": "failed_s",
    "lost": "lost_s",
}


def until(run: Run, at_s: float) -> dict[str, list[str]]:
    """What a run has written before an instant; repr tells every bit, and an int from a float.

    What an election cut off later had been written all the same. Nearer to the instant than the
    tolerance is at it: a record that is given up then is so by one who looks a bit later.
    """
    rows = {name: list(getattr(run, name)) for name in WRITTEN}
    rows["appends"] = sorted(
        (*run.appends, *run.truncated), key=lambda row: (row.appended_s, row.partition)
    )
    # a record is given up when somebody looks, producer by producer at the end of a run
    rows["failures"] = sorted(run.failures, key=lambda row: (row.failed_s, row.producer))
    return {
        name: [repr(row) for row in rows[name] if getattr(row, instant) < at_s - NOW_TOLERANCE_S]
        for name, instant in WRITTEN.items()
    }


def are_in_the_order_of_time(run: Run) -> bool:
    """Whether appends and decisions are."""
    appended_s = [row.appended_s for row in run.appends]
    decided_s = [row.decided_s for row in run.decisions]
    return appended_s == sorted(appended_s) and decided_s == sorted(decided_s)


def a_fault_to_come_changes_nothing(scenario: Scenario, fault: Fault, seed: int) -> None:
    """The law, for one world.

    Left out: no acks, and no distance to a broker with followers. Instants coincide there to the
    bit (a client's pass and the end of its write, a request and a fetch), and which is first hangs
    on events that are others where a fault may strike: few of a thousand worlds differ.
    """
    unheard = scenario.producer.acks == "0"
    if unheard or (scenario.path.rtt_ms == 0 and scenario.topic.replicas > 1):
        return
    try:
        troubled = replace(scenario, faults=(fault,))
    except ValueError:
        return  # no such fault in that cluster
    calm, run = simulate(scenario, seed), simulate(troubled, seed)
    assert until(run, fault.at_s) == until(calm, fault.at_s)
    assert are_in_the_order_of_time(run)
    assert are_in_the_order_of_time(calm)


def the_first_half_is_the_run_of_half_the_length(scenario: Scenario, seed: int) -> None:
    """The law, for one world."""
    longer = replace(scenario, measured_s=scenario.warmup_s + 2 * scenario.measured_s)
    half, whole = simulate(scenario, seed), simulate(longer, seed)
    assert until(half, scenario.horizon_s) == until(whole, scenario.horizon_s)


@st.composite
def faults_to_come(draw: st.DrawFn) -> Fault:
    """Any kind, once the run is half over."""
    what = draw(st.sampled_from(sorted(KINDS)))
    needed: dict[str, dict[str, Any]] = {
        "latency-spike": {"rtt_ms": 100.0},
        "slow-broker": {"times": 20.0},
        "nack": {"error": "KAFKA_STORAGE_ERROR", "requests": 2},
    }
    own = needed.get(what, {})
    own |= {"for_s": 0.02} if what not in ("connection-reset", "nack") else {}
    return Fault(what=what, at_s=draw(st.sampled_from([0.03, 0.0457])), **own)


@given(data=st.data(), fault=faults_to_come(), seed=st.integers(0, 3))
def test_a_fault_to_come_changes_nothing(
    data: st.DataObject, fault: Fault, seed: int, scenarios: st.SearchStrategy[Scenario]
) -> None:
    a_fault_to_come_changes_nothing(data.draw(scenarios), fault, seed)


@given(data=st.data(), seed=st.integers(0, 3))
def test_the_first_half_of_a_run_is_the_run_of_half_the_length(
    data: st.DataObject, seed: int, scenarios: st.SearchStrategy[Scenario]
) -> None:
    the_first_half_is_the_run_of_half_the_length(data.draw(scenarios), seed)


@pytest.mark.trial
@settings(max_examples=1_000)
@given(data=st.data(), fault=faults_to_come(), seed=st.integers(0, 3))
def test_a_fault_to_come_changes_nothing_in_a_thousand_worlds(
    data: st.DataObject, fault: Fault, seed: int, scenarios: st.SearchStrategy[Scenario]
) -> None:
    a_fault_to_come_changes_nothing(data.draw(scenarios), fault, seed)


@pytest.mark.trial
@settings(max_examples=1_000)
@given(data=st.data(), seed=st.integers(0, 3))
def test_the_first_half_is_that_of_half_the_length_in_a_thousand_worlds(
    data: st.DataObject, seed: int, scenarios: st.SearchStrategy[Scenario]
) -> None:
    the_first_half_is_the_run_of_half_the_length(data.draw(scenarios), seed)


def test_that_another_broker_may_come_to_lead_wakes_nobody_before(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    """The Sender knows the followers then; a pass for them would sample the queues once more."""
    calm = tiny(
        path=PathConfig(rtt_ms=1, bytes_per_s=2e6),
        topic=TopicConfig(partitions=2, replicas=3),
        acks="1",
        enable_idempotence=False,
        batch_size_bytes=200,
        buffer_memory_bytes=3_200,
        max_in_flight_requests_per_connection=1,
        workload=Workload(value_bytes=0),
        machine=machine(broker_request_us=90, client_append_us=2, client_request_us=60),
    )
    crash = Fault(what="broker-crash", at_s=0.05, for_s=0.02)
    assert replace(calm, faults=(crash,)).may_elect
    a_fault_to_come_changes_nothing(calm, crash, 0)


def test_the_first_instant_of_a_run_is_a_float(tiny: Callable[..., Any]) -> None:
    """SimPy's clock starts at an integer by itself."""
    assert repr(simulate(tiny(), 1).requests[0].drained_s) == "0.0"


def test_work_takes_as_long_to_the_bit_until_a_spell_strikes() -> None:
    pause = Fault(what="broker-pause", at_s=5.0, for_s=1.0)
    assert 0.1 + 0.2 - 0.1 != 0.2
    assert Pace((pause,)).delay_s(0.1, 0.2) == 0.2
    assert Pace((pause,)).delay_s(6.1, 0.2) == 0.2
    assert Pace((pause,)).delay_s(4.5, 1.0) == 2.0


def test_brokers_that_work_in_one_event_report_in_the_order_of_time(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    slow = machine(broker_request_us=300, broker_batch_us=400)
    run = simulate(tiny(topic=TopicConfig(partitions=5, brokers=2), machine=slow), 1)
    assert {row.partition % 2 for row in run.appends} == {0, 1}
    assert are_in_the_order_of_time(run)


def test_a_request_timeout_of_zero_comes_to_an_end() -> None:
    """Kafka takes it. A watch that looks no further ahead than now would be due for ever."""
    impatient = ProducerConfig(request_timeout_ms=0)
    path = PathConfig(rtt_ms=1)
    scenario = Scenario(path=path, producer=impatient, warm_start=True, warmup_s=0, measured_s=0.02)
    cluster = Cluster.build(scenario, 1, Recorder(1))
    cluster.start()
    for _ in range(20_000):
        if cluster.env.peek() > scenario.horizon_s:
            return
        cluster.env.step()
    pytest.fail(f"after 20,000 events it is {cluster.env.now} s")
