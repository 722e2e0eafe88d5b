"""The Sender thread (Sender.java and NetworkClient.java): one per producer, for all brokers.

Each pass does, in this order: look which brokers are ready and can take a request, drain at most
one batch per partition into one request per broker, write them; read at most one response per
connection, complete its batches, free their memory. Records that the application sent in the same
instant as a drain are in it; a response that arrives in the same instant as a drain is read after
it. The time that the pass takes is the thread's: writing starts after the requests were built,
memory is free after the responses were handled. Left out until something fails: retries, expiry,
timeouts, metadata, the producer id's exchange. Units: seconds.
"""

from collections.abc import Iterator

import simpy

from model.alarm import Alarm, Process
from model.config.cluster import MachineConfig
from model.config.producer import ProducerConfig
from model.facts import Probe
from model.messages import UNKNOWN_OFFSET, ProduceRequest
from model.network.connection import Connection
from model.producer.accumulator import NEVER_S, RecordAccumulator
from model.producer.application import Application
from model.units import MICROSECOND_S

#: Assumed: the work per request is shared evenly by sending it and by reading its response.
SEND_SHARE = ANSWER_SHARE = 1 / 2


class Sender:
    """Takes batches from the accumulator to the brokers and answers back to the application."""

    def __init__(
        self,
        env: simpy.Environment,
        producer: int,
        config: ProducerConfig,
        machine: MachineConfig,
        application: Application,
        accumulator: RecordAccumulator,
        request_numbers: Iterator[int],
        probe: Probe,
    ) -> None:
        self._env = env
        self._producer = producer
        self._config = config
        self._application = application
        self._accumulator = accumulator
        self._request_numbers = request_numbers
        self._probe = probe
        self._connections: list[Connection] = []
        self.alarm = Alarm(env)
        self._request_s = machine.client_request_us * MICROSECOND_S
        self._byte_s = machine.client_byte_us * MICROSECOND_S
        self._record_s = machine.client_record_us * MICROSECOND_S

    def run(self, connections: list[Connection]) -> Process:
        """Pass after pass; sleep when a pass found nothing to do."""
        self._connections = connections
        while True:
            self._application.catch_up(self._env.now)
            requests, next_check_s = self._drain()
            if requests:
                yield self._env.timeout(self._sending_s(requests))
                for request in requests:
                    connections[request.broker].send(request)
            answered = [line.next_answer() for line in connections if line.answers]
            if answered:
                yield self._env.timeout(self._answers_s(answered))
                self._complete(answered)
            if not requests and not answered:
                yield self.alarm.sleep(next_check_s)

    def _drain(self) -> tuple[list[ProduceRequest], float]:
        """The requests of this pass, and when the next could be due if there are none."""
        now_s = self._env.now
        self._application.see_queues()
        writable = [broker for broker, line in enumerate(self._connections) if line.may_send(now_s)]
        ready, next_check_s = self._accumulator.ready(writable, now_s)
        requests = [self._request(broker, now_s) for broker in ready]
        if not requests:
            next_check_s = min(next_check_s, self._next_opportunity_s(writable))
        return requests, next_check_s

    def _next_opportunity_s(self, writable: list[int]) -> float:
        """When a socket takes the next request, or the application moves while one could go."""
        waiting = (
            line.writable_s()
            for broker, line in enumerate(self._connections)
            if broker not in writable
        )
        application_s = self._application.next_step_s() if writable else NEVER_S
        return min(application_s, min(waiting, default=NEVER_S))

    def _request(self, broker: int, now_s: float) -> ProduceRequest:
        batches = self._accumulator.drain(broker, now_s)
        if self._config.guarantees_message_order:
            self._accumulator.muted.update(batch.partition for batch in batches)
        return ProduceRequest(next(self._request_numbers), self._producer, broker, batches, now_s)

    def _sending_s(self, requests: list[ProduceRequest]) -> float:
        size_bytes = sum(request.size_bytes for request in requests)
        return len(requests) * self._request_s * SEND_SHARE + size_bytes * self._byte_s

    def _answers_s(self, answered: list[ProduceRequest]) -> float:
        records = sum(request.records for request in answered)
        return len(answered) * self._request_s * ANSWER_SHARE + records * self._record_s

    def _complete(self, answered: list[ProduceRequest]) -> None:
        """Acknowledge the batches of these requests and free what they held.

        What the application did meanwhile, it did without that memory.
        """
        now_s = self._env.now
        self._application.catch_up(now_s)
        for request in answered:
            for batch in request.batches:
                if self._config.acks == "0":
                    batch.base_offset = UNKNOWN_OFFSET
                self._accumulator.release(batch)
            self._application.schedule.completed(request.records, now_s)
            self._probe.request_answered(request, now_s)
