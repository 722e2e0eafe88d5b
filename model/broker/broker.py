"""One broker: network threads, handler threads, log locks, and one process per connection.

The process *is* the mute rule (SocketServer.processCompletedReceives): it reads a request and does
not look at its connection again until the answer is written. So it also reads on when the client
has gone: requests that were delivered are appended until a write of an answer fails. A step goes
straight on to the next, ahead of the clock, where nobody can come between; where somebody can, it
waits until then, which is an event. Modelled: network threads that own their connections and serve
them one after the other, a pool of handler threads, a lock per log under which batches are
appended, followers' fetches, which are requests like others and park while there is nothing for
them, produce requests with acks=all that park until the high watermark has passed them, what a
fault makes of all this. Left out:
the bound of the request queue (500, out of reach with one request per connection), quotas,
disks. Units: seconds, bytes.
"""

from collections.abc import Iterable, Iterator

from model.alarm import Permits, Process
from model.broker.follower_connection import FollowerConnection
from model.broker.log_appender import LogAppender
from model.broker.network_thread import NetworkThread
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.replica_manager import ReplicaManager
from model.broker.service_times import ServiceTimes
from model.clock import Clock
from model.config.cluster import BrokerConfig
from model.config.faults import Fault
from model.network.connection import Connection
from model.outcome.facts import Probe
from model.wire.requests import NO_PRODUCER, FetchRequest, ProduceRequest, Request, RequestKind


