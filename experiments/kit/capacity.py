"""Scenarios that are looked at when the producer sends as fast as it can."""

from dataclasses import replace

from experiments.kit.horizon import over_requests
from model import Saturating, Scenario

#: Ours: as many requests as make a throughput known to a per cent or so.
WARMUP_REQUESTS, MEASURED_REQUESTS = 60, 200
#: Batches for each partition that the memory is cut down to: the queue never runs dry.
QUEUED_BATCHES = 16


def at_capacity(
    scenario: Scenario, warmup: int = WARMUP_REQUESTS, measured: int = MEASURED_REQUESTS
) -> Scenario:
    """The scenario with an application that never pauses; so many full requests a connection.

    A deeper queue than ``QUEUED_BATCHES`` adds waiting and no throughput, and most of a short run
    would go into filling it.
    """
    producer = scenario.producer
    enough = QUEUED_BATCHES * scenario.topic.partitions * producer.batch_size_bytes
    memory = min(producer.buffer_memory_bytes, max(enough, producer.max_request_size_bytes))
    producer = replace(producer, buffer_memory_bytes=memory)
    workload = replace(scenario.workload, arrival=Saturating())
    busy = replace(scenario, producer=producer, workload=workload, warm_start=True)
    connections = scenario.producers * min(scenario.topic.brokers, scenario.topic.partitions)
    return over_requests(busy, warmup * connections, measured * connections)
