"""What becomes of bytes on their way, where that is more than crossing it.

Facts of one connection, as the model's TCP comes to them: a packet was lost, a copy of it arrived,
bytes had to wait for a window, or came to an end that was gone. Units: seconds of the run.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final, NamedTuple


class Way(Enum):
    """A direction."""

    OUT = "out"  # from the producer to the broker
    BACK = "back"  # from the broker to the producer

    __hash__ = object.__hash__


OUT: Final = Way.OUT
BACK: Final = Way.BACK


class Fate(Enum):
    """What happened."""

    LOST = "lost"
    RESENT = "resent"
    HELD_BACK = "held back"
    CUT_OFF = "cut off"

    __hash__ = object.__hash__


HELD_BACK: Final = Fate.HELD_BACK


class HeldBy(Enum):
    """What bytes waited for, beside the bytes before them."""

    NOTHING = ""
    RECEIVE_WINDOW = "receive window"
    CONGESTION_WINDOW = "congestion window"
    SEND_BUFFER = "send buffer"
    LOSS = "a loss before it"


#: Of what is no request's or answer's, as the end of a connection.
NO_REQUEST = -1


class Transmission(NamedTuple):
    """One such fact about bytes of a request (way OUT) or of its answer (BACK).

    LOST: a packet entered the way at ``from_s`` and never arrived; ``until_s`` is the same instant.
    RESENT: the copy that did arrive was sent at ``from_s`` and had all arrived at ``until_s``.
    HELD_BACK: bytes could have left at ``from_s`` and left at ``until_s``; ``held_by`` says why.
    CUT_OFF: it was sent at ``from_s`` and came at ``until_s`` to an end that was gone by then.
    """

    request: int
    way: Way
    fate: Fate
    from_s: float
    until_s: float
    held_by: HeldBy = HeldBy.NOTHING


Report = Callable[[Transmission], None]


def to_nobody(_: Transmission) -> None:
    """Report to nobody."""
