"""The receiving end of a byte stream: how much room it announces to the sender, and when.

Pure; Linux's rules (6.18), for a process that reads one request at a time, others behind it in the
socket. The room is what the receive memory holds, less what packets that wait unread take of it
(:mod:`model.network.packet_memory`). The edge that was announced never goes back. Room is announced
with every answer; on a read if more than a segment is unacknowledged or if the room at least
doubles (__tcp_cleanup_rbuf); on an arrival if the room is no less than was announced last
(__tcp_ack_snd_check). A broker reads a request's length first, four bytes that free nothing: that
read acknowledges what arrived, with what little room there is then, and the read of all the rest
finds nothing unacknowledged. This is a trap for requests between a quarter and a half of the
window. Packets that cost more memory than there is are squeezed, and the window begins anew from
two segments (tcp_prune_queue). Left out: window updates of the delayed-acknowledgement timer,
rounding to the window's scale. Units: bytes, as positions in the stream.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from model.config.cluster import REQUESTS_SHARE, receive_memory_bytes, receive_window_bytes
from model.config.packets import Packets
from model.network.packet_memory import MERGED_BYTES, Cost, on_card, on_tun, window_share
from model.network.segments import SEGMENT_BYTES

#: Read: tcp_clamp_window: two segments as they are announced at set-up.
SQUEEZED_WINDOW_BYTES = 2 * 1_460
#: Read: tcp_collapse: blocks of 3,776 bytes at 4,352 each.
SQUEEZED_COST = 4_352 / 3_776
#: Read: tcp_grow_window looks at packets from this size on.
LEAST_GROWING_BYTES = 128


@dataclass(frozen=True, slots=True)
class ReceiveBuffer:
    """A socket's: the window that it tells at most, its room for payload, what packets cost it.

    ``share`` of its memory is room; ``cost`` is what one packet takes of the memory;
    ``lump_bytes``: packets that cost what their bytes cost are taken so many bytes at a time.
    """

    window_bytes: float
    room_bytes: float
    share: float = REQUESTS_SHARE
    cost: Callable[[int], Cost] = on_card
    lump_bytes: int = MERGED_BYTES


def receive_buffer_of(setting_bytes: int, packets: Packets, rtt_s: float) -> ReceiveBuffer:
    """A socket's with this setting, at the end of a path with such packets and round trip."""
    share = window_share(packets, rtt_s)
    window_bytes = receive_window_bytes(setting_bytes, share)
    room_bytes = receive_memory_bytes(setting_bytes, share)
    if packets is Packets.NETWORK_CARD:
        return ReceiveBuffer(window_bytes, room_bytes)
    return ReceiveBuffer(window_bytes, room_bytes, share, on_tun, lump_bytes=0)


@dataclass(slots=True)
class _Block:
    """Packets whose memory is given back together, up to a position in the stream."""

    end: int
    memory: float
    fragments: int  # 0: no more packets are merged into it


