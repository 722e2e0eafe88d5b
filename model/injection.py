"""What strikes at one instant: resets, crashes, the end of a producer's process.

One process for each such fault. Faults that only change how long things take or what is answered
are looked up where that matters and need no process. Units: seconds.
"""

from collections.abc import Iterable, Sequence

from model.alarm import Process
from model.broker.broker import Broker
from model.broker.lifecycle import BrokerLifecycle
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.clock import Clock
from model.config.faults import (
    BrokerDown,
    BrokerIsolation,
    ConnectionReset,
    Fault,
    ProducerRestart,
)
from model.producer.producer import Producer


def inject(
    env: Clock,
    faults: Iterable[Fault],
    brokers: list[Broker],
    fetchers: list[ReplicaFetcherThread],
    producers: list[Producer],
    lifecycles: Sequence[BrokerLifecycle] = (),
) -> None:
    """Have these faults strike, those of one instant in their order.

    ``lifecycles``: of the brokers, where a controller looks after them.
    """
    for fault in faults:
        if isinstance(fault, BrokerDown):
            if lifecycles:
                env.process(_leave(env, fault, lifecycles, fetchers))
            else:
                env.process(_crash(env, fault, brokers))
        elif isinstance(fault, BrokerIsolation):
            env.process(_isolate(env, fault, fetchers))
        elif isinstance(fault, ConnectionReset):
            env.process(_reset(env, fault, producers))
        elif isinstance(fault, ProducerRestart):
            env.process(_restart(env, fault, producers))


def _crash(env: Clock, fault: BrokerDown, brokers: list[Broker]) -> Process:
    """Brokers die; that they are down for a while is known to the paths that lead to them."""
    yield env.timeout(fault.at_s)
    for number, broker in enumerate(brokers):
        if fault.strikes(number):
            broker.crash(forget=fault.forgets)


def _leave(
    env: Clock,
    fault: BrokerDown,
    lifecycles: Sequence[BrokerLifecycle],
    fetchers: list[ReplicaFetcherThread],
) -> Process:
    """Brokers are killed, or shut down, which takes a while."""
    yield env.timeout(fault.at_s)
    for number, lifecycle in enumerate(lifecycles):
        if fault.strikes(number):
            env.process(lifecycle.go_down(fault, [f for f in fetchers if f.follower == number]))


def _isolate(env: Clock, fault: BrokerIsolation, fetchers: list[ReplicaFetcherThread]) -> Process:
    """Nothing is copied to or from these brokers any more; the controller hears nothing of them."""
    yield env.timeout(fault.at_s)
    for fetcher in fetchers:
        if fault.strikes(fetcher.follower) or fault.strikes(fetcher.leader):
            fetcher.stop(fault.for_s)


def _reset(env: Clock, fault: Fault, producers: list[Producer]) -> Process:
    """Connections are torn down."""
    yield env.timeout(fault.at_s)
    for producer in producers:
        producer.reset(fault.strikes)


def _restart(env: Clock, fault: ProducerRestart, producers: list[Producer]) -> Process:
    """Producers die and come back."""
    yield env.timeout(fault.at_s)
    for producer in producers:
        producer.end()
    yield env.timeout(fault.for_s)
    for producer in producers:
        producer.come_back()
