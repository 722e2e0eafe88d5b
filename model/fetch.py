"""What a follower asks its leader for: everything beyond what it has (FetchRequest.json).

Left out: fetch sessions, leader epochs, what a consumer asks for. Units: bytes, seconds.
"""

from typing import NamedTuple

from model.messages import Request, RequestKind

#: Assumed: an incremental fetch and its answer without records, and what each partition adds.
FETCH_BYTES = 120
FETCH_PARTITION_BYTES = 30


class Slice(NamedTuple):
    """Consecutive batches of a partition, as a fetch brings them."""

    end_offset: int
    batches: int
    size_bytes: int


class FetchRequest(Request):
    """One fetch of a follower; ``offsets`` are its log end offsets, ``slices`` the answer."""

    __slots__ = ("offsets", "slices")

    def __init__(
        self, number: int, follower: int, leader: int, offsets: dict[int, int], now_s: float
    ) -> None:
        super().__init__(number, follower, leader, now_s, RequestKind.FETCH)
        self.offsets = offsets
        self.slices: dict[int, Slice] = {}
        self.size_bytes = FETCH_BYTES + len(offsets) * FETCH_PARTITION_BYTES

    def bring(self, slices: dict[int, Slice]) -> None:
        """Have an answer."""
        self.slices = slices
        records_bytes = sum(piece.size_bytes for piece in slices.values())
        self.answer_bytes = self.size_bytes + records_bytes
