"""A follower's fetcher thread (ReplicaFetcherThread.java): one for each leader that it follows.

It asks, waits, appends what came, and asks again: what it has is told by the next request alone.
One fetch serves all partitions of that leader. Left out: truncation, log locks of the follower
(nobody else writes there), num.replica.fetchers above one. Units: seconds.
"""

from collections.abc import Callable, Iterable, Iterator

import simpy

from model.alarm import Alarm, Process
from model.broker.hours import WorkingHours
from model.config.cluster import MachineConfig
from model.fetch import FetchRequest
from model.network.connection import NEVER_S, Connection
from model.units import MICROSECOND_S

#: Read: ReplicationConfigs.REPLICA_FETCH_BACKOFF_MS_DEFAULT.
BACKOFF_S = 1.0


class ReplicaFetcher:
    """Copies what one leader has to one follower."""

    def __init__(
        self,
        env: simpy.Environment,
        follower: int,
        leader: int,
        partitions: Iterable[int],
        machine: MachineConfig,
        hours: WorkingHours,
        dial: Callable[[Callable[[], None], Callable[[Connection], None]], Connection],
        request_numbers: Iterator[int],
    ) -> None:
        self._env = env
        self._follower = follower
        self._leader = leader
        self.end_offsets = dict.fromkeys(partitions, 0)
        self._batch_s = machine.broker_batch_us * MICROSECOND_S
        self._byte_s = machine.broker_byte_us * MICROSECOND_S
        self._hours = hours
        self._dial = dial
        self._request_numbers = request_numbers
        self._alarm = Alarm(env)
        self._connected = False

    def __repr__(self) -> str:
        return f"<ReplicaFetcher of {self._follower} from {self._leader}: {self.end_offsets}>"

    def run(self) -> Process:
        """Fetch for ever; after a lost connection make another."""
        while True:
            self._connected = True
            connection = self._dial(self._alarm.ring, self._lose)
            while self._connected:
                connection.send(self._request())
                yield self._alarm.sleep(NEVER_S)
                if connection.answers:
                    yield from self._append(connection.next_answer())
            yield self._env.timeout(BACKOFF_S)

    def _lose(self, _: Connection) -> None:
        self._connected = False
        self._alarm.ring()

    def _request(self) -> FetchRequest:
        number, offsets = next(self._request_numbers), dict(self.end_offsets)
        return FetchRequest(number, self._follower, self._leader, offsets, self._env.now)

    def _append(self, answer: object) -> Process:
        """Write what came, on this thread."""
        assert isinstance(answer, FetchRequest)
        slices = answer.slices.values()
        work_s = sum(
            piece.batches * self._batch_s + piece.size_bytes * self._byte_s for piece in slices
        )
        yield self._env.timeout(self._hours.delay_s(self._env.now, work_s))
        for partition, piece in answer.slices.items():
            self.end_offsets[partition] = piece.end_offset
