"""A follower's fetcher thread (ReplicaFetcherThread.scala): one for each leader that it follows.

It asks, waits, appends what came, and asks again: what it has only the next request says. One
fetch serves all partitions of that leader. Left out: log locks of the follower (nobody else writes
there), num.replica.fetchers above one. Units: seconds.
"""

from collections.abc import Iterable, Iterator

import simpy

from model.alarm import Alarm, Process
from model.broker.pace import Pace
from model.broker.unified_log import UnifiedLog
from model.costs import BrokerCosts
from model.network.connection import Connection, Dial
from model.units import NEVER_S
from model.wire.requests import FetchRequest

#: Read: ReplicationConfigs.REPLICA_FETCH_BACKOFF_MS_DEFAULT.
BACKOFF_S = 1.0


class ReplicaFetcherThread:
    """Copies what one leader has to one follower."""

    def __init__(
        self,
        env: simpy.Environment,
        follower: int,
        leader: int,
        partitions: Iterable[int],
        costs: BrokerCosts,
        pace: Pace,
        dial: Dial,
        request_numbers: Iterator[int],
    ) -> None:
        self._env = env
        self.follower = follower
        self.leader = leader
        self.logs: dict[int, UnifiedLog] = {partition: UnifiedLog() for partition in partitions}
        self._costs = costs
        self._pace = pace
        self._dial = dial
        self._request_numbers = request_numbers
        self._alarm = Alarm(env)
        self._connection: Connection | None = None
        self._down_until_s = 0.0

    def __repr__(self) -> str:
        return f"<ReplicaFetcherThread of {self.follower} from {self.leader}: {self.logs}>"

    def run(self) -> Process:
        """Fetch for ever; after a lost connection, or when its broker is back, make another."""
        while True:
            if (down_s := self._down_until_s - self._env.now) > 0:
                yield self._env.timeout(down_s)
                continue
            self._connection = connection = self._dial(self._alarm.ring, self._lose)
            connection.warm_up()  # Assumed: its windows never are what a fetch waits for
            while self._has(connection):
                connection.send(self._request())
                yield self._alarm.sleep(NEVER_S)
                if connection.answers:
                    yield from self._append(connection)
            if self._down_until_s <= self._env.now:
                yield self._env.timeout(BACKOFF_S)

    def _has(self, connection: Connection) -> bool:
        return connection is self._connection

    def _lose(self, _: Connection) -> None:
        self._connection = None
        self._alarm.ring()

    def stop(self, for_s: float) -> None:
        """Its broker's process ends for so long, or reaches no other; its logs stay."""
        self._down_until_s = self._env.now + for_s
        if self._connection is not None:
            self._connection.close()
            self._lose(self._connection)

    def _request(self) -> FetchRequest:
        number = next(self._request_numbers)
        offsets = {partition: log.log_end_offset for partition, log in self.logs.items()}
        return FetchRequest(number, self.follower, self.leader, offsets, self._env.now)

    def _append(self, connection: Connection) -> Process:
        """Write what came, on this thread, unless its process ends before that is done."""
        answer = connection.next_answer()
        assert isinstance(answer, FetchRequest)
        slices = answer.slices.values()
        work_s = sum(self._costs.copy_s(piece.batches, piece.size_bytes) for piece in slices)
        yield self._env.timeout(self._pace.delay_s(self._env.now, work_s))
        if not self._has(connection):
            return
        self._write(answer)

    def _write(self, answer: FetchRequest) -> None:
        for partition, piece in answer.slices.items():
            self.logs[partition].copy(piece)
