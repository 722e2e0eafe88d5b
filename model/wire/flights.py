"""What a packet capture at both ends of a connection would show of the requests on it.

Facts for pictures, told to whoever asked for a capture and made for nobody else. Units: bytes as
positions in the stream, which a new connection begins at 0; seconds of the run.
"""

from typing import NamedTuple, Protocol


class Flight(NamedTuple):
    """Bytes that left together, from position ``start`` to ``end``, the first of this request.

    The kernel handed down so many segments in a ``piece``. ``left_s``: when the last byte was on
    the wire; ``arrives_s``: when what was not ``lost``, ranges of it, is at the other end;
    ``again``: they had been sent before.
    """

    request: int
    start: int
    end: int
    piece: int
    left_s: float
    arrives_s: float
    again: bool = False
    lost: tuple[tuple[int, int], ...] = ()


class Word(NamedTuple):
    """The receiver told that all up to ``received`` is there and how far bytes may be sent.

    That is ``edge``, the end of its window; its process had read up to ``read``. The sender knows
    at ``known_s``.
    """

    received: int
    read: int
    edge: float
    told_s: float
    known_s: float


class Tap(Protocol):
    """Who hears of them: one connection's."""

    def flight(self, found: Flight) -> None:
        """Bytes left."""

    def word(self, found: Word) -> None:
        """A window was told, or an acknowledgement."""
