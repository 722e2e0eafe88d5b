"""Who has what of one partition, as its leader knows it: followers' ends, ISR, high watermark.

Pure. A follower tells its log end by asking for what comes after it (Partition.fetchRecords,
Replica.updateFetchStateOrThrow). The high watermark is the lowest end of the in-sync replicas and
never falls; it stands still while fewer than ``min.insync.replicas`` are in sync (Partition.
maybeIncrementLeaderHW, KAFKA-15583). A follower that was not at the leader's end for longer than
``replica.lag.time.max.ms`` is out, and back in when it has reached the high watermark. A
follower that the controller has not heard of is out at once. Left out: the few ms that the
controller takes to agree, and elections. Units: offsets, seconds.
"""

from collections.abc import Iterable


class Replicas:
    """The replicas of a partition beside its leader."""

    def __init__(self, followers: Iterable[int], min_in_sync: int) -> None:
        self._ends = dict.fromkeys(followers, 0)
        self._in_sync = set(self._ends)
        # Read: Partition.effectiveMinIsr
        self._min_in_sync = min(min_in_sync, len(self._ends) + 1)
        self._caught_up_s = dict.fromkeys(self._ends, 0.0)
        self._asked_at = dict.fromkeys(self._ends, (0.0, 0))  # last fetch: when, leader's end then
        self.high_watermark = 0

    def __repr__(self) -> str:
        return f"<Replicas {self._ends}, in sync {sorted(self._in_sync)}>"

    @property
    def in_sync(self) -> int:
        """Size of the ISR, the leader included."""
        return 1 + len(self._in_sync)

    @property
    def enough(self) -> bool:
        """Whether ``min.insync.replicas`` are in sync."""
        return self.in_sync >= self._min_in_sync

    @property
    def lowest_end(self) -> int:
        """Up to where every follower has the log."""
        return min(self._ends.values())

    def fetched(self, follower: int, offset: int, log_end_offset: int, now_s: float) -> None:
        """A follower asks for what comes after ``offset``: it has everything before."""
        self._ends[follower] = offset
        asked_s, end_then = self._asked_at[follower]
        if offset >= log_end_offset:
            self._caught_up_s[follower] = now_s
        elif offset >= end_then:
            self._caught_up_s[follower] = asked_s
        self._asked_at[follower] = now_s, log_end_offset
        if offset >= self.high_watermark:
            self._in_sync.add(follower)
        self.advance(log_end_offset)

    def advance(self, log_end_offset: int) -> None:
        """Move the high watermark as far as the in-sync replicas let it."""
        if self.enough:
            lowest = min((self._ends[name] for name in self._in_sync), default=log_end_offset)
            self.high_watermark = max(self.high_watermark, min(lowest, log_end_offset))

    def fence(self, follower: int, log_end_offset: int) -> None:
        """The controller takes a follower out of the ISR that it has not heard of."""
        self._in_sync.discard(follower)
        self.advance(log_end_offset)

    def drop_laggards(self, log_end_offset: int, now_s: float, lag_s: float) -> None:
        """Take those out of the ISR that lag for too long (Partition.maybeShrinkIsr)."""
        for follower in tuple(self._in_sync):
            behind = self._ends[follower] < log_end_offset
            if behind and now_s - self._caught_up_s[follower] > lag_s:
                self._in_sync.discard(follower)
        self.advance(log_end_offset)
