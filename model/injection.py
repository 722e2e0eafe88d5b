"""What strikes at one instant: resets, crashes, the end of a producer's process.

One process for each such fault. Faults that only change how long things take or what is answered
are looked up where that matters and need no process. Units: seconds.
"""

from collections.abc import Iterable

import simpy

from model.alarm import Process
from model.broker.broker import Broker
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.config.faults import BrokerDown, ConnectionReset, Fault, ProducerRestart
from model.producer.producer import Producer


def inject(
    env: simpy.Environment,
    faults: Iterable[Fault],
    brokers: list[Broker],
    fetchers: list[ReplicaFetcherThread],
    producers: list[Producer],
) -> None:
    """Have these faults strike, those of one instant in their order."""
    for fault in faults:
        if fetchers and fault.fences_at_s is not None:
            env.process(_fence(env, fault, fault.fences_at_s, brokers))
        if isinstance(fault, BrokerDown):
            env.process(_crash(env, fault, brokers, fetchers))
        elif isinstance(fault, ConnectionReset):
            env.process(_reset(env, fault, producers))
        elif isinstance(fault, ProducerRestart):
            env.process(_restart(env, fault, producers))


def _crash(
    env: simpy.Environment,
    fault: BrokerDown,
    brokers: list[Broker],
    fetchers: list[ReplicaFetcherThread],
) -> Process:
    """Brokers die; that they are down for a while is known to the paths that lead to them."""
    yield env.timeout(fault.at_s)
    for number, broker in enumerate(brokers):
        if fault.strikes(number):
            broker.crash(forget=fault.forgets)
    for fetcher in fetchers:
        if fault.strikes(fetcher.follower):
            fetcher.crash(fault.for_s)


def _fence(env: simpy.Environment, fault: Fault, at_s: float, brokers: list[Broker]) -> Process:
    """The controller takes brokers that it has not heard of out of every ISR."""
    yield env.timeout(at_s)
    for number in range(len(brokers)):
        if fault.strikes(number):
            for leader in brokers:
                leader.replica_manager.fence(number)


def _reset(env: simpy.Environment, fault: Fault, producers: list[Producer]) -> Process:
    """Connections are torn down."""
    yield env.timeout(fault.at_s)
    for producer in producers:
        producer.reset(fault.strikes)


def _restart(env: simpy.Environment, fault: ProducerRestart, producers: list[Producer]) -> Process:
    """Producers die and come back."""
    yield env.timeout(fault.at_s)
    for producer in producers:
        producer.end()
    yield env.timeout(fault.for_s)
    for producer in producers:
        producer.come_back()
