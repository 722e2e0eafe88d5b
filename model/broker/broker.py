"""One broker: network threads, handler threads, log locks, and one process per connection.

The process *is* the mute rule (SocketServer.processCompletedReceives): it reads a request and does
not look at its connection again until the answer is written. Modelled: network threads that own
their connections and serve them one after the other, a pool of handler threads, a lock per log
under which batches are appended. Left out: the bound of the request queue (500, out of reach with
one request per connection), quotas, followers, disks. Units: seconds, bytes.
"""

from collections.abc import Iterator

import simpy

from model.alarm import Permits, Process
from model.broker.log import PartitionLog
from model.config.cluster import BrokerConfig, MachineConfig
from model.facts import Probe
from model.messages import ProduceRequest, RecordBatch
from model.network.connection import Connection
from model.units import MICROSECOND_S

#: Assumed: the work per request is shared evenly by reading, handling and writing.
READ_SHARE = HANDLE_SHARE = WRITE_SHARE = 1 / 3


class NetworkThread:
    """Serves the reads and writes of its connections, first come first served."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._free_at_s = 0.0

    def work(self, work_s: float) -> simpy.Event:
        """An event for when the thread has done this, after all it was asked before."""
        self._free_at_s = max(self._env.now, self._free_at_s) + work_s
        return self._env.timeout(self._free_at_s - self._env.now)


class Broker:
    """The leader of some partitions. ``tail_s`` draws the random part of a request's handling."""

    def __init__(
        self,
        env: simpy.Environment,
        config: BrokerConfig,
        machine: MachineConfig,
        logs: dict[int, PartitionLog],
        tail_s: Iterator[float],
        probe: Probe,
    ) -> None:
        self._env = env
        self._logs = logs
        self._tail_s = tail_s
        self._probe = probe
        self._network_threads = [NetworkThread(env) for _ in range(config.num_network_threads)]
        self._handlers = Permits(env, config.num_io_threads)
        self._log_locks = {partition: Permits(env, 1) for partition in logs}
        self._request_s = machine.broker_request_us * MICROSECOND_S
        self._batch_s = machine.broker_batch_us * MICROSECOND_S
        self._byte_s = machine.broker_byte_us * MICROSECOND_S
        self._connections = 0

    def accept(self, connection: Connection) -> None:
        """Serve a connection from now on; network threads get connections in turn."""
        thread = self._network_threads[self._connections % len(self._network_threads)]
        self._connections += 1
        self._env.process(self._serve(connection, thread))

    def _serve(self, connection: Connection, thread: NetworkThread) -> Process:
        """Read a request, handle it, write its answer; only then look at the connection again."""
        while True:
            if not connection.readable:
                yield connection.arrival()
            request = connection.read()
            request.taken_s = self._env.now
            yield thread.work(self._request_s * READ_SHARE)
            yield from self._handle(request)
            yield thread.work(self._request_s * WRITE_SHARE)
            request.answered_s = self._env.now
            request.service_s += self._request_s
            connection.answer(request)

    def _handle(self, request: ProduceRequest) -> Process:
        """Append the request's batches one after the other on one handler thread."""
        yield from self._handlers.acquire()
        tail_s = next(self._tail_s)
        request.service_s += tail_s
        yield self._env.timeout(self._request_s * HANDLE_SHARE + tail_s)
        for batch in request.batches:
            yield from self._append(request, batch)
        self._handlers.release()

    def _append(self, request: ProduceRequest, batch: RecordBatch) -> Process:
        """Append one batch under the lock of its log."""
        lock = self._log_locks[batch.partition]
        yield from lock.acquire()
        work_s = self._batch_s + batch.size_bytes * self._byte_s
        yield self._env.timeout(work_s)
        batch.base_offset = self._logs[batch.partition].append(batch)
        request.service_s += work_s
        self._probe.batch_appended(request.producer, batch, self._env.now)
        lock.release()
