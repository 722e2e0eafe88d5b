"""What hosts make of a stream of bytes: how it is cut into packets, what those cost a receiver.

A kernel hands down several segments at once (segmentation offload) in pieces whose length follows
from the congestion window and the round trip. Which packets a receiver gets, how much memory each
takes and what one loss takes away depends on what lies between: a preset for each path.
"""

from enum import Enum


class Packets(Enum):
    """A preset: by segment or by piece."""

    #: Network cards at both ends: a piece is cut into segments, each of which is lost by itself,
    #: and the receiving card's packets take memory by their bytes. What is answered to users.
    NETWORK_CARD = "network cards"
    #: The measuring machine's TUN devices: a piece stays one packet from socket to socket.
    LAB = "pieces on TUN devices"
    #: The same without offload: each segment is a packet.
    LAB_SEGMENTS = "segments on TUN devices"

    __hash__ = object.__hash__

    @property
    def lost_whole(self) -> bool:
        """Whether a loss takes all that the sender handed down at once."""
        return self is Packets.LAB

    @property
    def offload(self) -> bool:
        """Whether the sender's kernel hands down more than a segment at once."""
        return self is not Packets.LAB_SEGMENTS
