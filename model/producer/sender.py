"""The Sender thread (Sender.java): one per producer, for all brokers.

Each pass does, in this order: settle what an idempotent producer has open, and fetch its id if it
has none; look which brokers are ready and can take a request, drain at most one batch per partition
into one request per broker; expire batches; write the requests; read at most one response per
connection and complete its batches; then take up what was lost with a connection or timed out.
Records that the application sent in the same instant as a drain are in it; a response that arrives
in the same instant as a drain is read after it. The time that the pass takes is the thread's:
writing starts after the requests were built, memory is free after the responses were handled. A
pass that finds a broker ready but its head waiting for retries sleeps until something happens; the
client's thread spins there, which takes a core and changes nothing else. Units: seconds.
"""

import math

import simpy

from model.alarm import Process
from model.clock import Clock
from model.config.producer import ProducerConfig
from model.costs import ClientCosts
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.completion import Completion
from model.producer.network_client import NetworkClient
from model.producer.partition_gate import PartitionGate
from model.producer.transaction_manager import TransactionManager
from model.units import MILLISECOND_S, NEVER_S, NOW_TOLERANCE_S, seconds, whole_ms_s
from model.wire.batches import RecordBatch
from model.wire.requests import ProduceRequest, Request, RequestKind
from model.wire.states import ID_READY, ProducerIdState


