"""One producer's connections (NetworkClient.java, ClusterConnectionStates.java).

Modelled: a connection per broker with its states, the backoff before it is made again, the set-up
with its handshakes and its first request, request timeouts that take everything on the connection
with them, the refresh of metadata that a lost connection asks for and that goes before produce
requests. Who finds no broker to ask, each being in its backoff, forgets what it knows and starts
again from the bootstrap list (KIP-899, DefaultMetadataUpdater.maybeUpdate). Left out: the
application's wait for the first metadata, a new start after
metadata.recovery.rebootstrap.trigger.ms (KIP-1102), idle connections, quotas, telemetry. Units:
seconds.
"""

import math
from collections.abc import Callable, Iterator

import simpy

from model.alarm import Alarm
from model.clock import Clock
from model.config.producer import ProducerConfig
from model.config.security import round_trips
from model.network.connection import Connection
from model.producer.backoff import ExponentialBackoff
from model.producer.metadata import Metadata
from model.producer.node import Node
from model.units import MILLISECOND_S, NEVER_S, NOW_TOLERANCE_S, seconds
from model.wire.batches import RecordBatch
from model.wire.errors import Error
from model.wire.requests import ProduceRequest, Request, RequestKind
from model.wire.states import NODE_READY, NodeState

#: Read: CommonClientConfigs.RECONNECT_BACKOFF_JITTER and its SOCKET_CONNECTION_SETUP_TIMEOUT's.
JITTER = 0.2
#: Read: rd_kafka_ProduceRequest gives a request a tenth of a second, whatever is left of its life.
LEAST_TIMEOUT_S = 0.1


