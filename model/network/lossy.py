"""Both directions of one connection over a path that loses packets by chance.

What a loss costs is decided by :mod:`model.network.loss_sender` at one end and the receivers at
the other; :mod:`model.network.one_way` lies between. An answer carries an acknowledgement; what a
client acknowledges is sent at once. Left out: acknowledgements that are held back to be one; of a
capture, what an answer carries. Units: bytes, seconds.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

import simpy

from model.clock import Clock
from model.network.loss_sender import LossSender
from model.network.one_way import Ack, OneWay, Ride
from model.network.path import Path
from model.network.reassembly import Reassembly
from model.network.receiver import ReceiveBuffer, Receiver
from model.network.segments import SEGMENT_BYTES
from model.units import NEVER_S
from model.wire.flights import Tap, Word
from model.wire.transmission import BACK, NO_REQUEST, OUT, Report, Way

#: Derived: slow start ends between two and three times what a window lets go; so much of it.
GROWN = 2
#: Read: TCP_ATO_MIN of Linux: so long a lone segment waits for a second one, or for an answer.
DELAYED_ACK_S = 0.04


class Listener(Protocol):
    """Who hears of what becomes of the bytes."""

    def progress(self) -> None:
        """Bytes were acknowledged, or arrived in order at the broker."""

    def read_all(self) -> None:
        """The broker has read what it asked for."""

    def answer_arrived(self) -> None:
        """The oldest answer is there."""

    def end_arrived(self) -> None:
        """The end of what the client sent is there."""


class LossyStreams:
    """Requests and answers of one connection; ``listener`` hears of what becomes of them.

    A client's window for answers opens as they arrive. ``wake_s`` is how long after its arrival a
    reader that waited so long takes something up.
    """

    def __init__(
        self,
        env: Clock,
        path: Path,
        receive_buffer: ReceiveBuffer,
        buffer_bytes: float,
        answer_window_bytes: float,
        rtt_s: float,
        wake_s: Callable[[float], float],
        listener: Listener,
        report: Report,
        tap: Tap | None = None,
    ) -> None:
        self._env = env
        self._path = path
        self._receiver = Receiver(receive_buffer)
        self._buffer_bytes = buffer_bytes
        self._answer_window_bytes = answer_window_bytes
        self._wake_s = wake_s
        self._listener = listener
        self._tap = tap
        edge = receive_buffer.window_bytes
        one_way = (rtt_s, self._take_requests, report, lambda: None, tap)
        self._out = OneWay(env, path, OUT, edge, *one_way)
        back = (rtt_s, self._take_answers, report, self._broker_ack)
        self._back = OneWay(env, path, BACK, answer_window_bytes, *back)
        self._there, self._answered = Reassembly(), Reassembly()
        self._reads_to, self._reads_since_s, self._waking = 0, 0.0, False
        self._ends = self._delaying = False
        self._answers: deque[int] = deque()  # where each ends

    def __repr__(self) -> str:
        return f"<LossyStreams out {self._out.sender!r}, back {self._back.sender!r}>"

    @property
    def sender(self) -> LossSender:
        """The client's kernel, for requests."""
        return self._out.sender

    @property
    def written(self) -> int:
        """Bytes that the client handed over."""
        return self._out.sender.written

    def warm_up(self) -> None:
        """Have congestion windows that have grown out of the way."""
        window_bytes = min(self._receiver.edge, self._buffer_bytes)
        grown = int(GROWN * min(window_bytes, 2**24) / SEGMENT_BYTES)
        self._out.sender.cubic.cwnd = max(grown, self._out.sender.cubic.cwnd)

    def write(self, now_s: float, size_bytes: int, request: int = NO_REQUEST) -> None:
        """The client hands a request over."""
        self._out.write(size_bytes, request)

    def written_s(self, now_s: float) -> float:
        """Now, if all that was handed over is in the send buffer; never, as things stand."""
        unacknowledged = self.written - self._out.sender.acknowledged
        return now_s if unacknowledged <= self._buffer_bytes else NEVER_S

    def arrival_s(self, start: int) -> float:
        """Now, if the first bytes behind a position are there; never, as things stand."""
        return self._env.now if self._there.received > start else NEVER_S

    def end_s(self, now_s: float) -> float:
        """The end follows all that was written; the listener hears when it is there."""
        self._ends = True
        if self._there.received == self.written:
            return now_s + self._path.one_way_s
        return NEVER_S

    def _take_requests(self, ride: Ride) -> None:
        """Bytes arrive at the broker."""
        before = self._there.received
        at_once = self._there.take(ride.ranges)
        if self._receiver.receive(self._there.received, ride.piece * SEGMENT_BYTES):
            at_once = True
        elif at_once:
            self._receiver.acknowledge()
        if at_once:
            self._send_ack(ride.packets)
        elif self._receiver.read_to >= self._reads_to:
            self._hold_back()  # nobody will read it soon
        if self._there.received > before:
            self._wake_reader()
            self._listener.progress()
            if self._ends and self._there.received == self.written:
                self._listener.end_arrived()

    def _broker_ack(self, packets: int = 1) -> Ack:
        return Ack(self._receiver.received, self._there.early, self._receiver.edge, packets)

    def _send_ack(self, packets: int = 1) -> None:
        """The broker's kernel sends acknowledgements of its own."""
        self._cross(BACK, self._broker_ack(packets), self._hear)

    def _cross(self, way: Way, ack: Ack, hear: Callable[[Ack], None]) -> None:
        now_s = self._env.now
        crossed_s = self._path.crossing_s(way, now_s)
        if crossed_s is None or len(self._path.lost_of(way, ack.packets)) == ack.packets:
            return
        heard_s = crossed_s + self._path.jitter_s(1, way)
        if self._tap is not None and way is BACK:
            read = self._receiver.read_to
            self._tap.word(Word(ack.upto, read, ack.edge, now_s, heard_s))
        self._env.call_at(heard_s, lambda _: hear(ack))

    def _hear(self, ack: Ack) -> None:
        self._out.hear(ack)
        self._listener.progress()

    def read(self, now_s: float, end: int) -> float:
        """The broker reads up to a position; now, or never: then the listener hears of it."""
        self._reads_to = end
        if self._receiver.begin():
            self._send_ack()
        return now_s if self._read_on() else NEVER_S

    def _read_on(self) -> bool:
        """Read what is there; whether that is all that was asked for."""
        if self._receiver.read(self._reads_to, answers=True):
            self._send_ack()
        else:
            self._hold_back()
        self._reads_since_s = self._env.now
        return self._receiver.read_to == self._reads_to

    def _hold_back(self) -> None:
        """What is unacknowledged is so for a while at most."""
        if self._receiver.unacknowledged and not self._delaying:
            self._delaying = True
            self._env.call_at(self._env.now + DELAYED_ACK_S, self._acknowledge_late)

    def _acknowledge_late(self, _: simpy.Event) -> None:
        """The timer of an acknowledgement that was held back."""
        self._delaying = False
        if self._receiver.unacknowledged:
            self._receiver.acknowledge()
            self._send_ack()

    def _wake_reader(self) -> None:
        """Bytes came that a reader may be waiting for."""
        if self._receiver.read_to < self._reads_to and not self._waking:
            self._waking = True
            now_s = self._env.now
            self._env.call_at(now_s + self._wake_s(now_s - self._reads_since_s), self._woken)

    def _woken(self, _: simpy.Event) -> None:
        self._waking = False
        if self._read_on():
            self._listener.read_all()

    def answered(self, now_s: float) -> None:
        """The broker writes an answer, and with it goes what room there is."""
        self._receiver.acknowledge()

    def answer(self, size_bytes: int, request: int) -> None:
        """Send an answer."""
        self._answers.append(self._back.sender.written + size_bytes)
        self._back.write(size_bytes, request)

    def _take_answers(self, ride: Ride) -> None:
        """Bytes arrive at the client, which reads them at once and says so."""
        if ride.ack is not None:
            self._hear(ride.ack)
        self._answered.take(ride.ranges)
        received = self._answered.received
        ack = Ack(received, self._answered.early, received + self._answer_window_bytes)
        self._cross(OUT, ack, self._back.hear)
        while self._answers and self._answers[0] <= received:
            self._answers.popleft()
            self._listener.answer_arrived()

    def stop_client(self) -> None:
        """The client's kernel sends nothing more."""
        self._out.dead = True
