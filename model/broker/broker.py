"""One broker: network threads, handler threads, log locks, and one process per connection.

The process *is* the mute rule (SocketServer.processCompletedReceives): it reads a request and does
not look at its connection again until the answer is written. So it also reads on when the client
has gone: requests that were delivered are appended until a write of an answer fails. Modelled:
network threads that own their connections and serve them one after the other, a pool of handler
threads, a lock per log under which batches are appended, followers' fetches, which are requests
like others and park while there is nothing for them, produce requests with acks=all that park until
the high watermark has passed them, what a fault makes of all this. Left out:
the bound of the request queue (500, out of reach with one request per connection), quotas,
disks. Units: seconds, bytes.
"""

from collections.abc import Iterable, Iterator

import simpy

from model.alarm import Permits, Process
from model.broker.injected_errors import InjectedErrors
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.replica_manager import ReplicaManager
from model.broker.service_times import ServiceTimes
from model.config.cluster import BrokerConfig
from model.config.faults import Fault
from model.network.connection import Connection
from model.outcome.facts import Probe
from model.wire.batches import Numbers, RecordBatch, Verdict
from model.wire.errors import Error
from model.wire.requests import NO_PRODUCER, FetchRequest, ProduceRequest, Request, RequestKind


class NetworkThread:
    """Serves the reads and writes of its connections, first come first served."""

    def __init__(self, env: simpy.Environment, pace: Pace) -> None:
        self._env = env
        self._pace = pace
        self._free_at_s = 0.0

    def work(self, work_s: float) -> simpy.Event:
        """An event for when the thread has done this, after all it was asked before."""
        now_s = self._env.now
        return self._env.timeout(self.done_s(now_s, work_s) - now_s)

    def done_s(self, now_s: float, work_s: float) -> float:
        """When the thread has done this, after all it was asked before."""
        start_s = max(now_s, self._free_at_s)
        self._free_at_s = start_s + self._pace.delay_s(start_s, work_s)
        return self._free_at_s


