"""A fetcher thread of a broker whose leaders change: partitions come to it and leave it.

Source: AbstractFetcherThread.scala. It asks only for what its leader leads, as far as it was told;
who does not lead, or not yet, is asked again after ``replica.fetch.backoff.ms``; a log that differs
from the leader's is cut back to where they agree before it grows again. Units: seconds.
"""

from typing import Any

from model.alarm import Process
from model.broker.replica_fetcher import BACKOFF_S, ReplicaFetcherThread
from model.broker.replica_log import ReplicaLog
from model.units import NEVER_S, NOW_TOLERANCE_S
from model.wire.errors import Error
from model.wire.requests import FetchRequest


class MovingFetcherThread(ReplicaFetcherThread):
    """Copies what one leader has to one follower, as long as it leads."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._copies: dict[int, ReplicaLog] = {}
        self._epochs: dict[int, int] = {}  # of the leader
        self._due_s: dict[int, float] = {}
        self._asked = False

    def follow(self, partition: int, log: ReplicaLog, epoch: int) -> None:
        """Copy a partition from this leader, of this epoch; at once, whatever was before."""
        self._copies[partition] = log
        self._epochs[partition] = epoch
        self._due_s[partition] = self._env.now
        if not self._asked:
            self._alarm.ring()

    def leave(self, partition: int) -> None:
        """It is not this leader's any more."""
        self._copies.pop(partition, None)

    def run(self) -> Process:
        """Fetch what there is to fetch; after a lost connection make another, a while later."""
        while True:
            due_s = max(self._down_until_s, self._next_due_s())
            if due_s > self._env.now + NOW_TOLERANCE_S:
                yield self._alarm.sleep(due_s)
                continue
            self._connection = connection = self._dial(self._alarm.ring, self._lose)
            connection.warm_up()
            while self._has(connection):
                if self._next_due_s() > self._env.now + NOW_TOLERANCE_S:
                    yield self._alarm.sleep(self._next_due_s())
                    continue
                self._asked = True
                connection.send(self._request())
                while self._has(connection) and not connection.answers:
                    yield self._alarm.sleep(NEVER_S)
                self._asked = False
                if self._has(connection):
                    yield from self._append(connection)
            if self._down_until_s <= self._env.now:
                yield self._env.timeout(BACKOFF_S)

    def _next_due_s(self) -> float:
        return min((self._due_s[partition] for partition in self._copies), default=NEVER_S)

    def _request(self) -> FetchRequest:
        due = [
            partition
            for partition in self._copies
            if self._due_s[partition] <= self._env.now + NOW_TOLERANCE_S
        ]
        offsets = {partition: self._copies[partition].log_end_offset for partition in due}
        epochs = {
            partition: (self._epochs[partition], self._copies[partition].latest_epoch)
            for partition in due
        }
        number, now_s = next(self._request_numbers), self._env.now
        return FetchRequest(number, self.follower, self.leader, offsets, now_s, epochs)

    def _write(self, answer: FetchRequest) -> None:
        """Act on what came for partitions that are still this leader's (processFetchRequest)."""
        for partition, piece in answer.slices.items():
            if partition not in self._copies or (
                self._epochs[partition] != answer.epochs[partition][0]
            ):
                continue
            if piece.error is not Error.NONE:
                self._due_s[partition] = self._env.now + BACKOFF_S
            elif self._copies[partition].log_end_offset == answer.offsets[partition]:
                self._copies[partition].copy(piece)
