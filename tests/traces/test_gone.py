"""What becomes of requests whose client has let go of the connection, instant by instant."""

from collections.abc import Callable
from typing import Any

import pytest

from model import (
    BrokerConfig,
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from model.broker.follower_connection import FollowerConnection
from model.cluster import Cluster
from model.outcome.recorder import Recorder
from model.wire.errors import Error
from model.wire.requests import Request, RequestKind


def test_an_answer_that_nobody_awaits_draws_a_reset_after_which_nothing_is_appended(
    machine: Callable[..., Any],
) -> None:
    """Five requests of one record; the broker takes 20 ms for each, the client gives up after 15.

    Both requests that it worked on when the reset was on its way are appended, no more.
    """
    producer = ProducerConfig(
        acks="1",
        enable_idempotence=False,
        batch_size_bytes=1_200,
        linger_ms=0,
        request_timeout_ms=15,
        retry_backoff_ms=1_000,
        reconnect_backoff_ms=1_000,
    )
    scenario = Scenario(
        path=PathConfig(rtt_ms=10),
        producer=producer,
        workload=Workload(arrival=OpenLoop(1_000, records=5)),
        machine=machine(broker_request_us=20_000),
        warm_start=True,
        warmup_s=0,
        measured_s=0.5,
    )
    appended = [
        (row.first_record, round(row.appended_s * 1e3, 2)) for row in simulate(scenario, 1).appends
    ]
    assert [record for record, _ in appended] == [0, 1]
    assert [at_ms for _, at_ms in appended] == pytest.approx([18.33, 38.33], abs=0.01)


def test_a_request_whose_connection_went_while_it_was_built_was_sent_when_it_was_lost(
    tiny: Callable[..., Scenario],
) -> None:
    cluster = Cluster.build(tiny(), 1, Recorder(1))
    (producer,) = cluster.producers
    client = producer._client
    cluster.env.run(until=0.25)
    assert client.control_request(RequestKind.METADATA, 0.25) is None  # nothing is connected
    built = Request(7, 0, 0, 0.2, RequestKind.METADATA)
    client.send(built)
    assert client.lost == [(built, Error.NETWORK_EXCEPTION)]
    assert built.sent_s == 0.25


@pytest.mark.parametrize("replicas", [1, 3])
def test_a_network_thread_serves_the_connections_that_there_are(
    tiny: Callable[..., Scenario], replicas: int
) -> None:
    """Cut five times and made again; one broker restarts meanwhile, and has new threads."""
    cuts = (Fault(what="connection-reset", at_s=at_s) for at_s in (0.3, 0.6, 0.9, 1.2, 1.9))
    faults = (*cuts, Fault(what="broker-restart", at_s=1.4, for_s=0.2, broker=0))
    scenario = tiny(
        producers=5,
        topic=TopicConfig(partitions=3, brokers=3, replicas=replicas),
        broker=BrokerConfig(num_network_threads=2),
        workload=Workload(arrival=OpenLoop(500)),
        faults=faults,
        measured_s=3.0,
    )
    cluster = Cluster.build(scenario, 1, Recorder(5))
    cluster.run()
    for broker in cluster.brokers:
        threads = [thread.connections for thread in broker._network_threads]
        assert sum(threads) == len(broker._open) >= 5
        copied = {each._connection for each in cluster.fetchers if each.leader == broker.number}
        assert {each for each in broker._open if isinstance(each, FollowerConnection)} == (
            copied - {None}
        )
        assert min(threads) > 0
    assert max(broker._accepted - len(broker._open) for broker in cluster.brokers) >= 20


@pytest.mark.parametrize("first", ["connection-reset", "producer-restart"])
def test_what_was_on_a_connection_that_is_reset_as_its_process_ends_is_sent_again(
    first: str, tiny: Callable[..., Scenario]
) -> None:
    """Both in one instant, while a request is on its way: in either order of the two."""
    faults = [
        Fault(what="connection-reset", at_s=0.1),
        Fault(what="producer-restart", at_s=0.1, for_s=0.05),
    ]
    ordered = sorted(faults, key=lambda fault: fault.what != first)
    scenario = tiny(
        path=PathConfig(rtt_ms=20),
        workload=Workload(arrival=OpenLoop(300, records=90)),
        faults=tuple(ordered),
        measured_s=2.0,
    )
    books = simulate(scenario, seed=1).guarantees
    assert (books.unfinished, books.failed, books.acked) == (0, 0, 90)


@pytest.mark.parametrize("second", [(0.2, 0.1), (0.2, 0.5)])
def test_a_process_that_is_killed_while_it_is_down_comes_back_once_when_both_let_it(
    second: tuple[float, float], tiny: Callable[..., Scenario]
) -> None:
    at_s, for_s = second
    scenario = tiny(
        path=PathConfig(rtt_ms=20),
        workload=Workload(arrival=OpenLoop(300, records=90)),
        faults=(
            Fault(what="producer-restart", at_s=0.1, for_s=0.4),
            Fault(what="producer-restart", at_s=at_s, for_s=for_s),
        ),
        measured_s=3.0,
    )
    run = simulate(scenario, seed=1)
    assert (run.guarantees.unfinished, run.guarantees.failed) == (0, 0)
    down_until_s = max(0.5, at_s + for_s)
    assert min(row.drained_s for row in run.batches if row.drained_s > 0.1) > down_until_s
    assert len({row.producer_id for row in run.batches}) == 2


def test_a_process_that_starts_again_at_once_has_locks_of_its_own(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    """An append of 50 ms, which the end of its process cuts short after 5 of them."""
    scenario = tiny(
        machine=machine(broker_batch_us=50_000),
        workload=Workload(arrival=OpenLoop(1_000, records=1)),
        faults=(Fault(what="broker-crash", at_s=0.010, for_s=0.001),),
        reconnect_backoff_ms=1.0,
        retry_backoff_ms=1.0,
        measured_s=0.5,
    )
    [row] = simulate(scenario, 1).appends
    # heard of at 15; a SYN, ApiVersions and the batch take half a round trip each and back
    assert 0.015 + 0.025 + 0.05 <= row.appended_s < 0.1
