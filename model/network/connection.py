"""One TCP connection between a producer and a broker, with the path that it runs over.

Modelled: bytes leave in order at the path's rate, then travel for one propagation delay; the next
request may start once the newest is wholly in the socket's send buffer and fewer than ``max.in
.flight`` are unanswered (InFlightRequests.canSendMore). Answers come back in order; their bytes
take no time. Either end may go: a client that closes leaves what it sent to its kernel, which
still delivers it, and the broker reads on until an answer that nobody awaits has drawn a reset.
Left out: the receive window, slow start of a new connection. Units: bytes, seconds.
"""

from collections import deque
from collections.abc import Callable

import simpy

from model.config.cluster import MachineConfig
from model.config.producer import ProducerConfig
from model.messages import Request
from model.network.path import ByteStream, Path, Way
from model.units import MIB, NOW_TOLERANCE_S

#: Read: the most that Linux grows a send buffer to by itself, net.ipv4.tcp_wmem's default.
SYSTEM_SEND_BUFFER_BYTES = 4 * MIB
#: Assumed: a produce response for a few partitions.
ANSWER_BYTES = 100
NEVER_S = float("inf")


class Connection:
    """Requests on their way out, requests unanswered, answers to be read.

    ``on_answer`` is called when something arrives at the client, ``on_lost`` when the client learns
    that the connection is gone. The broker takes requests with ``arrival`` and ``read`` and gives
    them back with ``answer``.
    """

    def __init__(
        self,
        env: simpy.Environment,
        path: Path,
        producer: ProducerConfig,
        machine: MachineConfig,
        on_answer: Callable[[], None],
        on_lost: Callable[["Connection"], None],
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
        self._on_lost = on_lost
        self._out, self._back = ByteStream(path, Way.OUT), ByteStream(path, Way.BACK)
        self._on_the_wire_until_s = 0.0
        self._writable_s = 0.0
        self.in_flight: deque[Request] = deque()
        # In the order of bytes: two events for one instant may be an ulp apart the wrong way round.
        self._going: deque[Request] = deque()
        self._coming: deque[Request] = deque()
        self._unacknowledged: deque[tuple[int, float]] = deque()  # bytes, and until when
        self._arrived: deque[Request] = deque()
        self._reader: simpy.Event | None = None
        self.answers: deque[Request] = deque()
        self._noticed_s = 0.0
        self.closed = False  # by the client
        self.finished = False  # the broker has seen the end of what the client sent
        self.broken = False  # at the broker: nothing is read or written any more
        self._reset_s = NEVER_S  # when the broker's next write fails
        self._client_gone_s = NEVER_S  # when the client's kernel stops sending what is left

    def __repr__(self) -> str:
        return (
            f"<Connection {len(self.in_flight)}/{self._max_in_flight} in flight, "
            f"{len(self._arrived)} unread, {len(self.answers)} answers>"
        )

    def writable_s(self) -> float:
        """When the next request may be sent as things stand: infinity until an answer comes."""
        return self._writable_s if len(self.in_flight) < self._max_in_flight else NEVER_S

    def may_send(self, now_s: float) -> bool:
        """Whether a request may be sent now."""
        return self.writable_s() <= now_s + NOW_TOLERANCE_S

    def send(self, request: Request) -> None:
        """Start to write a request; it arrives when its last byte has crossed the path."""
        now_s, rate = self._env.now, self._path.bytes_per_s
        start_s = max(now_s, self._on_the_wire_until_s)
        self._on_the_wire_until_s = start_s + request.size_bytes / rate
        arrives_s = self._arrival_s(request)
        request.sent_s = now_s
        request.written_s = self._writable_s = max(now_s, self._buffered_by_s(rate))
        if not self._path.calm:
            self._writable_s = max(self._writable_s, self._room_by_s(request, arrives_s))
            request.written_s = self._writable_s
        self.in_flight.append(request)
        self._going.append(request)
        self._at(arrives_s, self._arrive)
        if not self._awaits_answer(request):
            request.received_s = request.written_s
            self._coming.append(request)
            self._at(request.written_s, self._notice)

    def _arrival_s(self, request: Request) -> float:
        if self._path.calm:
            return self._on_the_wire_until_s + self._path.one_way_s
        return self._out.arrival_s(self._on_the_wire_until_s, request.size_bytes)

    def _awaits_answer(self, request: Request) -> bool:
        return self._answers_expected or not request.batches

    def _room_by_s(self, request: Request, arrives_s: float) -> float:
        """When all but one send buffer of what was written is acknowledged by the other kernel."""
        self._unacknowledged.append((request.size_bytes, self._path.acknowledged_s(arrives_s)))
        room_s, held_bytes = 0.0, sum(size_bytes for size_bytes, _ in self._unacknowledged)
        while held_bytes > self._send_buffer_bytes + request.size_bytes:
            size_bytes, room_s = self._unacknowledged.popleft()
            held_bytes -= size_bytes
        return room_s

    def _buffered_by_s(self, rate: float) -> float:
        """When all but one send buffer of what was written has left."""
        return self._on_the_wire_until_s - self._send_buffer_bytes / rate

    def _at(self, at_s: float, then: Callable[[simpy.Event], None]) -> None:
        event = self._env.timeout(max(0.0, at_s - self._env.now))
        assert event.callbacks is not None  # a fresh event
        event.callbacks.append(then)

    def _arrive(self, _: simpy.Event) -> None:
        request = self._going.popleft()
        left_s = self._env.now - self._path.one_way_s
        if self.broken or left_s > self._client_gone_s + NOW_TOLERANCE_S:
            return
        request.arrived_s = self._env.now
        self._arrived.append(request)
        self._wake_reader()

    def _wake_reader(self) -> None:
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

    def read(self) -> Request:
        """The oldest request that has arrived."""
        return self._arrived.popleft()

    def answer(self, request: Request) -> None:
        """Send the answer of a request; with acks=0 a produce request has none."""
        if not self._awaits_answer(request) or self.broken:
            return
        now_s = self._env.now
        if now_s >= self._reset_s:
            self.broken = True
        elif self.closed:
            self._draw_reset()
        else:
            request.received_s = self._answered_by_s(now_s)
            wake_s = self._machine.wake_s(request.received_s - request.sent_s)
            self._noticed_s = max(self._noticed_s, request.received_s + wake_s)
            self._coming.append(request)
            self._at(self._noticed_s, self._notice)

    def _answered_by_s(self, now_s: float) -> float:
        if self._path.calm:
            return now_s + self._path.one_way_s
        return self._back.arrival_s(now_s, ANSWER_BYTES)

    def _draw_reset(self) -> None:
        """An answer for a client that has gone: its kernel says so, and sends nothing more."""
        there_s = self._answered_by_s(self._env.now)
        self._client_gone_s = min(self._client_gone_s, there_s)
        back_s = self._path.crossing_s(Way.OUT, there_s)
        if back_s is not None:
            self._reset_s = min(self._reset_s, back_s)

    def _notice(self, _: simpy.Event) -> None:
        request = self._coming.popleft()
        if not self.closed:
            self.answers.append(request)
            self._on_answer()

    def next_answer(self) -> Request:
        """Take the oldest answer: responses come in the order of requests.

        What awaits none is done when it is written (NetworkClient.handleCompletedSends).
        """
        request = self.answers.popleft()
        if not self._awaits_answer(request):
            self.in_flight.remove(request)
            return request
        oldest = self.in_flight.popleft()
        if oldest is not request:
            raise RuntimeError(f"{self!r}: an answer overtook another")
        return request

    def close(self) -> list[Request]:
        """The client lets go of it; the requests that were in flight, oldest first.

        Its kernel still delivers what was sent, and then the end.
        """
        self.closed = True
        unanswered = list(self.in_flight)
        self.in_flight.clear()
        self.answers.clear()
        end_s = max(self._env.now, self._on_the_wire_until_s)
        end_s = end_s + self._path.one_way_s if self._path.calm else self._out.arrival_s(end_s, 0)
        self._at(end_s, self._finish)
        return unanswered

    def _finish(self, _: simpy.Event) -> None:
        self.finished = True
        self._wake_reader()

    def reset(self) -> None:
        """Tear it down at the client's end, with a reset that follows what was sent."""
        self._reset_s = min(self._reset_s, self._env.now + self._path.one_way_s)
        self._client_gone_s = min(self._client_gone_s, self._env.now)
        self._on_lost(self)

    def break_off(self) -> None:
        """The broker's end is gone; the client hears of it after the answers that were sent.

        The broker's kernel delivers those, and the end after them, also when its process is dead.
        """
        self.broken = True
        self._wake_reader()
        self._at(self._answered_by_s(self._env.now), lambda _: self._on_lost(self))