class Receiver:
    """One socket's: received, read, acknowledged, and the edge that the sender knows of."""

    def __init__(self, buffer: ReceiveBuffer) -> None:
        self._buffer = buffer
        self._memory_bytes = buffer.room_bytes / buffer.share
        self.read_to = self.received = 0
        self._acknowledged = 0
        self._room_bytes = buffer.room_bytes
        self._lumped = buffer.lump_bytes > 0
        self._room_per_byte = buffer.share * buffer.cost(MERGED_BYTES).memory / MERGED_BYTES
        self._window = buffer.room_bytes  # told last, but for what a header can say
        self._open = buffer.room_bytes  # rcv_ssthresh: never tells more
        self._held: deque[_Block] = deque()
        self._held_memory = 0.0
        self.edge: float = buffer.window_bytes  # as the sender will know it
        self.squeezed = False  # for want of memory, once at least

    def __repr__(self) -> str:
        return f"<Receiver read {self.read_to} of {self.received}, edge {self.edge:.0f}>"

    def receive(self, upto: int, piece_bytes: int) -> bool:
        """Bytes have arrived, in packets of so many; whether room is announced at once."""
        told = False
        if self._memory_bytes == math.inf:
            self.received = upto
        lump_bytes = self._buffer.lump_bytes
        if piece_bytes < lump_bytes and self._window >= self._room_bytes:
            piece_bytes = lump_bytes  # anything that is held makes it less
        while self.received < upto:
            left_bytes = upto - self.received
            self._take(piece_bytes if piece_bytes < left_bytes else left_bytes)
            if self._announces_arrival():
                self.acknowledge()
                told = True
            elif piece_bytes < lump_bytes:
                piece_bytes = lump_bytes
        return told

    def _take(self, size_bytes: int) -> None:
        if self._held_memory > self._memory_bytes:
            self._squeeze()
        cost = self._buffer.cost(size_bytes)
        self.received += size_bytes
        last = self._held[-1] if self._held else None
        if last and 0 < last.fragments <= cost.most_fragments - cost.fragments:
            added = cost.memory - cost.saved
            last.end = self.received
            last.fragments += cost.fragments
            last.memory += added
            self._held_memory += added
        else:
            self._held.append(_Block(self.received, cost.memory, cost.fragments))
            self._held_memory += cost.memory
        if self._open < self._room_bytes and size_bytes >= LEAST_GROWING_BYTES:
            self._grow(size_bytes)

    def _squeeze(self) -> None:
        """Copy what is held into few blocks; tell two segments for a beginning."""
        self.squeezed = True
        self._open = min(self._buffer.room_bytes, SQUEEZED_WINDOW_BYTES)
        held_bytes = self.received - self.read_to
        if self._buffer.share * self._held_memory > held_bytes:
            self._held_memory = SQUEEZED_COST * held_bytes
            self._held.clear()
            self._held.append(_Block(self.received, self._held_memory, 0))

    def _grow(self, size_bytes: int) -> None:
        """Two bytes of window for each that arrives, as far as there is room."""
        free = self._buffer.share * (self._memory_bytes - self._held_memory)
        room = min(self._room_bytes, free) - self._open
        if room > 0:
            self._open += min(room, 2 * max(SEGMENT_BYTES, size_bytes))

    def _selected(self) -> float:
        """The window there is, told or not (__tcp_select_window)."""
        if not self._held_memory:
            return self._open
        free = self._buffer.share * (self._memory_bytes - self._held_memory)
        if free < SEGMENT_BYTES or free < self._room_bytes / 16:
            return 0.0
        return free if free < self._open else self._open

    def _announces_arrival(self) -> bool:
        if self.received - self._acknowledged <= SEGMENT_BYTES:
            return False
        return self._selected() >= self._window

    @property
    def at_rest(self) -> bool:
        """Whether nothing is held, all room was told, and packets cost what their bytes cost."""
        return not self._held and self._lumped and self._window >= self._room_bytes

    def read_whole(self, end: int) -> bool:
        """At rest: bytes arrive and all are read at once; whether a segment announces room.

        The same as :meth:`receive`, :meth:`begin` and :meth:`read`, without the packets between.
        """
        if self._memory_bytes == math.inf:
            self.received = self.read_to = self._acknowledged = end
            return False
        room_bytes, size_bytes = self._room_bytes, end - self.received
        self.received = self.read_to = end
        if end - self._acknowledged > SEGMENT_BYTES:
            left = max(0.0, self._acknowledged + self._window - end)
            free = room_bytes - self._room_per_byte * size_bytes
            tellable = free >= SEGMENT_BYTES and free >= room_bytes / 16
            left = max(left, free if tellable else 0.0)
            if 2 * left <= room_bytes:
                left = room_bytes
            self._window = left
        else:
            self._window = room_bytes
        self._acknowledged = end
        self.edge = max(self.edge, end + min(self._window, self._buffer.window_bytes))
        return True

    def begin(self) -> bool:
        """The process reads a request's length; whether a segment announces room."""
        if self.received - self._acknowledged > SEGMENT_BYTES or self._doubles():
            self.acknowledge()
            return True
        return False

    def read(self, end: int, answers: bool = False) -> bool:
        """The process reads what there is, up to ``end``; whether a segment announces room.

        ``answers``: a lone segment may wait for an answer to go with (__tcp_cleanup_rbuf).
        """
        self.read_to = end if end < self.received else self.received
        while self._held and self._held[0].end <= self.read_to:
            self._held_memory -= self._held.popleft().memory
        if not self._held:
            self._held_memory = 0.0
        unacknowledged = self.received - self._acknowledged
        all_read = unacknowledged > 0 and self.read_to == self.received and not answers
        if unacknowledged > SEGMENT_BYTES or all_read or self._doubles():
            self.acknowledge()
            return True
        return False

    @property
    def unacknowledged(self) -> int:
        """Bytes that were received and not acknowledged."""
        return self.received - self._acknowledged

    @property
    def room_told(self) -> float:
        """What is left of the room told last, in the receiver's own account."""
        return max(0.0, self._acknowledged + self._window - self.received)

    def _doubles(self) -> bool:
        """Whether there is at least twice the room that the sender still has."""
        left = self._acknowledged + self._window - self.received
        if 2 * left > self._room_bytes:
            return False
        left = left if left > 0 else 0.0
        selected = self._selected()
        return selected > 0 and selected >= 2 * left

    def acknowledge(self) -> None:
        """A segment goes back, and tells the edge; it never goes back (tcp_select_window)."""
        received, window = self.received, self._selected()
        left = self._acknowledged + self._window - received
        if left > window:
            window = left
        self._window, self._acknowledged = window, received
        told = self._buffer.window_bytes
        edge = received + (window if window < told else told)
        if edge > self.edge:
            self.edge = edge
