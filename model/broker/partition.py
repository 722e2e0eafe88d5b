"""One partition on its leader: the log, the followers, the ISR, the high watermark.

Pure. Source: Partition.scala. A follower says how far its log goes by asking for what comes after
it (fetchRecords, Replica.updateFetchStateOrThrow). The high watermark is the lowest end of the
in-sync replicas and never falls; it stands still while fewer than ``min.insync.replicas`` are in
sync (maybeIncrementLeaderHW, KAFKA-15583). A follower that was not at the leader's end for longer
than ``replica.lag.time.max.ms`` is out, and back in when it has reached the high watermark. A
follower that the controller has not heard of is out at once. Without followers the high watermark
is the log end offset. Left out: the few ms that the controller takes to agree, and elections.
Units: offsets, seconds.
"""

from collections.abc import Iterable

from model.broker.unified_log import UnifiedLog
from model.wire.batches import Numbers, Verdict


class Partition:
    """A leader's log, and what the leader knows of its followers."""

    def __init__(self, followers: Iterable[int] = (), min_insync_replicas: int = 1) -> None:
        self._ends = dict.fromkeys(followers, 0)
        self.log = UnifiedLog(is_fetched=self.has_followers)
        self._in_sync = set(self._ends)
        # Read: Partition.effectiveMinIsr
        self._min_in_sync = min(min_insync_replicas, len(self._ends) + 1)
        self._caught_up_s = dict.fromkeys(self._ends, 0.0)
        #: The last fetch: when it came, and the leader's end then.
        self._fetched = dict.fromkeys(self._ends, (0.0, 0))
        self._high_watermark = 0

    def __repr__(self) -> str:
        return f"<Partition {self.log!r}, followers {self._ends}, in sync {sorted(self._in_sync)}>"

    @property
    def has_followers(self) -> bool:
        """Whether anybody copies it."""
        return bool(self._ends)

    @property
    def high_watermark(self) -> int:
        """Up to where consumers may read."""
        return self._high_watermark if self._ends else self.log.log_end_offset

    @property
    def in_sync(self) -> int:
        """Size of the ISR, the leader included."""
        return 1 + len(self._in_sync)

    @property
    def has_min_in_sync(self) -> bool:
        """Whether ``min.insync.replicas`` are in sync."""
        return 1 + len(self._in_sync) >= self._min_in_sync

    def append(self, numbers: Numbers, records: int, size_bytes: int) -> Verdict:
        """Have the log judge a batch, and write it if nothing is wrong (appendRecordsToLeader)."""
        verdict = self.log.append(numbers, records, size_bytes)
        if self._ends:
            self._increment_high_watermark()
        return verdict

    def fetched(self, follower: int, offset: int, now_s: float) -> None:
        """A follower asks for what comes after ``offset``: it has everything before."""
        self._ends[follower] = offset
        fetched_s, end_then = self._fetched[follower]
        if offset >= self.log.log_end_offset:
            self._caught_up_s[follower] = now_s
        elif offset >= end_then:
            self._caught_up_s[follower] = fetched_s
        self._fetched[follower] = now_s, self.log.log_end_offset
        if offset >= self._high_watermark:
            self._in_sync.add(follower)
        self._increment_high_watermark()
        self.log.forget_before(min(self._ends.values()))

    def _increment_high_watermark(self) -> None:
        """Move it as far as the in-sync replicas let it (maybeIncrementLeaderHW)."""
        log_end_offset = self.log.log_end_offset
        if self.has_min_in_sync:
            lowest = min((self._ends[name] for name in self._in_sync), default=log_end_offset)
            self._high_watermark = max(self._high_watermark, min(lowest, log_end_offset))

    def fence(self, follower: int) -> None:
        """The controller takes a follower out of the ISR that it has not heard of."""
        self._in_sync.discard(follower)
        self._increment_high_watermark()

    def shrink_isr(self, now_s: float, lag_s: float) -> None:
        """Take those out of the ISR that lag for too long (maybeShrinkIsr)."""
        for follower in tuple(self._in_sync):
            behind = self._ends[follower] < self.log.log_end_offset
            if behind and now_s - self._caught_up_s[follower] > lag_s:
                self._in_sync.discard(follower)
        self._increment_high_watermark()
