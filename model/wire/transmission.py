"""The two directions in which bytes cross a network."""

from enum import Enum


class Way(Enum):
    """A direction."""

    OUT = "from the producer to the broker"
    BACK = "from the broker to the producer"
