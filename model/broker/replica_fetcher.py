"""A follower's fetcher thread (ReplicaFetcherThread.scala): one for each leader that it follows.

It asks, waits, appends what came, and asks again: what it has only the next request says. One
fetch serves all partitions of that leader, as far as it was told which these are; who does not
lead, or not yet, is asked again after ``replica.fetch.backoff.ms``; a log that differs from the
leader's is cut back to where they agree before it grows again (AbstractFetcherThread.scala). Left
out: log locks of the follower (nobody else writes there), num.replica.fetchers above one. Units:
seconds.
"""

from collections.abc import Iterator

from model.alarm import Alarm, Process
from model.broker.broker import Broker
from model.broker.follower_connection import DialLeader, FollowerConnection
from model.broker.pace import Pace
from model.broker.replica_log import ReplicaLog
from model.broker.unified_log import UnifiedLog
from model.clock import Clock
from model.costs import BrokerCosts
from model.units import NEVER_S, NOW_TOLERANCE_S
from model.wire.errors import NO_ERROR
from model.wire.requests import FetchRequest

#: Read: ReplicationConfigs.REPLICA_FETCH_BACKOFF_MS_DEFAULT.
BACKOFF_S = 1.0
#: Epochs where leaders do not change.
FOR_EVER = (0, -1)


class ReplicaFetcherThread:
    """Copies what one leader has to one follower, as long as it leads."""

    def __init__(
        self,
        env: Clock,
        follower: int,
        leader: Broker,
        costs: BrokerCosts,
        pace: Pace,
        dial: DialLeader,
        request_numbers: Iterator[int],
    ) -> None:
        self._env = env
        self.follower = follower
        self.leader = leader.number
        self._leader = leader
        self._costs = costs
        self._pace = pace
        self._dial = dial
        self._request_numbers = request_numbers
        self._alarm = Alarm(env)
        self._copies: dict[int, UnifiedLog] = {}
        self._epochs: dict[int, int] = {}  # of the leader
        self._waits_until_s: dict[int, float] = {}  # partitions that it did not lead
        self._connection: FollowerConnection | None = None
        self._down_until_s = 0.0

    def __repr__(self) -> str:
        return f"<ReplicaFetcherThread of {self.follower} from {self.leader}: {self._copies}>"

    def follow(self, partition: int, log: UnifiedLog, epoch: int = FOR_EVER[0]) -> None:
        """Copy a partition from this leader, of this epoch; at once, whatever was before."""
        self._copies[partition] = log
        self._epochs[partition] = epoch
        self._waits_until_s.pop(partition, None)
        self._alarm.ring()

    def leave(self, partition: int) -> None:
        """It is not this leader's any more."""
        self._copies.pop(partition, None)
        self._waits_until_s.pop(partition, None)

    def run(self) -> Process:
        """Connect when there is something to ask for, and fetch for as long as that lasts.

        Who loses the connection has the thread start anew; what is on its way then goes on alone.
        """
        while (due_s := max(self._down_until_s, self._next_due_s())) > self._soon_s:
            yield self._alarm.sleep(due_s)
        self._connection = connection = self._dial(self._lose)
        thread = self._leader.accept_follower(connection)
        while thread is not None and self._has(connection):
            if (due_s := self._next_due_s()) > self._soon_s:
                yield self._alarm.sleep(due_s)
                continue
            request = self._request()
            there_s = yield from connection.ask(request)
            if connection.broken:
                break
            written_s = yield from self._leader.fetch(connection, thread, request, there_s)
            if connection.broken or not self._has(connection):
                break
            there_s = yield from connection.answer(request, written_s)
            yield self._env.until(there_s + self._pace.delay_s(there_s, self._copying_s(request)))
            if self._has(connection):
                self._write(request)
        if thread is not None:
            self._leader.part(connection, thread)

    @property
    def _soon_s(self) -> float:
        return self._env.now + NOW_TOLERANCE_S

    def _has(self, connection: FollowerConnection) -> bool:
        return connection is self._connection

    def _lose(self, connection: FollowerConnection) -> None:
        """Make another one a while later, or when the own broker is back."""
        if self._has(connection):
            self._connection = None
            self._alarm.ring()
            self._env.process(self._start_again())

    def _start_again(self) -> Process:
        if self._down_until_s <= self._env.now:
            yield self._env.timeout(BACKOFF_S)
        yield from self.run()

    def stop(self, for_s: float) -> None:
        """Its broker's process ends for so long, or reaches no other; its logs stay."""
        self._down_until_s = self._env.now + for_s
        if self._connection is not None:
            self._connection.close()
            self._lose(self._connection)

    def _next_due_s(self) -> float:
        """When there is a partition to ask for: mostly now."""
        if len(self._copies) > len(self._waits_until_s):
            return self._env.now
        return min(self._waits_until_s.values(), default=NEVER_S)

    def _request(self) -> FetchRequest:
        """A fetch of all partitions but those that wait."""
        waits = {
            number: at_s for number, at_s in self._waits_until_s.items() if at_s > self._soon_s
        }
        self._waits_until_s = waits
        offsets: dict[int, int] = {}
        epochs: dict[int, tuple[int, int]] = {}
        for partition, log in self._copies.items():
            if partition in waits:
                continue
            offsets[partition] = log.log_end_offset
            if isinstance(log, ReplicaLog):
                epochs[partition] = self._epochs[partition], log.latest_epoch
        number, now_s = next(self._request_numbers), self._env.now
        return FetchRequest(number, self.follower, self.leader, offsets, now_s, epochs)

    def _copying_s(self, answer: FetchRequest) -> float:
        """How long the thread writes what came."""
        slices = answer.slices.values()
        return sum([self._costs.copy_s(piece.batches, piece.size_bytes) for piece in slices])

    def _write(self, answer: FetchRequest) -> None:
        """Act on what came for partitions that are still this leader's (processFetchRequest)."""
        for partition, piece in answer.slices.items():
            log = self._copies.get(partition)
            if log is None or answer.epochs.get(partition, FOR_EVER)[0] != self._epochs[partition]:
                continue
            if piece.error is not NO_ERROR:
                self._waits_until_s[partition] = self._env.now + BACKOFF_S
            elif log.log_end_offset == answer.offsets[partition]:
                log.copy(piece)
