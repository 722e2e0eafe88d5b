"""A stream of requests that tells of each flight, and of each word of room that comes back.

Pure. It does what :mod:`model.network.window` does, which runs without a capture pay nothing for.
"""

from collections.abc import Callable

from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.network.stream import ByteStream
from model.network.window import RequestStream
from model.wire.flights import Flight, Tap, Word
from model.wire.transmission import Report


class CapturedStream(RequestStream):
    """The same with somebody who listens. Units: bytes, seconds."""

    def __init__(
        self,
        tap: Tap,
        path: Path,
        stream: ByteStream,
        receive_buffer: ReceiveBuffer,
        buffer_bytes: float,
        wake_s: Callable[[float], float],
        report: Report,
        rtt_s: float,
    ) -> None:
        super().__init__(path, stream, receive_buffer, buffer_bytes, wake_s, report, rtt_s)
        self._tap = tap

    def _left(self, end: int, size_bytes: int, left_s: float, request: int) -> float:
        acked_s = super()._left(end, size_bytes, left_s, request)
        _, arrives_s, _ = self._chunks[-1]
        piece = self._congestion.piece
        self._tap.flight(Flight(request, end - size_bytes, end, piece, left_s, arrives_s))
        return acked_s

    def _advertise(self, at_s: float) -> None:
        edge, before = self._receiver.edge, self._edges[-1][1]
        if edge != before:
            known_s = max(self._path.acknowledged_s(at_s), self._edges[-1][0])
            receiver = self._receiver
            self._tap.word(Word(receiver.received, receiver.read_to, edge, at_s, known_s))
        super()._advertise(at_s)
