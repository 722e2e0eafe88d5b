"""What of a byte stream may be on its way: the windows of TCP, request by request.

Pure, and arithmetic for each request instead of an event for each packet. Modelled: the receive
window (a host sends no more than the receiver has announced room for, and cuts its end as
:mod:`model.network.segments` says), which only opens as the receiving process reads
(:mod:`model.network.receiver`), the congestion window while it is smaller, the send buffer (written
is what fits beside what is not acknowledged). A request larger than the window therefore takes a
round trip for each window that it fills. Left out: delayed acknowledgements; a request larger than
the send buffer reaches it in one go. Units: bytes, as positions in the stream, and seconds.
"""

from collections import deque
from collections.abc import Callable

from model.network.congestion import CongestionWindow
from model.network.path import Path
from model.network.receiver import ReceiveBuffer, Receiver
from model.network.segments import SEGMENT_BYTES, leaves_of_queue, leaves_of_write
from model.network.stream import ByteStream
from model.units import NEVER_S
from model.wire.transmission import (
    HELD_BACK,
    NO_REQUEST,
    OUT,
    HeldBy,
    Report,
    Transmission,
    to_nobody,
)


class RequestStream:
    """The requests of one connection on their way to a process that reads one after the other.

    ``wake_s`` is how long after its arrival a reader that waited so long takes something up.
    ``rtt_s``: as the sender's kernel sees it. Bytes that a window or the send buffer held back are
    reported.
    """

    def __init__(
        self,
        path: Path,
        stream: ByteStream,
        receive_buffer: ReceiveBuffer,
        buffer_bytes: float,
        wake_s: Callable[[float], float],
        report: Report = to_nobody,
        rtt_s: float | None = None,
    ) -> None:
        self._path = path
        self._stream = stream
        self._receiver = Receiver(receive_buffer)
        window_bytes = receive_buffer.window_bytes
        self._buffer_bytes = buffer_bytes
        self._wake_s = wake_s
        self._report = report
        self.written = self.sent = self._acknowledged = 0
        self._congestion = CongestionWindow(
            2 * path.one_way_s if rtt_s is None else rtt_s,
            window_bytes,
            buffer_bytes,
            path.packets.offload,
        )
        self._wire_free_s = 0.0
        # not wholly sent: where it starts and ends, when it was handed over, of which request
        self._writes: deque[tuple[int, int, float, int]] = deque()
        self._held_until_s, self._held_by = 0.0, HeldBy.NOTHING  # the last time
        self._edges: deque[tuple[float, float]] = deque([(0.0, window_bytes)])  # known at, edge
        self._lumped = receive_buffer.lump_bytes > 0  # what a packet is hardly matters
        # not wholly read: end, arrives at, in pieces of so many segments (0: looked up if needed)
        self._chunks: deque[tuple[int, float, int]] = deque()
        self._received_s = -NEVER_S  # when the last of what was received arrived
        self._acks: deque[tuple[int, float]] = deque()  # end, known to have arrived at

    def __repr__(self) -> str:
        return f"<RequestStream {self._receiver!r}, sent {self.sent}, written {self.written}>"

    def warm_up(self) -> None:
        """Have a congestion window that has grown out of the way, as after a while of traffic."""
        self._congestion.warm_up()

    def write(self, now_s: float, size_bytes: int, request: int = NO_REQUEST) -> None:
        """The sending process hands a request over; it leaves as far as the windows are open."""
        edges = self._edges
        while len(edges) > 1 and edges[1][0] <= now_s:
            edges.popleft()
        start, first = self.written, not self._writes
        self.written += size_bytes
        if first and self._leaves_at_once(now_s, size_bytes, request):
            return
        self._writes.append((start, self.written, now_s, request))
        self._send(first)

    def _leaves_at_once(self, now_s: float, size_bytes: int, request: int) -> bool:
        """Whether no window holds back what was handed over to an empty queue; then it has left."""
        known_s, edge = self._edges[0]
        if known_s > now_s or edge < self.written:
            return False
        free_s = now_s if now_s > self._wire_free_s else self._wire_free_s
        left_s = free_s + size_bytes / self._path.bytes_per_s
        if not self._congestion.lets_pass(now_s, self.written, left_s):
            return False
        if self._held_until_s > now_s:
            self._report_hold(request, now_s)
        self._left(self.written, size_bytes, left_s, request)
        return True

    def written_s(self, now_s: float) -> float:
        """When all that was handed over is in the send buffer; never, as things stand."""
        must_be_acknowledged = self.written - self._buffer_bytes
        self._take_acks(now_s)
        if must_be_acknowledged <= self._acknowledged:
            return now_s
        for end, at_s in self._acks:
            if end >= must_be_acknowledged:
                return at_s
        return NEVER_S

    def arrival_s(self, start: int) -> float:
        """When the first bytes behind a position are there: never, as things stand, or long ago."""
        if self.sent <= start:
            return NEVER_S
        if self._receiver.received > start:  # with the end of what was read last
            return self._received_s
        for end, at_s, _ in self._chunks:
            if end > start:
                return at_s
        raise AssertionError(f"{self!r}: what was sent is neither received nor on its way")

    def end_s(self, now_s: float) -> float:
        """When an end arrives that is sent now, behind all that has left."""
        return self._stream.arrival_s(max(now_s, self._wire_free_s), 0)

    def read(self, now_s: float, end: int) -> float:
        """The reading process reads up to a position, as it arrives; when it has all of it.

        First what says how long it is (NetworkReceive.readFrom), then whatever is there.
        """
        at_s, chunks = now_s, self._chunks
        alone = len(chunks) == 1 and chunks[0][0] == end and chunks[0][1] <= now_s
        if alone and not self._writes and self._receiver.at_rest:
            self._received_s = chunks.popleft()[1]
            if self._receiver.read_whole(end):
                self._advertise(now_s)
            return now_s
        self._receive(at_s)
        if self._receiver.begin():
            self._advertise(at_s)
        while True:
            if self._receiver.read(end):
                self._advertise(at_s)
            if self._receiver.read_to == end:
                break
            arrives_s = self._chunks[0][1]
            at_s = arrives_s + self._wake_s(arrives_s - at_s)
            self._receive(at_s)
        return at_s

    def answered(self, at_s: float) -> None:
        """The reading process sends an answer, and with it what room there is."""
        self._receive(at_s)
        self._receiver.acknowledge()
        self._advertise(at_s)

    def _receive(self, at_s: float) -> None:
        """Take note of what has arrived by now."""
        while self._chunks and self._chunks[0][1] <= at_s:
            end, self._received_s, piece = self._chunks.popleft()
            piece = piece or self._congestion.piece
            if self._receiver.receive(end, piece * SEGMENT_BYTES):
                self._advertise(self._received_s)

    def _advertise(self, at_s: float) -> None:
        """A segment goes back; when it has crossed, the sender knows the edge that it announces."""
        edge, edges = self._receiver.edge, self._edges
        last_s, last_edge = edges[-1]
        if edge == last_edge:
            return
        known_s = self._path.acknowledged_s(at_s)
        edges.append((known_s if known_s > last_s else last_s, edge))
        while len(edges) > 1 and edges[0][1] <= self.sent:
            edges.popleft()
        if self._writes:
            self._send()

    def _send(self, first: bool = False) -> None:
        """Let go what the edges allow; ``first``: of a write to an empty queue."""
        while self._writes:
            size_bytes, known_s = self._allowed(first)
            if not size_bytes:
                return
            first = False
            self._let_go(size_bytes, known_s)

    def _allowed(self, first: bool) -> tuple[int, float]:
        """How much the receive window lets go next, and from when."""
        queued = self.written - self.sent
        for known_s, edge in self._edges:
            room = edge - self.sent
            if room >= queued:
                return queued, known_s
            if room > 0 and (size_bytes := self._leaves(room, queued, first)):
                return size_bytes, known_s
        return 0, NEVER_S

    def _leaves(self, room: float, queued: int, first: bool) -> int:
        """How much leaves of a queue that is longer than the room.

        Behind a write's first flight the send buffer takes two packets of 45 segments, and the rest
        is written when those have left, too late for the flight that they make (captured: 261,390
        bytes are held of a longer request, and each later flight is of 90 segments).
        """
        if first:
            return leaves_of_write(room, self._congestion.piece)
        if queued > self._buffer_bytes:
            return int(room) // SEGMENT_BYTES * SEGMENT_BYTES
        return leaves_of_queue(room, self._congestion.piece)

    def _let_go(self, size_bytes: int, known_s: float) -> None:
        """So many bytes of what was written may leave."""
        while size_bytes:
            _, end, handed_s, _ = self._writes[0]
            upto = min(end, self.sent + size_bytes)
            size_bytes -= upto - self.sent
            if known_s > handed_s and known_s > self._wire_free_s:
                self._held_until_s, self._held_by = known_s, HeldBy.RECEIVE_WINDOW
            self._depart(upto, max(known_s, handed_s))
            if upto == end:
                self._writes.popleft()

    def _depart(self, upto: int, at_s: float) -> None:
        """Put bytes of the oldest write on the wire, as the congestion window lets them."""
        start, _, handed_s, request = self._writes[0]
        self._congestion.restart_after_idling(at_s, self.sent)
        while self.sent < upto:
            ready_s = handed_s if self.sent == start else self._wire_free_s
            open_s, room_bytes = self._congestion.room(at_s, self.sent)
            if open_s > at_s and open_s > self._wire_free_s:
                self._held_until_s, self._held_by = open_s, self._congestion.held_by
            if self._held_until_s > ready_s:
                self._report_hold(request, ready_s)
            at_s = open_s
            size_bytes = min(upto - self.sent, room_bytes)
            left_s = max(at_s, self._wire_free_s) + size_bytes / self._path.bytes_per_s
            acked_s = self._left(self.sent + size_bytes, size_bytes, left_s, request)
            self._congestion.departed(self.sent, left_s, acked_s)

    def _left(self, end: int, size_bytes: int, left_s: float, request: int) -> float:
        """Bytes up to ``end`` are on the wire; when it is known here that they arrived."""
        self.sent, self._wire_free_s = end, left_s
        arrives_s = self._stream.arrival_s(left_s, size_bytes, request)
        acked_s = self._path.acknowledged_s(arrives_s)
        piece = 0 if self._lumped else self._congestion.piece
        self._chunks.append((end, arrives_s, piece))
        self._acks.append((end, acked_s))
        return acked_s

    def _report_hold(self, request: int, ready_s: float) -> None:
        """The next bytes of a request could have left, if those before them had not been held."""
        hold = ready_s, self._held_until_s, self._held_by
        self._report(Transmission(request, OUT, HELD_BACK, *hold))

    def _take_acks(self, now_s: float) -> None:
        while self._acks and self._acks[0][1] <= now_s:
            self._acknowledged = self._acks.popleft()[0]
