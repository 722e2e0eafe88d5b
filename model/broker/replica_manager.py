"""What a leader does for its followers, and for producers that wait for them.

Source: ReplicaManager.scala. Fetches park while there is nothing for them; produce requests with
acks=all park until the high watermark has passed their batches. Both are completed by whoever makes
it happen: an append, a fetch, or a follower that leaves the ISR (DelayedProduce, DelayedFetch).
Where leaders change it is a :class:`model.broker.moving_replicas.MovingReplicaManager`. Left out:
consumers. Units: seconds, bytes.
"""

from collections.abc import Mapping

from model.alarm import Process
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.purgatory import DelayedOperationPurgatory
from model.clock import Clock
from model.config.cluster import BrokerConfig
from model.costs import BrokerCosts
from model.units import seconds
from model.wire.batches import RecordBatch, Verdict
from model.wire.errors import NO_ERROR, Error
from model.wire.leadership import LeaderAndEpoch
from model.wire.requests import FetchRequest, ProduceRequest, Slice


class ReplicaManager:
    """The partitions that one broker leads, and the requests that wait for their followers."""

    #: Whether others may lead in its place.
    moves = False
    #: What it knows of who leads; None: nobody has to ask.
    image: Mapping[int, LeaderAndEpoch] | None = None

    def __init__(
        self,
        env: Clock,
        config: BrokerConfig,
        costs: BrokerCosts,
        pace: Pace,
        partitions: dict[int, Partition],
    ) -> None:
        self._env = env
        self._config = config
        self._costs = costs
        self._pace = pace
        self.partitions = partitions
        self._fetch_wait_s = seconds(config.replica_fetch_wait_max_ms)
        #: Whether anybody follows.
        self.has_followers = any(partition.has_followers for partition in partitions.values())
        self._produces = DelayedOperationPurgatory(env, self._is_replicated)
        self._fetches = DelayedOperationPurgatory(env, self._has_news)

    def __repr__(self) -> str:
        return f"<ReplicaManager: {self._produces!r} produces, {self._fetches!r} fetches>"

    def appended(self) -> None:
        """A request's batches are all appended: fetches that wait for them go on (ActionQueue)."""
        self._fetches.check_and_complete()

    def crash(self, forget: bool) -> None:
        """The broker's process ends, and with it whoever waited; the logs stay.

        ``forget``: producers' states come back from a snapshot, with the last batch of each only.
        """
        if forget:
            for partition in self.partitions.values():
                partition.log.reload()
        self._produces.shutdown()
        self._fetches.shutdown()

    def note_ends(self, fetch: FetchRequest) -> None:
        """A fetch says how far its follower has come; who waited for that goes on."""
        for partition, offset in fetch.offsets.items():
            self.partitions[partition].fetched(fetch.follower, offset, self._env.now)
        self._produces.check_and_complete()

    def wait(self, request: ProduceRequest, alone: bool) -> Process:
        """Park a produce request until enough have it; from when on its thread goes on.

        The longer that takes, the later runs the thread. ``alone``: it has nobody else to serve.
        """
        parked_s = self._env.now
        done = yield from self._produces.try_complete_else_watch(request, request.timeout_s)
        rise_s = self._costs.rise_s(self._env.now - parked_s)
        goes_on_s: float = self._env.now + rise_s
        if rise_s and not (alone and done):
            yield self._env.until(goes_on_s)
        if not done:
            self._time_out(request)
        return goes_on_s

    def wait_for_news(self, request: FetchRequest, alone: bool) -> Process:
        """Park a fetch until there is something to send, and send it; from when on it is written.

        ``alone``: the thread has nobody else to serve.
        """
        parked_s = self._env.now
        yield from self._fetches.try_complete_else_watch(request, self._fetch_wait_s)
        request.bring(self._read(request))
        answer_s = self._costs.fetch_answer_s(request.fetched_bytes)
        answer_s = self._pace.delay_s(self._env.now, answer_s)
        goes_on_s = self._env.now + (self._costs.rise_s(self._env.now - parked_s) + answer_s)
        if not alone:
            yield self._env.until(goes_on_s)
        return goes_on_s

    def _time_out(self, request: ProduceRequest) -> None:
        """Its batches that are not replicated are answered with an error; they stay in the log."""
        request.verdicts = [
            verdict if self._has_passed(batch, verdict) else Verdict(Error.REQUEST_TIMED_OUT)
            for batch, verdict in zip(request.batches, request.verdicts, strict=True)
        ]

    def _has_news(self, fetch: FetchRequest) -> bool:
        for number, end in fetch.offsets.items():
            if self.partitions[number].log.log_end_offset > end:
                return True
        return False

    def _is_replicated(self, request: ProduceRequest) -> bool:
        for batch, verdict in zip(request.batches, request.verdicts, strict=False):
            if not self._has_passed(batch, verdict):
                return False
        return True

    def _has_passed(self, batch: RecordBatch, verdict: Verdict) -> bool:
        """Whether the high watermark has passed a batch; one that was refused waits for nothing."""
        if verdict.error is not NO_ERROR:
            return True
        high_watermark = self.partitions[batch.partition].high_watermark
        return high_watermark >= verdict.base_offset + batch.records

    def _read(self, fetch: FetchRequest) -> dict[int, Slice]:
        """What a fetch is answered with, within its limits (ReplicaManager.readFromLog)."""
        left_bytes = self._config.replica_fetch_response_max_bytes
        slices: dict[int, Slice] = {}
        for partition, offset in fetch.offsets.items():
            if left_bytes <= 0:
                break
            most_bytes = min(left_bytes, self._config.replica_fetch_max_bytes)
            piece = self.partitions[partition].log.read(offset, most_bytes)
            if piece.batches:
                slices[partition] = piece
                left_bytes -= piece.size_bytes
        return slices

    def expire_isr(self) -> Process:
        """Look now and then who lags too long (the task isr-expiration)."""
        lag_s = seconds(self._config.replica_lag_time_max_ms)
        while True:
            yield self._env.timeout(lag_s / 2)
            for partition in self.partitions.values():
                partition.shrink_isr(self._env.now, lag_s)
            self._produces.check_and_complete()