class Broker:
    """The leader of some partitions.

    ``producer_ids`` are the cluster's next ones (ProducerIdManager); ``faults`` are those that
    strike this broker; the run ends at ``run_ends_s``. ``replicas`` makes its replica manager.
    """

    def __init__(
        self,
        env: Clock,
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
        self._producer_ids = producer_ids
        faults = tuple(faults)
        self._pace = Pace(faults)
        self._appender = LogAppender(
            env,
            partitions,
            service,
            self._pace,
            faults,
            config.message_max_bytes,
            run_ends_s,
            probe,
        )
        self.replica_manager = replicas(env, config, self._costs, self._pace, partitions)
        self._undisturbed = not (faults or self.replica_manager.moves)
        self._start_threads()

    def _start_threads(self) -> None:
        self._network_threads = [
            NetworkThread(self._pace) for _ in range(self._config.num_network_threads)
        ]
        self._handlers = Permits(self._env, self._config.num_io_threads)
        self._accepted = 0
        self._open: dict[Connection | FollowerConnection, None] = {}  # in the order of acceptance
        self._clients = 0  # of these

    def accept(self, connection: Connection) -> None:
        """Serve a client from now on."""
        if not self.up:
            connection.break_off()
            return
        self._open[connection] = None
        self._clients += 1
        self._env.process(self._serve(connection, self._next_thread()))

    def accept_follower(self, connection: FollowerConnection) -> NetworkThread | None:
        """Be ready for a follower's :meth:`fetch`, on this thread; None: there is nobody."""
        if not self.up:
            connection.break_off()
            return None
        self._open[connection] = None
        return self._next_thread()

    def part(self, connection: Connection | FollowerConnection, thread: NetworkThread) -> None:
        """A connection has come to its end."""
        thread.connections -= 1
        if connection in self._open:  # otherwise this is another process of the broker's
            del self._open[connection]
            self._clients -= isinstance(connection, Connection)

    def _next_thread(self) -> NetworkThread:
        """Network threads get connections in turn."""
        thread = self._network_threads[self._accepted % len(self._network_threads)]
        self._accepted += 1
        thread.connections += 1
        return thread

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
        self._appender.crash()
        self._start_threads()

    def come_back(self) -> None:
        """The process is there again; what it is to lead or follow it will hear."""
        self.up, self.shutting_down = True, False

    def _serve(self, connection: Connection, thread: NetworkThread) -> Process:
        """Read a request, handle it, write its answer; only then look at the connection again."""
        while not connection.ends.broken:
            if not connection.inbox.arrived:
                if connection.finished:
                    break
                yield connection.inbox.arrival()
                continue
            if paused_s := self._pace.paused_s(self._env.now):
                yield self._env.timeout(paused_s)
                continue
            request, rest = connection.inbox.read()
            if rest is not None:
                yield rest
                if connection.is_reset:
                    break
            request.taken_s = self._env.now
            at_s = yield from self._work_on(connection, thread, request)
            yield self._env.until(thread.done_s(at_s, self._costs.writing_s))
            if connection.is_reset:
                break
            request.answered_s = self._env.now
            request.service_s += self._costs.request_s
            if isinstance(request, ProduceRequest) and request.acks == "0" and request.failed:
                connection.break_off()  # there is no other way to say so (RequestChannel)
            connection.answer(request)
        self.part(connection, thread)

    def _work_on(self, connection: Connection, thread: NetworkThread, request: Request) -> Process:
        """Do what a client asks for; from when on the answer may be written."""
        handlers = self._handlers
        at_s = yield from self._handle(handlers, thread, request, self._env.now)
        if isinstance(request, ProduceRequest):
            alone = self._undisturbed and self._is_the_only_one(request)
            unseen = alone and not self.replica_manager.has_followers
            at_s = yield from self._appender.append(connection, request, at_s, alone, unseen)
            self.replica_manager.appended()
            handlers.release()
            if request.acks == "all" and self.replica_manager.has_followers:
                alone = self._undisturbed and thread.connections == 1
                at_s = yield from self.replica_manager.wait(request, alone)
            return at_s
        yield self._env.until(at_s)
        if request.kind is RequestKind.METADATA:
            request.leaders = self.replica_manager.image
        elif request.kind is RequestKind.INIT_PRODUCER_ID:
            request.producer_id = next(self._producer_ids)
        handlers.release()
        return at_s

    def fetch(
        self,
        connection: FollowerConnection,
        thread: NetworkThread,
        request: FetchRequest,
        arrives_s: float,
    ) -> Process:
        """A follower's process is here: its request arrives, is read and handled, waits for news
        and is answered; when that is written.

        Where its network thread serves others too it comes to it when it arrives; of two that come
        at one instant, the one that was sent first. Where handlers are short likewise.
        """
        while paused_s := self._pace.paused_s(arrives_s):
            arrives_s += paused_s
        if thread.connections > 1:
            yield self._env.until(arrives_s)
        handlers = self._handlers
        at_s = yield from self._handle(handlers, thread, request, arrives_s)
        yield self._env.until(at_s)
        self.replica_manager.note_ends(request)
        handlers.release()
        at_s = yield from self.replica_manager.wait_for_news(request, thread.connections == 1)
        written_s = thread.done_s(at_s, self._costs.writing_s)
        if not self._undisturbed:
            yield self._env.until(written_s)
        return written_s

    def _handle(
        self, handlers: Permits, thread: NetworkThread, request: Request, at_s: float
    ) -> Process:
        """Read a request that is there at ``at_s``, and have a handler look at it; until when.

        Nobody can come between where no handler is waited for and nobody else's request draws the
        random part of its handling. Who awaits no answer looks at the request in between.
        """
        at_s = thread.done_s(at_s, self._reading_s(request))
        short = len(self._open) > self._config.num_io_threads
        others = isinstance(request, ProduceRequest) and not self._is_the_only_one(request)
        if short or others:
            yield self._env.until(at_s)
        if not handlers.take():
            yield handlers.turn()
            at_s = self._env.now
        tail_s = self._service.tail_s() if isinstance(request, ProduceRequest) else 0.0
        request.service_s += tail_s
        return at_s + self._pace.delay_s(at_s, self._costs.handling_s + tail_s)

    def _reading_s(self, request: Request) -> float:
        """What a network thread has to do before a request can be handled."""
        if not self._costs.decrypts or request.producer == NO_PRODUCER:
            return self._costs.reading_s
        decrypting_s = self._costs.decrypt_s(request.size_bytes)
        request.service_s += decrypting_s
        return self._costs.reading_s + decrypting_s

    def _is_the_only_one(self, request: ProduceRequest) -> bool:
        """Whether no other client's request is about, and nobody looks at this one."""
        return self._clients == 1 and request.acks != "0"
