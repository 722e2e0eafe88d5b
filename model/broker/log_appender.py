"""How a broker appends what producers send: lock by lock, and what it answers about each batch.

The gates come in the broker's order: what is wrong with it, replicas in sync, size, leadership,
then what the log says (ReplicaManager.appendRecords, Partition.appendRecordsToLeader). Units:
seconds, bytes.
"""

from collections.abc import Sequence

from model.alarm import Permits, Process
from model.broker.injected_errors import InjectedErrors
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.service_times import ServiceTimes
from model.clock import Clock
from model.config.faults import Fault
from model.network.connection import Connection
from model.outcome.facts import Probe
from model.wire.batches import Numbers, RecordBatch, Verdict
from model.wire.errors import NO_ERROR, Error
from model.wire.requests import ProduceRequest


class LogAppender:
    """One broker's, struck by ``faults``.

    Batches have ``most_bytes`` at most; the run ends at ``run_ends_s``.
    """

    def __init__(
        self,
        env: Clock,
        partitions: dict[int, Partition],
        service: ServiceTimes,
        pace: Pace,
        faults: Sequence[Fault],
        most_bytes: int,
        run_ends_s: float,
        probe: Probe,
    ) -> None:
        self._env = env
        self._partitions = partitions
        self._service = service
        self._pace = pace
        self._injected = InjectedErrors(faults)
        self._most_bytes = most_bytes
        self._run_ends_s = run_ends_s
        self._probe = probe
        self.crash()

    def crash(self) -> None:
        """The process ends, and with it who held a lock or waited for one."""
        self._locks = {partition: Permits(self._env, 1) for partition in self._partitions}

    def append(
        self,
        connection: Connection,
        request: ProduceRequest,
        at_s: float,
        alone: bool,
        unseen: bool,
    ) -> Process:
        """Append a request's batches one after the other, from ``at_s`` on; until when.

        Each in an event of its own, for others look at the log. ``alone``: no other client appends
        here, and no fault can strike, so nobody can come before the first. ``unseen``: nor does
        anybody look in between, unless the run ends.
        """
        if not alone:
            yield self._env.until(at_s)
            if connection.ends.broken:
                return at_s
        error: Error = NO_ERROR
        if not self._injected.none_ever:
            error = self._injected.of_request(at_s)
        for batch, numbers in zip(request.batches, request.numbers, strict=True):
            if error is not NO_ERROR:
                self._refuse(request, batch, numbers, error, at_s)
                continue
            lock = self._locks[batch.partition]
            if not lock.take():
                yield lock.turn()
                at_s = self._env.now
            work_s = self._service.append_s(batch.size_bytes, batch.unpacked_bytes)
            at_s += self._pace.delay_s(at_s, work_s)
            if not unseen or at_s >= self._run_ends_s:
                yield self._env.until(at_s)
            request.service_s += work_s
            if not connection.ends.broken:
                self._decide(request, batch, numbers, at_s)
            lock.release()
        return at_s

    def _decide(
        self, request: ProduceRequest, batch: RecordBatch, numbers: Numbers, now_s: float
    ) -> None:
        """The broker's order of decisions: gates, size, then what the log says."""
        error: Error = NO_ERROR
        if not self._injected.none_ever:
            error = self._injected.before_append(request.acks, now_s)
        partition = self._partitions[batch.partition]
        if request.acks == "all" and not partition.has_min_in_sync:
            error = Error.NOT_ENOUGH_REPLICAS
        if error is NO_ERROR and batch.size_bytes > self._most_bytes:
            error = Error.MESSAGE_TOO_LARGE
        if not partition.leads:
            error = Error.NOT_LEADER_OR_FOLLOWER
        if error is not NO_ERROR:
            self._refuse(request, batch, numbers, error, now_s)
            return
        verdict = partition.append(numbers, batch.records, batch.size_bytes)
        if verdict.error is not NO_ERROR or verdict.duplicate:
            self._probe.batch_not_written(request, batch, numbers, verdict, now_s)
        else:
            epoch = partition.leadership.epoch
            self._probe.batch_appended(request, batch, verdict.base_offset, now_s, epoch)
        if verdict.error is NO_ERROR and not self._injected.none_ever:
            error = self._injected.after_append(request.acks, now_s)
            verdict = verdict if error is NO_ERROR else Verdict(error)
        request.verdicts.append(verdict)

    def _refuse(
        self,
        request: ProduceRequest,
        batch: RecordBatch,
        numbers: Numbers,
        error: Error,
        now_s: float,
    ) -> None:
        partition = self._partitions[batch.partition]
        leader = None if partition.leads else partition.leadership
        verdict = Verdict(error, leader=leader)
        request.verdicts.append(verdict)
        self._probe.batch_not_written(request, batch, numbers, verdict, now_s)
