"""The receiving end of a byte stream: how much room it announces to the sender, and when.

Pure; Linux's rules, as traces of them show (one request read at a time, others behind it in the
socket). The room is what the receive memory holds, less what waits unread; pieces that follow each
other share memory, so what was read of them counts until all is read. The edge that was announced
never goes back. It is announced with every answer; on a read only if something arrived since the
last acknowledgement or if the room at least doubles (tcp_cleanup_rbuf), on an arrival if the room
has not shrunk. This is a trap for pipelined requests between a quarter of the window and all of it:
an answer leaves while the beginning of the next request lies unread, it is read at once, and
nothing announces that room to the sender, whose next burst is half a window. Left out: window
updates of the delayed-acknowledgement timer, pruning of small packets. Units: bytes, as positions
in the stream.
"""

from dataclasses import dataclass

from model.network.stream import SEGMENT_BYTES
from model.units import KIB

#: Measured: by so much the room shrinks for each byte that is held, with packets as offloading
#: makes them (0.81 to 0.90, by the size of pieces).
ROOM_PER_HELD_BYTE = 0.83

#: Assumed: pieces are merged up to what one packet may hold (tcp_try_coalesce). Measured: a client
#: and a reader that behave as a producer and a broker, in requests of 32 to 259 KB, two to five in
#: flight, at 10 and 50 ms, are repeated within 9 % in the mean; 194 KB come out a quarter too slow.
MERGED_BYTES = 64 * KIB


@dataclass(frozen=True, slots=True)
class ReceiveBuffer:
    """The window that a socket offers at most, and the memory that it has for it."""

    window_bytes: float
    memory_bytes: float


class Receiver:
    """One socket's: received, read, acknowledged, and the edge that the sender knows of."""

    def __init__(self, buffer: ReceiveBuffer) -> None:
        self._buffer = buffer
        self.read_to = 0
        self._received = self._acknowledged = 0
        self._held_from = 0  # where the bytes begin whose memory is still in use
        self._edge = buffer.window_bytes

    def __repr__(self) -> str:
        return f"<Receiver read {self.read_to} of {self._received}, edge {self._edge:.0f}>"

    def receive(self, upto: int) -> bool:
        """Bytes have arrived; whether they are acknowledged at once.

        They are if that announces no less room than the sender knows of; otherwise the
        acknowledgement waits for what the process does (__tcp_ack_snd_check).
        """
        self._received = upto
        held = upto - self._held_from
        announced = self._edge - self._acknowledged
        return self._buffer.memory_bytes - ROOM_PER_HELD_BYTE * held >= announced

    def read(self, end: int) -> bool:
        """The process reads what there is, up to ``end``; whether a segment announces room."""
        self.read_to = min(end, self._received)
        if self.read_to == self._received:
            self._held_from = self._received
        else:
            read_bytes = self.read_to - self._held_from
            self._held_from += read_bytes // MERGED_BYTES * MERGED_BYTES
        unacknowledged = self._received - self._acknowledged
        if unacknowledged > SEGMENT_BYTES:
            return True
        if unacknowledged and self.read_to == self._received:
            return True
        announced = self._edge - self._received
        return 2 * announced <= self._buffer.memory_bytes and self._room_bytes >= 2 * announced

    @property
    def _room_bytes(self) -> float:
        held = self._received - self._held_from
        room_bytes = self._buffer.memory_bytes - ROOM_PER_HELD_BYTE * held
        return min(self._buffer.window_bytes, max(0.0, room_bytes))

    def acknowledge(self) -> float:
        """A segment goes back: the edge that it announces."""
        self._edge = max(self._edge, self._received + self._room_bytes)
        self._acknowledged = self._received
        return self._edge