class Broker:
    """The leader of some partitions.

    ``producer_ids`` are the cluster's next ones (ProducerIdManager); ``faults`` are those that
    strike this broker; the run ends at ``run_ends_s``. ``replicas`` makes its replica manager.
    """

    def __init__(
        self,
        env: simpy.Environment,
        number: int,
        config: BrokerConfig,
        service: ServiceTimes,
        partitions: dict[int, Partition],
        replicas: type[ReplicaManager],
        producer_ids: Iterator[int],
        faults: Iterable[Fault],
        run_ends_s: float,
        probe: Probe,
    ) -> None:
        self._env = env
        self.number = number
        self.up, self.shutting_down = True, False
        self._config = config
        self._service = service
        self._costs = service.costs
        self._partitions = partitions
        self._producer_ids = producer_ids
        self._run_ends_s = run_ends_s
        self._probe = probe
        faults = tuple(faults)
        self._undisturbed = not faults
        self._pace = Pace(faults)
        self._injected = InjectedErrors(faults)
        self.replica_manager = replicas(env, config, self._costs, self._pace, partitions)
        self._start_threads()

    def _start_threads(self) -> None:
        self._network_threads = [
            NetworkThread(self._env, self._pace) for _ in range(self._config.num_network_threads)
        ]
        self._handlers = Permits(self._env, self._config.num_io_threads)
        self._log_locks = {partition: Permits(self._env, 1) for partition in self._partitions}
        self._accepted = 0
        self._open: dict[Connection, None] = {}  # in the order of acceptance

    def accept(self, connection: Connection) -> None:
        """Serve a connection from now on; network threads get connections in turn."""
        if not self.up:
            connection.break_off()
            return
        thread = self._network_threads[self._accepted % len(self._network_threads)]
        self._accepted += 1
        self._open[connection] = None
        self._env.process(self._serve(connection, thread))

    def crash(self, forget: bool) -> None:
        """End the process: connections break, what is in the works is lost, the logs stay.

        It answers again when connections reach it again; where others may lead in its place, when
        it has come back. ``forget``: the producers' states come back from a snapshot, with the last
        batch of each only.
        """
        self.up = not self.replica_manager.moves
        for connection in self._open:
            connection.break_off()
        self.replica_manager.crash(forget)
        self._start_threads()

    def come_back(self) -> None:
        """The process is there again; what it is to lead or follow it will hear."""
        self.up, self.shutting_down = True, False

    def _serve(self, connection: Connection, thread: NetworkThread) -> Process:
        """Read a request, handle it, write its answer; only then look at the connection again."""
        while (yield from self._await_request(connection)):
            request, rest = connection.read()
            if rest is not None:
                yield rest
                if connection.is_reset:
                    break
            request.taken_s = self._env.now
            if isinstance(request, ProduceRequest) and self._has_no_other(request):
                yield from self._work_at_once(thread, request)
            else:
                yield thread.work(self._reading_s(request))
                yield from self._handle(connection, request)
                if self.replica_manager.has_followers:
                    yield from self.replica_manager.wait(request)
                yield thread.work(self._costs.writing_s)
            if connection.is_reset:
                break
            request.answered_s = self._env.now
            request.service_s += self._costs.request_s
            if isinstance(request, ProduceRequest) and request.acks == "0" and request.failed:
                connection.break_off()  # there is no other way to say so (RequestChannel)
            connection.answer(request)
        self._open.pop(connection, None)

    def _has_no_other(self, request: ProduceRequest) -> bool:
        """Whether nothing can come between a request's being read and its answer's being written.

        Then all of that is one event. Faults may strike between any two, and who awaits no answer
        looks at the request in between.
        """
        alone = len(self._open) == 1 and not self.replica_manager.has_followers
        return alone and self._undisturbed and request.acks != "0"

    def _work_at_once(self, thread: NetworkThread, request: ProduceRequest) -> Process:
        """Do all the work on a request in one event, unless the run ends meanwhile.

        Nor in a run's first moments: up to twice the present a difference of floats is exact
        (Sterbenz), and one event is at the very instant at which several would end.
        """
        appended_s = self._appended_s(thread, request)
        answered_s = thread.done_s(appended_s[-1], self._costs.writing_s)
        if answered_s < min(self._run_ends_s, 2 * request.taken_s):
            yield self._env.timeout(answered_s - request.taken_s)
        for batch, numbers, at_s in zip(request.batches, request.numbers, appended_s, strict=True):
            if self._env.now < at_s:
                yield self._env.timeout(at_s - self._env.now)
            self._decide(request, batch, numbers, at_s)
        if self._env.now < answered_s:
            yield self._env.timeout(answered_s - self._env.now)

    def _appended_s(self, thread: NetworkThread, request: ProduceRequest) -> list[float]:
        """When each batch is appended, added up as the events of :meth:`_handle` would add it."""
        tail_s = self._service.tail_s()
        at_s = thread.done_s(request.taken_s, self._reading_s(request))
        at_s += self._costs.handling_s + tail_s
        request.service_s += tail_s
        appended_s = []
        for batch in request.batches:
            work_s = self._service.append_s(batch.size_bytes, batch.unpacked_bytes)
            request.service_s += work_s
            at_s += work_s
            appended_s.append(at_s)
        return appended_s

    def _reading_s(self, request: Request) -> float:
        """What a network thread has to do before a request can be handled."""
        if request.producer == NO_PRODUCER:
            return self._costs.reading_s
        decrypting_s = self._costs.decrypt_s(request.size_bytes)
        request.service_s += decrypting_s
        return self._costs.reading_s + decrypting_s

    def _await_request(self, connection: Connection) -> Process:
        """Wait for a whole request; False when there will be none."""
        while not connection.broken:
            if connection.readable:
                if paused_s := self._pace.paused_s(self._env.now):
                    yield self._env.timeout(paused_s)
                    continue
                return True
            if connection.finished:
                return False
            yield connection.arrival()
        return False

    def _handle(self, connection: Connection, request: Request) -> Process:
        """Do what a request asks for, on one handler thread."""
        handlers = self._handlers
        if not handlers.take():
            yield handlers.turn()
        tail_s = self._service.tail_s() if request.kind is RequestKind.PRODUCE else 0.0
        request.service_s += tail_s
        yield self._work(self._costs.handling_s + tail_s)
        if isinstance(request, FetchRequest):
            self.replica_manager.note_ends(request)
        elif isinstance(request, ProduceRequest):
            if not connection.broken:
                yield from self._produce(connection, request)
        elif request.kind is RequestKind.METADATA:
            request.leaders = self.replica_manager.image
        elif request.kind is RequestKind.INIT_PRODUCER_ID:
            request.producer_id = next(self._producer_ids)
        handlers.release()

    def _produce(self, connection: Connection, request: ProduceRequest) -> Process:
        """Append the request's batches one after the other."""
        error = Error.NONE
        if not self._injected.none_ever:
            error = self._injected.of_request(self._env.now)
        for batch, numbers in zip(request.batches, request.numbers, strict=True):
            if error is Error.NONE:
                yield from self._append(connection, request, batch, numbers)
            else:
                self._refuse(request, batch, numbers, error)
        self.replica_manager.appended()

    def _append(
        self, connection: Connection, request: ProduceRequest, batch: RecordBatch, numbers: Numbers
    ) -> Process:
        """Append one batch under the lock of its log, or say why not."""
        lock = self._log_locks[batch.partition]
        if not lock.take():
            yield lock.turn()
        work_s = self._service.append_s(batch.size_bytes, batch.unpacked_bytes)
        yield self._work(work_s)
        request.service_s += work_s
        if not connection.broken:
            self._decide(request, batch, numbers, self._env.now)
        lock.release()

    def _decide(
        self, request: ProduceRequest, batch: RecordBatch, numbers: Numbers, now_s: float
    ) -> None:
        """The broker's order of decisions: gates, size, then what the log says."""
        error = Error.NONE
        if not self._injected.none_ever:
            error = self._injected.before_append(request.acks, now_s)
        partition = self._partitions[batch.partition]
        if request.acks == "all" and not partition.has_min_in_sync:
            error = Error.NOT_ENOUGH_REPLICAS
        if error is Error.NONE and batch.size_bytes > self._config.message_max_bytes:
            error = Error.MESSAGE_TOO_LARGE
        if not partition.leads:
            error = Error.NOT_LEADER_OR_FOLLOWER
        if error is not Error.NONE:
            self._refuse(request, batch, numbers, error)
            return
        verdict = partition.append(numbers, batch.records, batch.size_bytes)
        if verdict.error is not Error.NONE or verdict.duplicate:
            self._probe.batch_not_written(request, batch, numbers, verdict, now_s)
        else:
            epoch = partition.leadership.epoch
            self._probe.batch_appended(request, batch, verdict.base_offset, now_s, epoch)
        if verdict.error is Error.NONE and not self._injected.none_ever:
            error = self._injected.after_append(request.acks, now_s)
            verdict = verdict if error is Error.NONE else Verdict(error)
        request.verdicts.append(verdict)

    def _refuse(
        self, request: ProduceRequest, batch: RecordBatch, numbers: Numbers, error: Error
    ) -> None:
        partition = self._partitions[batch.partition]
        leader = None if partition.leads else partition.leadership
        verdict = Verdict(error, leader=leader)
        request.verdicts.append(verdict)
        self._probe.batch_not_written(request, batch, numbers, verdict, self._env.now)

    def _work(self, work_s: float) -> simpy.Event:
        return self._env.timeout(self._pace.delay_s(self._env.now, work_s))
