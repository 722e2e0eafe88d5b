"""One replica of a partition: its log and, while it leads, followers, ISR and high watermark.

Pure. Source: Partition.scala. A follower says how far its log goes by asking for what comes after
it (fetchRecords, Replica.updateFetchStateOrThrow). The high watermark is the lowest end of the
in-sync replicas and never falls; it stands still while fewer than ``min.insync.replicas`` are in
sync (maybeIncrementLeaderHW, KAFKA-15583). A follower that was not at the leader's end for longer
than ``replica.lag.time.max.ms`` is out, and back in when it has reached the high watermark and the
start of the leader's epoch. Who becomes leader keeps all of its log, also what is beyond the high
watermark (makeLeader). Without followers the high watermark is the log end offset. Left out: what
a follower knows of the high watermark, which a new leader has by the first fetches and nobody asks
for before. Units: offsets, seconds.
"""

from collections.abc import Container, Iterable

from model.broker.replica_log import ReplicaLog
from model.broker.unified_log import UnifiedLog
from model.wire.batches import Numbers, Verdict
from model.wire.leadership import NO_LEADER, LeaderAndEpoch


class Partition:
    """A log, and what its leader knows of its followers.

    Without a ``log`` of its own it leads for ever; with one it takes part in elections.
    """

    def __init__(
        self,
        followers: Iterable[int] = (),
        min_insync_replicas: int = 1,
        log: ReplicaLog | None = None,
    ) -> None:
        self._ends = dict.fromkeys(followers, 0)
        self.log: UnifiedLog = UnifiedLog(is_fetched=self.has_followers) if log is None else log
        self.leads = True
        self.leadership = LeaderAndEpoch(NO_LEADER, 0)
        self._epoch_start_offset = 0
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

    def lead(self, log: ReplicaLog, leadership: LeaderAndEpoch, now_s: float) -> None:
        """Become the leader: all of its log counts, and what others have it will hear."""
        log.lead(leadership.epoch)
        self.leads, self.leadership = True, leadership
        self._epoch_start_offset = log.log_end_offset
        self._high_watermark = min(self._high_watermark, log.log_end_offset)
        self._ends = dict.fromkeys(self._ends, 0)
        self._caught_up_s = dict.fromkeys(self._ends, now_s)
        self._fetched = dict.fromkeys(self._ends, (now_s, 0))

    def follow(self, leadership: LeaderAndEpoch) -> None:
        """Be no leader, whoever is."""
        self.leads, self.leadership = False, leadership

    def set_isr(self, isr: Container[int]) -> None:
        """As leader: this is the ISR that the controller has."""
        self._in_sync = {follower for follower in self._ends if follower in isr}
        self._increment_high_watermark()

    @property
    def in_sync_followers(self) -> frozenset[int]:
        """The ISR without the leader."""
        return frozenset(self._in_sync)

    def fetched(self, follower: int, offset: int, now_s: float) -> None:
        """A follower asks for what comes after ``offset``: it has everything before."""
        self._ends[follower] = offset
        fetched_s, end_then = self._fetched[follower]
        if offset >= self.log.log_end_offset:
            self._caught_up_s[follower] = now_s
        elif offset >= end_then:
            self._caught_up_s[follower] = fetched_s
        self._fetched[follower] = now_s, self.log.log_end_offset
        if offset >= self._high_watermark and offset >= self._epoch_start_offset:
            self._in_sync.add(follower)
        self._increment_high_watermark()
        self.log.forget_before(min(self._ends.values()))

    def _increment_high_watermark(self) -> None:
        """Move it as far as the in-sync replicas let it (maybeIncrementLeaderHW)."""
        log_end_offset = self.log.log_end_offset
        if self.has_min_in_sync:
            lowest = min([log_end_offset, *(self._ends[name] for name in self._in_sync)])
            self._high_watermark = max(self._high_watermark, lowest)

    def lagging(self, now_s: float, lag_s: float) -> frozenset[int]:
        """Those in the ISR that lag for too long (getOutOfSyncReplicas)."""
        return frozenset(
            follower
            for follower in self._in_sync
            if self._ends[follower] < self.log.log_end_offset
            and now_s - self._caught_up_s[follower] > lag_s
        )

    def shrink_isr(self, now_s: float, lag_s: float) -> None:
        """Take those out of the ISR that lag for too long (maybeShrinkIsr)."""
        self._in_sync -= self.lagging(now_s, lag_s)
        self._increment_high_watermark()