class Sender:
    """Takes batches from the accumulator to the brokers and answers back to the application."""

    def __init__(
        self,
        env: Clock,
        config: ProducerConfig,
        costs: ClientCosts,
        application: Application,
        accumulator: RecordAccumulator,
        transactions: TransactionManager | None,
        client: NetworkClient,
        completion: Completion,
        gate: PartitionGate | None,
    ) -> None:
        self._env = env
        self._costs = costs
        self._application = application
        self._accumulator = accumulator
        self._transactions = transactions
        self._client = client
        self._completion = completion
        self._gate = gate
        self._request_timeout_s = seconds(config.request_timeout_ms)
        self._retry_backoff_s = seconds(config.retry_backoff_ms)
        self._leaderless = accumulator.leaderless
        self._in_hand: list[Request] = []  # being built or being read
        self._writable: list[int] | None = None  # brokers, in a pass about produce requests
        self._ask_for_id_s = 0.0
        self._watching = False
        self._watch_over = False
        self._down = False

    def run(self) -> Process:
        """Pass after pass; sleep when a pass found nothing to do."""
        while True:
            now_s = self._env.now
            self._accumulator.catch_up(now_s)  # with the memory that came back since
            requests, next_check_s = self._prepare(now_s)
            if requests:
                self._in_hand = requests
                yield self._env.until(self._env.now + self.sending_s(requests))
                self._send()
            answered = self._client.answers()
            if answered:
                self._in_hand, since_s = answered, self._env.now
                yield self._env.until(since_s + self._answers_s(answered))
                self._complete(since_s)
            lost = self._take_up_losses() if self._watch_over or self._client.lost else False
            if not (requests or answered or lost):
                self._watch()
                yield self._client.poll(self._next_opportunity_s(now_s, next_check_s))

    def _prepare(self, now_s: float) -> tuple[list[Request], float]:
        """The requests of this pass, and when the next could be due if there are none.

        That may be earlier when somebody can be written to or the application moves.
        """
        self._writable = None
        if self._down:
            return [], NEVER_S
        if self._leaderless.queues:  # Sender.sendProducerData, unknownLeaderTopics
            self._client.request_metadata()
        next_metadata_s, all_ready = NEVER_S, self._client.all_ready
        if not all_ready:
            metadata, next_metadata_s = self._client.metadata_request(now_s)
            if metadata is not None:  # produce requests wait for the next pass
                return [metadata], next_metadata_s
        transactions = self._transactions
        if transactions is not None:
            if transactions.unresolved or transactions.to_renumber:
                transactions.settle()
            if transactions.state is not ID_READY:
                requests, next_check_s = self._await_producer_id(transactions, now_s)
                return requests, min(next_check_s, next_metadata_s)
        requests, next_check_s = self._drain(now_s)
        if not all_ready:
            next_check_s = min(next_check_s, next_metadata_s, self._reconnect(now_s))
            self._completion.give_up(now_s)
        if self._completion.no_expiry_before_s <= now_s + NOW_TOLERANCE_S:
            self._completion.expire(now_s)
        return requests, next_check_s

    def _await_producer_id(
        self, transactions: TransactionManager, now_s: float
    ) -> tuple[list[Request], float]:
        """Without an id nothing is sent (Sender.maybeSendAndPollTransactionalRequest)."""
        self._completion.expire(now_s)
        if transactions.state is ProducerIdState.FATAL_ERROR:
            self._completion.abort(now_s)
            return [], self._application.next_step_s()
        if transactions.state is ProducerIdState.INITIALIZING:
            return [], NEVER_S
        if now_s + NOW_TOLERANCE_S < self._ask_for_id_s:
            return [], self._ask_for_id_s
        request = self._client.control_request(RequestKind.INIT_PRODUCER_ID, now_s)
        if request is None:
            return [], self._client.connect_any(now_s)
        transactions.initializing()
        return [request], NEVER_S

    def _drain(self, now_s: float) -> tuple[list[Request], float]:
        """The produce requests of this pass, one for each broker that is ready."""
        if self._application.adapts:
            self._application.see_queues()
        self._writable = writable = self._client.writable(now_s)
        requests: list[Request] = []
        if not writable:
            return requests, NEVER_S
        ready, due_s = self._accumulator.ready(writable, now_s)
        next_check_s = self._poll_ends_s(due_s, now_s)
        for broker in ready:
            batches, again_s = self._accumulator.drain(broker, now_s)
            if again_s < next_check_s:
                next_check_s = again_s
            if batches:
                requests.append(self._request(broker, batches, now_s))
        return requests, next_check_s

    def _poll_ends_s(self, due_s: float, now_s: float) -> float:
        """When a poll ends that waits for a batch: it is given whole ms, and the thread runs late.

        Source: Sender.sendProducerData's pollTimeout.
        """
        if due_s == NEVER_S:
            return due_s
        wait_ms = math.ceil((due_s - whole_ms_s(now_s)) / MILLISECOND_S - NOW_TOLERANCE_S)
        return now_s + wait_ms * MILLISECOND_S + self._costs.timer_late_s

    def _reconnect(self, now_s: float) -> float:
        """Connect to brokers that there is something to send to; when to look again."""
        next_s = self._completion.looks_again_s(now_s)
        for node in self._client.nodes:
            if node.connection is None:
                ready, due_s = self._accumulator.ready([node.broker], now_s)
                next_s = min(next_s, self._client.connect(node.broker, now_s) if ready else due_s)
        return next_s

    def _next_opportunity_s(self, now_s: float, next_s: float) -> float:
        """When a socket takes the next request, or the application moves while one could go.

        At ``next_s`` at the latest, and then in a pass that was not about produce requests. None
        could go to a broker that leads nothing: that it may come to lead changes nothing before.
        """
        writable = self._writable
        if writable is None:
            return next_s
        if any(self._accumulator.leaders.led_by(broker) for broker in writable):
            next_s = min(next_s, self._application.next_step_s() + self._costs.notify_s)
        for node in self._client.nodes:
            if node.broker not in writable:
                writable_s = node.writable_s()
                if now_s < writable_s < next_s:
                    next_s = writable_s
        return next_s

    def _request(self, broker: int, batches: list[RecordBatch], now_s: float) -> ProduceRequest:
        if self._gate is not None:
            for batch in batches:
                self._gate.sent(batch)
        return self._client.produce_request(broker, batches, now_s)

    def sending_s(self, requests: list[Request]) -> float:
        """How long the thread builds these requests, and writes them."""
        size_bytes = 0
        for request in requests:
            size_bytes += request.size_bytes
        return self._costs.sending_s(len(requests), size_bytes)

    def _answers_s(self, answered: list[Request]) -> float:
        records = 0
        for request in answered:
            records += request.records
        return self._costs.answers_s(len(answered), records)

    def _send(self) -> None:
        for request in self._in_hand:
            self._client.send(request)
        self._in_hand = []

    def _complete(self, since_s: float) -> None:
        """Act on these answers and free what they held.

        What the application did meanwhile, it did without that memory.
        """
        now_s = self._env.now
        self._accumulator.catch_up(now_s)
        answered, self._in_hand = self._in_hand, []
        for request in answered:
            if isinstance(request, ProduceRequest):
                self._completion.answered(request, now_s, since_s)
            else:
                self._complete_control(request, now_s)

    def _complete_control(self, request: Request, now_s: float) -> None:
        if request.kind is RequestKind.HANDSHAKE:
            self._client.go_on_connecting(request.broker)
        elif request.kind is RequestKind.API_VERSIONS:
            self._client.api_versions_answered(request.broker)
        elif request.kind is RequestKind.METADATA:
            leaders = request.leaders
            news = leaders is not None and self._accumulator.learn(leaders)
            self._client.metadata_answered(now_s, news)
        elif self._transactions is not None:
            self._transactions.initialized(request.producer_id)

    def _take_up_losses(self) -> bool:
        """Act on requests that will not be answered; whether there were any."""
        now_s = self._env.now
        if self._watch_over:  # nothing times out while a watch is set
            self._watch_over = False
            self._client.time_out(now_s)
        if not self._client.lost:
            return False
        for request, error in self._client.take_lost(now_s):
            if request.kind is RequestKind.INIT_PRODUCER_ID and self._transactions is not None:
                self._transactions.not_initialized()
                self._ask_for_id_s = now_s + self._retry_backoff_s
            self._completion.lost(request, error, now_s)
        return True

    def _watch(self) -> None:
        """See to it that the thread wakes for timeouts, with one event for all of them.

        What is sent or created while a watch is set is due after it; so it looks ahead no further
        than what is sent now would wait: one ``request.timeout.ms``, and the client's millisecond.
        """
        if self._watching or self._down:
            return
        now_s = self._env.now
        deadline_s = min(
            self._client.next_timeout_s(),
            self._completion.no_expiry_before_s,
            now_s + self._request_timeout_s + MILLISECOND_S,
        )
        self._env.call_at(deadline_s, self._stop_watching)
        self._watching = True

    def _stop_watching(self, _: simpy.Event) -> None:
        self._watching, self._watch_over = False, True
        self._client.wakeup()

    def end(self) -> list[Request]:
        """The process is killed: the requests that were unanswered."""
        unanswered = self._client.end() + self._in_hand
        self._in_hand = []
        self._down = True
        return unanswered

    def come_back(self) -> None:
        """The process starts: a new thread."""
        self._ask_for_id_s = 0.0
        self._down = False
        self._client.wakeup()
