"""One connection between a producer and a broker, with the path that it runs over.

Modelled: bytes leave in order at the path's rate, then travel for one propagation delay; the next
request may start once the newest is wholly in the socket's send buffer and fewer than ``max.in
.flight`` are unanswered (InFlightRequests.canSendMore). Answers come back in order; their bytes
take no time. Left out: the receive window, slow start, loss, set-up and loss of the connection.
Units: bytes, seconds.
"""

from collections import deque
from collections.abc import Callable

import simpy

from model.config.cluster import MachineConfig, PathConfig
from model.config.producer import ProducerConfig
from model.messages import ProduceRequest
from model.units import MIB, NOW_TOLERANCE_S

#: Read: the most that Linux grows a send buffer to by itself, net.ipv4.tcp_wmem's default.
SYSTEM_SEND_BUFFER_BYTES = 4 * MIB


class Connection:
    """Requests on their way out, requests unanswered, answers to be read.

    ``on_answer`` is called when something arrives at the client. The broker takes requests with
    ``arrival`` and ``read`` and gives them back with ``answer``.
    """

    def __init__(
        self,
        env: simpy.Environment,
        path: PathConfig,
        producer: ProducerConfig,
        machine: MachineConfig,
        on_answer: Callable[[], None],
    ) -> None:
        self._env = env
        self._path = path
        self._machine = machine
        self._max_in_flight = producer.max_in_flight_requests_per_connection
        self._send_buffer_bytes = producer.send_buffer_bytes
        if producer.send_buffer_bytes < 0:
            self._send_buffer_bytes = SYSTEM_SEND_BUFFER_BYTES
        self._answers_expected = producer.acks != "0"
        self._on_answer = on_answer
        self._on_the_wire_until_s = 0.0
        self._writable_s = 0.0
        self.in_flight: deque[ProduceRequest] = deque()
        self._arrived: deque[ProduceRequest] = deque()
        self._reader: simpy.Event | None = None
        self.answers: deque[ProduceRequest] = deque()
        self._noticed_s = 0.0

    def __repr__(self) -> str:
        return (
            f"<Connection {len(self.in_flight)}/{self._max_in_flight} in flight, "
            f"{len(self._arrived)} unread, {len(self.answers)} answers>"
        )

    def writable_s(self) -> float:
        """When the next request may be sent as things stand: infinity until an answer comes."""
        return self._writable_s if len(self.in_flight) < self._max_in_flight else float("inf")

    def may_send(self, now_s: float) -> bool:
        """Whether a request may be sent now."""
        return self.writable_s() <= now_s + NOW_TOLERANCE_S

    def send(self, request: ProduceRequest) -> None:
        """Start to write a request; it arrives when its last byte has crossed the path."""
        now_s, rate = self._env.now, self._path.bytes_per_s
        start_s = max(now_s, self._on_the_wire_until_s)
        self._on_the_wire_until_s = start_s + request.size_bytes / rate
        request.sent_s = now_s
        request.written_s = self._writable_s = max(now_s, self._buffered_by_s(rate))
        self.in_flight.append(request)
        arrives_s = self._on_the_wire_until_s + self._path.one_way_s
        self._later(arrives_s, request, self._arrive)
        if not self._answers_expected:
            request.received_s = request.written_s
            self._later(request.written_s, request, self._notice)

    def _buffered_by_s(self, rate: float) -> float:
        """When all but one send buffer of what was written has left."""
        return self._on_the_wire_until_s - self._send_buffer_bytes / rate

    def _later(
        self, at_s: float, request: ProduceRequest, then: Callable[[simpy.Event], None]
    ) -> None:
        event = self._env.timeout(at_s - self._env.now, request)
        assert event.callbacks is not None  # a fresh event
        event.callbacks.append(then)

    def _arrive(self, event: simpy.Event) -> None:
        request = _request(event)
        request.arrived_s = self._env.now
        self._arrived.append(request)
        if self._reader is not None:
            self._reader.succeed()
            self._reader = None

    @property
    def readable(self) -> bool:
        """Whether a whole request is there for the broker to read."""
        return bool(self._arrived)

    def arrival(self) -> simpy.Event:
        """An event for the broker to yield while nothing is readable."""
        self._reader = self._env.event()
        return self._reader

    def read(self) -> ProduceRequest:
        """The oldest request that has arrived."""
        return self._arrived.popleft()

    def answer(self, request: ProduceRequest) -> None:
        """Send the answer of a request; with acks=0 there is none."""
        if not self._answers_expected:
            return
        request.received_s = self._env.now + self._path.one_way_s
        wake_s = self._machine.wake_s(request.received_s - request.sent_s)
        self._noticed_s = max(self._noticed_s, request.received_s + wake_s)
        self._later(self._noticed_s, request, self._notice)

    def _notice(self, event: simpy.Event) -> None:
        self.answers.append(_request(event))
        self._on_answer()

    def next_answer(self) -> ProduceRequest:
        """Take the oldest answer: responses come in the order of requests."""
        request = self.answers.popleft()
        oldest = self.in_flight.popleft()
        if oldest is not request:
            raise RuntimeError(f"{self!r}: an answer overtook another")
        return request


def _request(event: simpy.Event) -> ProduceRequest:
    request = event.value
    assert isinstance(request, ProduceRequest)
    return request
