"""What a broker does for its replicas where leaders change.

Source: ReplicaManager.scala (applyDelta, makeLeaders, makeFollowers), Partition.scala,
AbstractFetcherThread.scala. What the controller decided makes it lead a partition or follow
another broker; whoever waited for followers of a partition that it leads no more is told so, though
the data may be with the next leader. A leader asks the controller for another ISR: one that is
larger counts at once, one that is smaller when it was granted. Units: seconds.
"""

from collections.abc import Callable, Mapping

from model.alarm import Process
from model.broker.election import PartitionRegistration
from model.broker.partition import Partition
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.broker.replica_log import ReplicaLog
from model.broker.replica_manager import ReplicaManager
from model.units import seconds
from model.wire.batches import RecordBatch, Verdict
from model.wire.errors import NO_ERROR, Error
from model.wire.leadership import NO_LEADER, LeaderAndEpoch
from model.wire.requests import FetchRequest, ProduceRequest, Slice

#: Asks the controller for an ISR: partition, leader epoch, members.
AlterIsr = Callable[[int, int, frozenset[int]], None]


class MovingReplicaManager(ReplicaManager):
    """The replicas of one broker, led or followed."""

    moves = True
    number: int
    _logs: dict[int, ReplicaLog]
    _fetchers: Mapping[int, ReplicaFetcherThread]  # by leader
    _alter_isr: AlterIsr

    def take_part(
        self, number: int, fetchers: Mapping[int, ReplicaFetcherThread], alter_isr: AlterIsr
    ) -> None:
        """Know the broker's own number, its threads, and whom to ask."""
        self.number, self._fetchers, self._alter_isr = number, fetchers, alter_isr
        self._logs = {}
        for partition, each in self.partitions.items():
            assert isinstance(each.log, ReplicaLog), f"partition {partition} cannot move"
            self._logs[partition] = each.log

    def learn(self, partitions: Mapping[int, PartitionRegistration]) -> None:
        """This is how things stand: lead, follow, have another ISR."""
        self.image = {number: each.leadership for number, each in partitions.items()}
        for number, partition in self.partitions.items():
            registration = partitions[number]
            leadership = registration.leadership
            if leadership.leader == self.number:
                self._lead(number, partition, registration)
            elif partition.leadership != leadership or partition.leads:
                self._follow(number, partition, leadership)
        self._produces.check_and_complete()
        self._fetches.check_and_complete()

    def _lead(self, number: int, partition: Partition, registration: PartitionRegistration) -> None:
        if not partition.leads or partition.leadership != registration.leadership:
            self._leave(number)
            partition.lead(self._logs[number], registration.leadership, self._env.now)
        partition.set_isr(registration.isr)

    def _follow(self, number: int, partition: Partition, leadership: LeaderAndEpoch) -> None:
        partition.follow(leadership)
        self._leave(number)
        if leadership.leader in self._fetchers:
            self._fetchers[leadership.leader].follow(number, self._logs[number], leadership.epoch)

    def _leave(self, number: int) -> None:
        for fetcher in self._fetchers.values():
            fetcher.leave(number)

    def crash(self, forget: bool) -> None:
        """The process ends: it leads and copies nothing until it learns how things are."""
        super().crash(forget)
        for number, partition in self.partitions.items():
            partition.follow(LeaderAndEpoch(NO_LEADER, partition.leadership.epoch))
            self._leave(number)

    def note_ends(self, fetch: FetchRequest) -> None:
        """A fetch says how far its follower has come, if its log is the beginning of this one."""
        for number, offset in fetch.offsets.items():
            if self._trouble(fetch, number) is not None:
                continue
            partition = self.partitions[number]
            before = partition.in_sync_followers
            partition.fetched(fetch.follower, offset, self._env.now)
            if partition.in_sync_followers != before:
                self._ask(number, partition, partition.in_sync_followers)
        self._produces.check_and_complete()

    def _ask(self, number: int, partition: Partition, followers: frozenset[int]) -> None:
        self._alter_isr(number, partition.leadership.epoch, followers | {self.number})

    def _trouble(self, fetch: FetchRequest, number: int) -> Slice | None:
        """Why a follower gets nothing of a partition; None: it gets what there is."""
        partition, offset = self.partitions[number], fetch.offsets[number]
        leader_epoch, last_epoch = fetch.epochs[number]
        if not partition.leads or partition.leadership.epoch != leader_epoch:
            return Slice(offset, 0, 0, error=Error.UNKNOWN_LEADER_EPOCH)
        if (differs := self._logs[number].differs_from(last_epoch, offset)) is not None:
            return Slice(offset, 0, 0, diverges_at=differs)
        return None

    def _has_news(self, fetch: FetchRequest) -> bool:
        return super()._has_news(fetch) or any(
            self._trouble(fetch, number) is not None for number in fetch.offsets
        )

    def _read(self, fetch: FetchRequest) -> dict[int, Slice]:
        slices = super()._read(fetch)
        for number in fetch.offsets:
            if (trouble := self._trouble(fetch, number)) is not None:
                slices[number] = trouble
        return slices

    def _has_passed(self, batch: RecordBatch, verdict: Verdict) -> bool:
        leads = self.partitions[batch.partition].leads
        return not leads or super()._has_passed(batch, verdict)

    def wait(self, request: ProduceRequest, alone: bool) -> Process:
        """As any leader; a batch whose partition is another's by then is answered with that."""
        goes_on_s = yield from super().wait(request, alone)
        # fewer verdicts than batches: the process ended, and nobody will be answered
        request.verdicts = list(map(self._answer, request.batches, request.verdicts))
        return goes_on_s

    def _answer(self, batch: RecordBatch, verdict: Verdict) -> Verdict:
        partition = self.partitions[batch.partition]
        if partition.leads or verdict.error is not NO_ERROR:
            return verdict
        return Verdict(Error.NOT_LEADER_OR_FOLLOWER, leader=partition.leadership)

    def expire_isr(self) -> Process:
        """Look now and then who lags too long, and ask for an ISR without them."""
        lag_s = seconds(self._config.replica_lag_time_max_ms)
        while True:
            yield self._env.timeout(lag_s / 2)
            for number, partition in self.partitions.items():
                lagging = partition.lagging(self._env.now, lag_s) if partition.leads else None
                if lagging:
                    self._ask(number, partition, partition.in_sync_followers - lagging)
