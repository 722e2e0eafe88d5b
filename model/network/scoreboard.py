"""What a sender knows of the bytes that it has on their way: selective acknowledgements.

Pure. Bytes that were sent together and fared alike are one span. A span may be known to have
arrived out of order (sacked), be taken for lost, and then have been sent again. Counts are in
segments, as the kernel's are. Units: bytes as positions in the stream, seconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.network.segments import SEGMENT_BYTES


@dataclass(slots=True)
class Span:
    """Bytes from ``start`` to ``end``, sent, or sent again, at ``sent_s`` in pieces of so many."""

    start: int
    end: int
    sent_s: float
    piece: int
    sacked: bool = False
    lost: bool = False  # and sent again if ``resent``
    resent: bool = False
    ever_resent: bool = False

    @property
    def segments(self) -> int:
        return -(-(self.end - self.start) // SEGMENT_BYTES)

    @property
    def is_out(self) -> bool:
        """Whether it is taken to be on its way."""
        return not self.sacked and (not self.lost or self.resent)


class Scoreboard:
    """All that was sent and is not acknowledged, in the order of the stream."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.out = 0  # segments on their way (tcp_packets_in_flight)
        self.sacked = 0
        self.unrepaired = 0  # lost and not sent again

    def __repr__(self) -> str:
        return f"<Scoreboard {self.out} out, {self.sacked} sacked, {self.unrepaired} lost>"

    def add(self, span: Span) -> None:
        """New bytes leave."""
        self.spans.append(span)
        self.out += span.segments

    def _set(self, span: Span, **fate: bool) -> None:
        """A span's fate changes, and the counts with it."""
        self._count(span, -1)
        for name, value in fate.items():
            setattr(span, name, value)
        self._count(span, +1)

    def _count(self, span: Span, sign: int) -> None:
        count = sign * span.segments
        if span.sacked:
            self.sacked += count
        elif span.is_out:
            self.out += count
        else:
            self.unrepaired += count

    def _split(self, index: int, at: int) -> None:
        """Make two spans of one."""
        span = self.spans[index]
        rest = Span(at, span.end, span.sent_s, span.piece, span.sacked, span.lost, span.resent)
        rest.ever_resent = span.ever_resent
        self._count(span, -1)
        span.end = at
        self._count(span, +1)
        self._count(rest, +1)
        self.spans.insert(index + 1, rest)

    def acknowledge(self, upto: int) -> list[Span]:
        """All before a position has arrived: the spans that were not known to have."""
        news = []
        while self.spans and self.spans[0].start < upto:
            if self.spans[0].end > upto:
                self._split(0, upto)
            span = self.spans.pop(0)
            self._count(span, -1)
            if not span.sacked:
                news.append(span)
        return news

    def sack(self, ranges: Iterable[tuple[int, int]]) -> list[Span]:
        """These bytes have arrived too: the spans that were not known to have."""
        news = []
        for start, end in ranges:
            index = 0
            while index < len(self.spans) and self.spans[index].start < end:
                span = self.spans[index]
                if span.end > start and not span.sacked:
                    if span.start < start:
                        self._split(index, start)
                        index += 1
                        continue
                    if span.end > end:
                        self._split(index, end)
                    news.append(span)
                    self._set(span, sacked=True)
                index += 1
        return news

    def lose(self, span: Span) -> None:
        """Take a span for lost, also one that was sent again."""
        self._set(span, lost=True, resent=False)

    def unsacked(self) -> Iterator[Span]:
        """Spans of which nothing is known, in order; they may be lost meanwhile."""
        return (span for span in tuple(self.spans) if not span.sacked)

    def to_repair(self, most_segments: int) -> Span | None:
        """The first span that is lost and not sent again, cut to so many segments."""
        if not self.unrepaired:
            return None
        for index, span in enumerate(self.spans):
            if span.lost and not span.resent and not span.sacked:
                if span.segments > most_segments:
                    self._split(index, span.start + most_segments * SEGMENT_BYTES)
                return span
        return None

    def last_segment(self) -> Span:
        """The last segment of all, as a span of its own."""
        last = self.spans[-1]
        whole = (last.segments - 1) * SEGMENT_BYTES
        if whole:
            self._split(len(self.spans) - 1, last.start + whole)
        return self.spans[-1]

    def resend(self, span: Span, now_s: float) -> None:
        """A span leaves again."""
        self._set(span, resent=True)
        span.ever_resent = True
        span.sent_s = now_s
