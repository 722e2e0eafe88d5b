"""What a leader does for its followers, and for producers that wait for them.

Fetches park while there is nothing for them; produce requests with acks=all park until the high
watermark has passed their batches. Both are completed by whoever makes it happen: an append, a
fetch, or a follower that leaves the ISR (ReplicaManager, DelayedProduce, DelayedFetch). Left out:
consumers. Units: seconds, bytes.
"""

import simpy

from model.alarm import Process
from model.broker.log import PartitionLog
from model.broker.pace import WorkingHours
from model.broker.purgatory import Purgatory
from model.config.cluster import BrokerConfig, MachineConfig
from model.units import MICROSECOND_S, seconds
from model.wire.batches import RecordBatch, Verdict
from model.wire.errors import Error
from model.wire.requests import FetchRequest, Request, RequestKind, Slice


class Following:
    """The leader's side of replication, for the partitions of one broker."""

    def __init__(
        self,
        env: simpy.Environment,
        config: BrokerConfig,
        machine: MachineConfig,
        hours: WorkingHours,
        logs: dict[int, PartitionLog],
        acks: str,
        ack_timeout_s: float,
    ) -> None:
        self._env = env
        self._config = config
        self._hours = hours
        self._logs = logs
        self._acks = acks
        self._ack_timeout_s = ack_timeout_s
        self._fetch_wait_s = seconds(config.replica_fetch_wait_max_ms)
        self._rise_s = machine.rise_s
        self._byte_s = machine.broker_byte_us * MICROSECOND_S
        #: Whether anybody follows.
        self.any = any(log.replicas is not None for log in logs.values())
        self._produces = Purgatory(env, self._is_replicated)
        self._fetches = Purgatory(env, self._has_news)

    def __repr__(self) -> str:
        return f"<Following: {self._produces!r} of produce requests, {self._fetches!r} of fetches>"

    def appended(self) -> None:
        """A request's batches are all appended: fetches that wait for them go on (ActionQueue)."""
        self._fetches.check()

    def fence(self, follower: int) -> None:
        """A follower is out of the ISR of everything that this broker leads."""
        for log in self._logs.values():
            if log.replicas is not None:
                log.replicas.fence(follower, log.log_end_offset)
        self._produces.check()

    def forget(self) -> None:
        """The broker's process ends, and with it whoever waited."""
        self._produces.forget()
        self._fetches.forget()

    def note_ends(self, fetch: FetchRequest) -> None:
        """A fetch tells how far its follower has come; who waited for that goes on."""
        for partition, offset in fetch.offsets.items():
            self._logs[partition].fetched(fetch.producer, offset, self._env.now)
        self._produces.check()

    def wait(self, request: Request) -> Process:
        """Park a fetch until there is something, a produce request until enough have it.

        The longer that takes, the later runs the thread that goes on with it.
        """
        parked_s = self._env.now
        if isinstance(request, FetchRequest):
            yield from self._fetches.wait(request, self._fetch_wait_s)
            request.bring(self._read(request))
            sent_s = self._hours.delay_s(self._env.now, self._sending_s(request))
            yield self._env.timeout(self._rise_s(self._env.now - parked_s) + sent_s)
        elif self._acks == "all" and request.kind is RequestKind.PRODUCE:
            done = yield from self._produces.wait(request, self._ack_timeout_s)
            if rise_s := self._rise_s(self._env.now - parked_s):
                yield self._env.timeout(rise_s)
            if not done:
                request.verdicts = [
                    verdict
                    if self._has_passed(batch, verdict)
                    else Verdict(Error.REQUEST_TIMED_OUT)
                    for batch, verdict in zip(request.batches, request.verdicts, strict=True)
                ]

    def _sending_s(self, fetch: FetchRequest) -> float:
        """An answer is a piece of the log's file (FileRecords): bytes that are copied, whatever
        batches they are. Assumed: a byte costs what it costs when it is appended."""
        return sum(piece.size_bytes for piece in fetch.slices.values()) * self._byte_s

    def _has_news(self, fetch: FetchRequest) -> bool:
        logs = self._logs
        return any(logs[place].log_end_offset > end for place, end in fetch.offsets.items())

    def _is_replicated(self, request: Request) -> bool:
        return all(map(self._has_passed, request.batches, request.verdicts))

    def _has_passed(self, batch: RecordBatch, verdict: Verdict) -> bool:
        """Whether the high watermark has passed a batch; one that was refused waits for nothing."""
        log = self._logs[batch.partition]
        if verdict.error is not Error.NONE:
            return True
        return log.high_watermark >= verdict.base_offset + batch.records

    def _read(self, fetch: FetchRequest) -> dict[int, Slice]:
        """What a fetch is answered with, within its limits (ReplicaManager.readFromLog)."""
        left_bytes, slices = self._config.replica_fetch_response_max_bytes, dict[int, Slice]()
        for partition, offset in fetch.offsets.items():
            if left_bytes <= 0:
                break
            most_bytes = min(left_bytes, self._config.replica_fetch_max_bytes)
            piece = self._logs[partition].slice_after(offset, most_bytes)
            if piece.batches:
                slices[partition] = piece
                left_bytes -= piece.size_bytes
        return slices

    def watch(self) -> Process:
        """Look now and then who lags too long (ReplicaManager's isr-expiration)."""
        lag_s = seconds(self._config.replica_lag_time_max_ms)
        while True:
            yield self._env.timeout(lag_s / 2)
            for log in self._logs.values():
                if log.replicas is not None:
                    log.replicas.drop_laggards(log.log_end_offset, self._env.now, lag_s)
            self._produces.check()