class NetworkClient:
    """Sends a Sender's requests, notices answers, losses and timeouts, and wakes it for them.

    ``bootstrap`` are ways to the same brokers by their addresses in ``bootstrap.servers``, numbered
    after the ``nodes``; ``topic_known(known, now_s)`` hears when the topic is lost sight of, and
    found; ``leaders_change`` says whether metadata can tell anything new.
    """

    def __init__(
        self,
        env: Clock,
        producer: int,
        config: ProducerConfig,
        nodes: list[Node],
        bootstrap: list[Node],
        request_numbers: Iterator[int],
        uniforms: Iterator[float],
        topic_known: Callable[[bool, float], None],
        leaders_change: bool,
        tls_handshake_s: float = 0.0,
    ) -> None:
        self._env = env
        self._producer = producer
        self.nodes = nodes
        self._bootstrap = bootstrap
        self._every = nodes + bootstrap
        self._forms_ahead = config.profile.forms_ahead
        self._restarts = config.metadata_recovery_strategy == "rebootstrap"
        self._restarted = False  # and no metadata since
        self._topic_known = topic_known
        self._linked: list[Node] = []  # those with a connection
        self._ready = 0  # connections to nodes
        self._request_numbers = request_numbers
        self._tls_handshake_s = tls_handshake_s
        self._handshakes = round_trips(
            config.security_protocol, config.sasl_mechanism, config.tls_version
        )
        self._alarm = Alarm(env)
        self._acks = config.acks
        self._request_timeout_s = seconds(config.request_timeout_ms)
        self._timeouts_every_s = seconds(config.profile.timeouts_every_ms)
        self._delivery_timeout_s = seconds(config.delivery_timeout_ms)
        broker_waits_ms = config.produce_timeout_ms
        self._produce_timeout_s = (
            self._request_timeout_s if broker_waits_ms is None else seconds(broker_waits_ms)
        )
        equal_answers = ExponentialBackoff(
            seconds(config.retry_backoff_ms),
            seconds(config.retry_backoff_max_ms),
            config.retry_backoff_jitter,
            uniforms,
        )
        self._metadata = Metadata(
            seconds(config.retry_backoff_ms),
            equal_answers.wait_s if leaders_change else None,
            seconds(config.metadata_max_age_ms) if leaders_change else NEVER_S,
        )
        self._backoff = ExponentialBackoff(
            seconds(config.reconnect_backoff_ms),
            seconds(config.reconnect_backoff_max_ms),
            JITTER,
            uniforms,
        )
        self._setup_timeout = ExponentialBackoff(
            seconds(config.socket_connection_setup_timeout_ms),
            seconds(config.socket_connection_setup_timeout_max_ms),
            JITTER,
            uniforms,
        )
        self.lost: list[tuple[Request, Error]] = []  # since the Sender last looked, oldest first

    def __repr__(self) -> str:
        return f"<NetworkClient {self.nodes}>"

    def poll(self, until_s: float) -> simpy.Event:
        """An event for the Sender to yield: when something happened, at ``until_s`` at the latest.

        Source: NetworkClient.poll.
        """
        return self._alarm.sleep(until_s)

    def wakeup(self) -> None:
        """End the Sender's poll."""
        self._alarm.ring()

    def start_connected(self) -> None:
        """Have ready connections, at the start of a run."""
        for node in self.nodes:
            node.become(NodeState.CONNECTING)
            self._open(node).warm_up()
            node.become(NodeState.READY)
        self._ready = len(self.nodes)
        self._metadata.fresh(self._env.now)

    def reset(self, struck: Callable[[int], bool]) -> None:
        """Have the connections to these brokers torn down."""
        for node in self._every:
            if node.connection is not None and struck(node.at):
                node.connection.reset()

    def in_flight(self) -> Iterator[Request]:
        """Every request that is unanswered, by broker, the oldest first; one formed is the last."""
        for node in self._every:
            if node.connection is not None:
                yield from node.connection.in_flight
            if node.formed is not None:
                yield node.formed

    def _connections(self) -> Iterator[Connection]:
        return (_connection(node) for node in self._linked)

    def _open(self, node: Node) -> Connection:
        node.become(NodeState.CHECKING_API_VERSIONS)
        node.connection = node.dial(self._alarm, lambda lost: self._on_lost(node, lost))
        self._note_links()
        return node.connection

    def _note_links(self) -> None:
        self._linked = [node for node in self._every if node.connection is not None]

    def gone_since_s(self, broker: int) -> float | None:
        """When a broker was lost; None for one that is there, or that never was."""
        node = self.nodes[broker]
        return node.lost_s if node.connection is None else None

    @property
    def all_ready(self) -> bool:
        """Whether every connection is ready and no metadata is wanted."""
        return self._ready == len(self.nodes) and not self._metadata.wanted

    def writable(self, now_s: float) -> list[int]:
        """The brokers that can take a produce request now (NetworkClient.isReady).

        None while metadata is due and not yet asked for, or never came.
        """
        if self._metadata.wanted and (
            not self._metadata.known or self._metadata.due_s() <= now_s + NOW_TOLERANCE_S
        ):
            return []
        soon_s = now_s + NOW_TOLERANCE_S
        able = []
        for node in self.nodes:
            if node.writable_s() <= soon_s:
                able.append(node.broker)
        return able

    def produce_request(
        self, broker: int, batches: list[RecordBatch], now_s: float
    ) -> ProduceRequest:
        """A request with these batches, to be sent to their leader."""
        number, timeout_s = next(self._request_numbers), self._produce_timeout_s
        return ProduceRequest(number, self._producer, broker, batches, now_s, self._acks, timeout_s)

    def send(self, request: Request) -> None:
        """Hand a request to its broker's connection; it is lost if that is gone meanwhile."""
        node = self._every[request.broker]
        if node.state is NODE_READY:
            node.send(request, self._env.now)
        else:
            request.sent_s = self._env.now
            self.lost.append((request, Error.NETWORK_EXCEPTION))

    @property
    def _cluster(self) -> list[Node]:
        """The brokers that it knows of (Metadata.fetch)."""
        return self._bootstrap if self._restarted else self.nodes

    def control_request(self, kind: RequestKind, now_s: float) -> Request | None:
        """A control request to the least loaded broker that can take one; None: there is none."""
        able = [
            node
            for node in self._cluster
            if node.state is NODE_READY and _connection(node).may_send(now_s)
        ]
        if not able:
            return None
        node = min(able, key=lambda node: len(_connection(node).in_flight))
        return Request(next(self._request_numbers), self._producer, node.broker, now_s, kind)

    def connect(self, broker: int, now_s: float) -> float:
        """Make a connection, if its backoff is over; when to look again."""
        node = self._every[broker]
        if node.state is not NodeState.DISCONNECTED:
            return NEVER_S  # whatever comes of it rings
        if now_s + NOW_TOLERANCE_S < node.may_connect_s:
            return node.may_connect_s
        node.become(NodeState.CONNECTING)
        node.attempts += 1
        attempt = node.attempts
        at_most_s = self._setup_timeout.wait_s(node.failures + 1)
        known_s, open_ = node.path.handshake(now_s, at_most_s)
        if open_:
            known_s += self._tls_handshake_s
        self._env.call_at(known_s, lambda _: self._connected(node, attempt, open_))
        return NEVER_S

    def connect_any(self, now_s: float) -> float:
        """Make a connection to some broker, unless one is under way; when to look again."""
        if any(
            node.state in (NodeState.CONNECTING, NodeState.CHECKING_API_VERSIONS)
            for node in self._cluster
        ):
            return NEVER_S
        gone = [node for node in self._cluster if node.state is NodeState.DISCONNECTED]
        if not gone:
            return NEVER_S
        node = min(gone, key=lambda node: node.may_connect_s)
        return self.connect(node.broker, now_s)

    def _connected(self, node: Node, attempt: int, open_: bool) -> None:
        if node.state is not NodeState.CONNECTING or node.attempts != attempt:
            return  # the producer's process has ended meanwhile
        if open_:
            self._open(node)
            node.handshakes_left = self._handshakes
            self.go_on_connecting(node.broker)
        else:
            self._disconnect(node, Error.NETWORK_EXCEPTION)
        self.wakeup()

    def go_on_connecting(self, broker: int) -> None:
        """Send what comes next before a new connection is ready (SaslClientAuthenticator)."""
        node = self._every[broker]
        if node.state is not NodeState.CHECKING_API_VERSIONS:
            return  # it was lost meanwhile
        kind = RequestKind.HANDSHAKE if node.handshakes_left else RequestKind.API_VERSIONS
        node.handshakes_left = max(0, node.handshakes_left - 1)
        number = next(self._request_numbers)
        request = Request(number, self._producer, broker, self._env.now, kind)
        _connection(node).send(request)

    def _on_lost(self, node: Node, connection: Connection) -> None:
        if node.connection is connection:
            self._disconnect(node, Error.NETWORK_EXCEPTION)
            self.wakeup()

    def _disconnect(self, node: Node, error: Error) -> None:
        """Lose a connection and all that was in flight on it, oldest first."""
        self._ready -= node.state is NODE_READY and node.broker < len(self.nodes)
        node.become(NodeState.DISCONNECTED)
        self.lost.extend((request, error) for request in node.let_go())
        self._note_links()
        if node.failures == 0:
            node.lost_s = self._env.now
        node.failures += 1
        node.may_connect_s = self._env.now + self._backoff.wait_s(node.failures)
        self._metadata.request_update()

    def time_out(self, now_s: float) -> None:
        """Close connections on which a request has waited too long (handleTimedOutRequests)."""
        for node in self._linked:
            connection = _connection(node)
            if connection.in_flight and now_s + NOW_TOLERANCE_S >= self._deadline_s(connection):
                self._disconnect(node, Error.REQUEST_TIMED_OUT)

    def next_timeout_s(self) -> float:
        """When the first of the requests in flight will have waited too long."""
        busy = (connection for connection in self._connections() if connection.in_flight)
        return min(map(self._deadline_s, busy), default=NEVER_S)

    def _deadline_s(self, connection: Connection) -> float:
        """The first instant, in whole ms, after request.timeout.ms (hasExpiredRequest).

        Who looks now and then only finds it later (librdkafka's rd_kafka_broker_timeout_scan).
        """
        oldest = connection.in_flight[0]
        if not self._timeouts_every_s:
            return oldest.sent_s + self._request_timeout_s + MILLISECOND_S
        due_s = oldest.sent_s + self._request_timeout_s
        if oldest.batches:  # no longer than its first record may take, but a moment
            lives_s = oldest.batches[0].created_s + self._delivery_timeout_s
            due_s = min(due_s, max(lives_s, oldest.sent_s + LEAST_TIMEOUT_S))
        return math.ceil(due_s / self._timeouts_every_s) * self._timeouts_every_s

    def answers(self) -> list[Request]:
        """At most one answer of each connection; a request that waited for it is written now."""
        answered = []
        for node in self._linked:
            if node.connection is not None and node.connection.answers:
                answered.append(node.connection.next_answer())
        if self._forms_ahead and answered:
            for node in self._linked:
                node.send_formed(self._env.now)
        return answered

    def take_lost(self, now_s: float) -> list[tuple[Request, Error]]:
        """Requests that will not be answered, and why, since this was last called."""
        lost, self.lost = self.lost, []
        if any(request.kind is RequestKind.METADATA for request, _ in lost):
            self._metadata.lost(now_s)
        return lost

    def metadata_answered(self, now_s: float, news: bool) -> None:
        """Metadata is there; ``news``: of leaders."""
        self._metadata.fresh(now_s, news)
        if self._restarted:
            self._restarted = False
            self._topic_known(True, now_s)

    def api_versions_answered(self, broker: int) -> None:
        """A connection is ready."""
        node = self._every[broker]
        if node.state is NodeState.CHECKING_API_VERSIONS:
            node.become(NodeState.READY)
            self._ready += broker < len(self.nodes)
            node.failures = 0

    def request_metadata(self) -> None:
        """What is known of the cluster may be stale."""
        self._metadata.request_update()

    def metadata_request(self, now_s: float) -> tuple[Request | None, float]:
        """The request for metadata if it is due and can go; when to look again if it cannot."""
        due_s = self._metadata.due_s()
        if due_s > now_s + NOW_TOLERANCE_S:
            return None, due_s
        request = self.control_request(RequestKind.METADATA, now_s)
        if request is None:
            if any(node.state is NODE_READY for node in self._cluster):
                return None, NEVER_S  # an answer will make room
            self._start_again_if_lost(now_s)
            return None, self.connect_any(now_s)
        self._metadata.requested()
        return request, NEVER_S

    def _start_again_if_lost(self, now_s: float) -> None:
        """Start from the bootstrap list if there is no broker to turn to (rebootstrap)."""
        soon_s = now_s + NOW_TOLERANCE_S
        hopeless = all(
            node.state is NodeState.DISCONNECTED and node.may_connect_s > soon_s
            for node in self._cluster
        )
        if not hopeless or not self._restarts:
            return
        self._metadata.start_again()
        if not self._restarted:
            self._restarted = True
            self._topic_known(False, now_s)

    def end(self) -> list[Request]:
        """The process ends: its connections go, and with them what was in flight.

        Also what was on one that was lost this very instant, which nobody has taken up yet.
        """
        unanswered = [request for request, _ in self.lost]
        for node in self._every:
            unanswered.extend(node.let_go())
            if node.state is not NodeState.DISCONNECTED:
                node.become(NodeState.DISCONNECTED)
            node.failures, node.may_connect_s = 0, 0.0
        self._note_links()
        self._ready = 0
        self._restarted = False
        self.lost.clear()
        self._metadata.forget()
        return unanswered


def _connection(node: Node) -> Connection:
    assert node.connection is not None, f"{node!r} has no connection"
    return node.connection
