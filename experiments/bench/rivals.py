"""What one would run instead: a model in which every record is a process, and a mock cluster.

The per-record model is the plain SimPy way to say what Kafka's producer does, with the model's
constants, so that it gives the same throughput. Left out is all else that the model knows: several
partitions, retries, sequence numbers, the log, rows of what happened.

librdkafka's mock cluster lives in the process of a real producer in C, and answers at once: it says
nothing about distance. Needs the extra ``bench``. Units: seconds, bytes.
"""

from collections.abc import Generator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import simpy

from experiments.bench.cases import Work
from model import Saturating, Scenario
from model.streams import exponentials, stream
from model.units import MICROSECOND_S, seconds
from model.wire.sizes import request_bytes

LEFT_OUT = "librdkafka's mock cluster is left out: confluent_kafka is not installed (extra: bench)"

Process = Generator[simpy.Event, Any, Any]


class Batch:
    """Records that travel together; ``acknowledged`` is what they wait for."""

    def __init__(self, env: simpy.Environment) -> None:
        self.records = 0
        self.full = env.event()
        self.acknowledged = env.event()


class PerRecordProducer:
    """One saturating producer, one partition, one broker."""

    def __init__(self, env: simpy.Environment, scenario: Scenario, seed: int) -> None:
        assert isinstance(scenario.workload.arrival, Saturating)
        assert scenario.topic.partitions == scenario.producers == 1
        self.env, self.scenario = env, scenario
        self.machine, self.packing = scenario.machine, scenario.packing
        producer = scenario.producer
        buffers = producer.buffer_memory_bytes // producer.batch_size_bytes
        self.room = simpy.Resource(env, buffers * self.packing.records)
        self.batches = simpy.Store(env)
        self.open: Batch | None = None
        self.in_flight = simpy.Resource(env, producer.max_in_flight_requests_per_connection)
        self.client_thread, self.broker = simpy.Resource(env), simpy.Resource(env)
        tail_s = self.machine.broker_tail_us * MICROSECOND_S
        self.tail_s = exponentials(tail_s, stream(seed, "broker-0/tail"))
        self.requests, self.records = 0, 0

    def application(self) -> Process:
        """Send one record after the other, as fast as `buffer.memory` has room."""
        while True:
            place = self.room.request()
            yield place
            self.env.process(self.record(place))
            yield self.env.timeout(self.machine.client_append_us * MICROSECOND_S)

    def record(self, place: Any) -> Process:
        """Join the open batch, wait for its acknowledgement, give the room back."""
        if self.open is None:
            self.open = Batch(self.env)
            self.env.process(self.linger(self.open))
        batch = self.open
        batch.records += 1
        if batch.records == self.packing.records:
            self.open = None
            batch.full.succeed()
        yield batch.acknowledged
        self.room.release(place)
        self.records += 1

    def linger(self, batch: Batch) -> Process:
        """Hand a batch to the Sender when it is full, or when it has waited long enough."""
        yield batch.full | self.env.timeout(seconds(self.scenario.producer.linger_ms))
        if self.open is batch:
            self.open = None
        yield self.batches.put(batch)

    def sender(self) -> Process:
        """Send a batch whenever fewer than `max.in.flight` requests are unanswered."""
        while True:
            turn = self.in_flight.request()
            yield turn
            batch = yield self.batches.get()
            size_bytes = request_bytes(self.packing.sizes[batch.records], 1)
            yield from self.client_work(self.machine.client_byte_us * size_bytes)
            self.env.process(self.request(batch, size_bytes, turn))

    def request(self, batch: Batch, size_bytes: int, turn: Any) -> Process:
        """One request: there, served, back, taken up, acknowledged."""
        machine, path = self.machine, self.scenario.path
        yield self.env.timeout(path.one_way_s)
        work_us = machine.broker_request_us + machine.broker_batch_us
        work_us += size_bytes * machine.broker_byte_us
        yield from self.serve(self.broker, work_us * MICROSECOND_S + next(self.tail_s))
        yield self.env.timeout(path.one_way_s)
        yield self.env.timeout(machine.wake_s(path.rtt_s))
        yield from self.client_work(machine.client_record_us * batch.records)
        self.in_flight.release(turn)
        self.requests += 1
        batch.acknowledged.succeed()

    def client_work(self, beside_us: float) -> Process:
        """Half of a request's work on the Sender thread, and what is due beside it."""
        work_us = self.machine.client_request_us / 2 + beside_us
        yield from self.serve(self.client_thread, work_us * MICROSECOND_S)

    def serve(self, server: simpy.Resource, work_s: float) -> Process:
        """Wait for a server, and for what it has to do."""
        with server.request() as turn:
            yield turn
            yield self.env.timeout(work_s)


def per_record(scenario: Scenario, seed: int) -> Work:
    """Run the per-record model to the scenario's horizon."""
    env = simpy.Environment()
    producer = PerRecordProducer(env, scenario, seed)
    env.process(producer.application())
    env.process(producer.sender())
    env.run(until=scenario.horizon_s)
    return Work(producer.requests, producer.records, scenario.horizon_s)


def installed() -> bool:
    """Whether there is a librdkafka to compare with."""
    return find_spec("confluent_kafka") is not None


def mock_cluster(scenario: Scenario, records: int) -> Work:
    """Produce so many records to a mock cluster of as many brokers, and wait for every ack."""
    settings = scenario.producer
    producer = import_module("confluent_kafka").Producer(
        {
            "test.mock.num.brokers": scenario.topic.brokers,
            "enable.idempotence": settings.enable_idempotence,
            "acks": settings.acks,
            "batch.size": settings.batch_size_bytes,
            "linger.ms": settings.linger_ms,
            "max.in.flight": settings.max_in_flight_requests_per_connection,
            "log_level": 0,
        }
    )
    value, acked = bytes(scenario.workload.value_bytes), 0

    def on_delivery(error: Any, _: Any) -> None:
        nonlocal acked
        assert error is None, f"the mock cluster refused a record: {error}"
        acked += 1

    sent = 0
    while sent < records:
        try:
            producer.produce("bench", value, on_delivery=on_delivery)
            sent += 1
            producer.poll(0)
        except BufferError:  # librdkafka's queue is full: let it work, as its examples do
            producer.poll(0.1)
    producer.flush(60.0)
    assert acked == records, f"the mock cluster acknowledged {acked} of {records} records"
    return Work(records=acked)
