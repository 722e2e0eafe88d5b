"""What becomes of batches: acknowledged, sent again, split, failed or expired.

The part of Sender.java that acts on answers and on time (completeBatch, failBatch, expiry). Takes
the time as an argument and never waits. Units: seconds.
"""

from model.clients.profile import Resends
from model.config.scenario import Scenario
from model.outcome.facts import Probe
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.network_client import NetworkClient
from model.producer.partition_gate import PartitionGate
from model.producer.patience import Patience
from model.producer.transaction_manager import TransactionManager
from model.units import NEVER_S, NOW_TOLERANCE_S, seconds
from model.wire.batches import WRITTEN, RecordBatch, Verdict
from model.wire.errors import NO_ERROR, Error
from model.wire.leadership import NO_LEADER
from model.wire.requests import Request
from model.wire.states import ACKED, IN_FLIGHT, BatchState


def _was_rewound(request: Request, batch: RecordBatch) -> bool:
    """Whether a batch waits, or goes, to be sent again, since this request took it."""
    return not batch.done and (batch.state is not IN_FLIGHT or batch.drained_s != request.drained_s)


class Completion:
    """Ends batches, or has them sent again; the application and the probe hear of it."""

    def __init__(
        self,
        producer: int,
        application: Application,
        accumulator: RecordAccumulator,
        transactions: TransactionManager | None,
        client: NetworkClient,
        gate: PartitionGate | None,
        scenario: Scenario,
        probe: Probe,
    ) -> None:
        self._producer = producer
        self._config = config = scenario.producer
        self._application = application
        self._accumulator = accumulator
        self._transactions = transactions
        self._client = client
        self._gate = gate
        self._resends_failed = scenario.workload.resends_failed
        self._probe = probe
        self._delivery_timeout_s = seconds(config.delivery_timeout_ms)
        self._patience = None
        if config.profile.counts_waits:
            self._patience = Patience(config, accumulator, client.gone_since_s)
        self._topic, self._own_connections = scenario.topic, scenario.has_own_connections
        self._splits = config.profile.splits
        self._rewinds = config.profile.resends is Resends.REWOUND
        self._knows_no_sizes = config.profile.early_estimate is not None
        self._hears_of_leaders = config.produce_answers_name_leaders
        #: Nothing expires before this.
        self.no_expiry_before_s = self._delivery_timeout_s

    def answered(self, request: Request, now_s: float, since_s: float) -> None:
        """Act on the answer to a produce request, which the thread has read since ``since_s``."""
        verdicts = request.verdicts
        self._name_broker(request)
        if self._knows_no_sizes:
            self._knows_no_sizes = False
            self._accumulator.catch_up(now_s)
            self._accumulator.first_answer()
        if not self._accumulator.has_room:  # callbacks come before the memory is given back
            since_s = now_s
        if self._config.acks == "0":
            verdicts = [WRITTEN] * len(request.batches)
        acked: list[RecordBatch] = []
        records = 0
        for batch, verdict in zip(request.batches, verdicts, strict=True):
            if self._settle(request, batch, verdict, now_s):
                acked.append(batch)
                records += batch.records
        if records:
            self._application.completed(records, since_s)
        self._probe.request_answered(request, acked, now_s)

    def lost(self, request: Request, error: Error, now_s: float) -> None:
        """Act on a produce request that will not be answered."""
        self._name_broker(request)
        for batch in request.batches:
            self._settle(request, batch, Verdict(error), now_s)
        self._probe.request_lost(request, error, now_s)

    def _name_broker(self, request: Request) -> None:
        """Have it tell of the broker, where the client counts connections in its place."""
        if self._own_connections and request.batches:
            request.broker = self._topic.leader(request.batches[0].partition)

    def _settle(self, request: Request, batch: RecordBatch, verdict: Verdict, now_s: float) -> bool:
        """What becomes of a batch that came back; whether it is acknowledged now.

        Source: Sender.completeBatch and canRetry.
        """
        error = verdict.error
        rewound = self._rewinds and _was_rewound(request, batch)
        if self._gate is not None:
            self._gate.returned(batch, Error.NETWORK_EXCEPTION if rewound else error)
        if rewound:
            return False
        if error is NO_ERROR or error is Error.DUPLICATE_SEQUENCE_NUMBER:
            return self._acknowledge(batch, verdict)
        if error.tells_of_stale_metadata:
            self._client.request_metadata()
            self._learn(batch.partition, verdict)
        if (
            self._splits
            and error is Error.MESSAGE_TOO_LARGE
            and batch.records > 1
            and not batch.done
        ):
            self._accumulator.free(batch)
            self._accumulator.split(batch)
        elif self._may_retry(batch, verdict, now_s):
            self._accumulator.requeue(batch, now_s)
            if self._rewinds:
                self._rewind(batch, now_s)
        else:
            self._fail(batch, error, now_s, adjust=batch.attempts < self._config.retries)
        return False

    def _rewind(self, failed: RecordBatch, now_s: float) -> None:
        """Send again all of a partition that went out after a batch that failed.

        Their answers will not be looked at. Source: franz-go's resetBatchDrainIdx.
        """
        later = [
            batch
            for request in self._client.in_flight()
            for batch in request.batches
            if batch.partition == failed.partition
            and batch.state is IN_FLIGHT
            and not _was_rewound(request, batch)
            and batch.drained_s > failed.drained_s
        ]
        for batch in later:
            self._accumulator.requeue(batch, now_s)

    def _learn(self, partition: int, verdict: Verdict) -> None:
        """An answer that says who leads instead is as good as metadata (KIP-951)."""
        leader = verdict.leader
        if leader is not None and leader.leader != NO_LEADER and self._hears_of_leaders:
            self._accumulator.learn({partition: leader})

    def _may_retry(self, batch: RecordBatch, verdict: Verdict, now_s: float) -> bool:
        if batch.done or batch.attempts >= self._config.retries:
            return False
        if self._accumulator.has_expired(batch, now_s):
            return False
        if self._transactions is None:
            return verdict.error.retriable
        return self._transactions.can_retry(batch, verdict)

    def _acknowledge(self, batch: RecordBatch, verdict: Verdict) -> bool:
        """A success for the application, unless the batch had expired for it before."""
        if self._transactions is not None:
            self._transactions.completed(batch)
        if batch.done:
            return False
        batch.become(ACKED)
        batch.base_offset, batch.duplicate = verdict.base_offset, verdict.duplicate
        self._accumulator.free(batch)
        return True

    def _fail(self, batch: RecordBatch, error: Error, now_s: float, adjust: bool) -> None:
        """A failure for the application, unless it was one before."""
        if batch.done:
            return
        if self._transactions is not None:
            self._transactions.failed(batch, error, adjust)
        self._give_up(batch, error, now_s)

    def _give_up(self, batch: RecordBatch, error: Error, now_s: float) -> None:
        batch.become(BatchState.FAILED)
        self._accumulator.free(batch)
        self._probe.batch_failed(self._producer, batch, error, now_s)
        if self._resends_failed:
            self._application.send_again([batch])
        else:
            self._application.completed(batch.records, now_s)

    def looks_again_s(self, now_s: float) -> float:
        """When to look who is given up, while a broker is not there."""
        return NEVER_S if self._patience is None else self._patience.looks_again_s(now_s)

    def give_up(self, now_s: float) -> None:
        """Fail what a missing broker has used up the tries of, where that counts as one."""
        if self._patience is not None:
            for batch in self._patience.given_up(now_s):
                self._fail(batch, Error.NETWORK_EXCEPTION, now_s, adjust=False)

    def abort(self, now_s: float) -> None:
        """Fail everything that is queued: the producer is of no use any more."""
        for batch in self._accumulator.take_all():
            self._give_up(batch, Error.CLUSTER_AUTHORIZATION_FAILED, now_s)

    def abandon(self, unanswered: list[Request], now_s: float) -> list[RecordBatch]:
        """The process ends: what was queued and what was unanswered is with nobody any more."""
        if self._gate is not None:
            self._gate.forget()
        held = self._accumulator.take_all()
        held += [
            batch
            for request in unanswered
            for batch in request.batches
            if not batch.done and not _was_rewound(request, batch)
        ]
        for batch in held:
            batch.become(BatchState.ABANDONED)
            self._accumulator.free(batch)
        for request in unanswered:
            self._probe.request_lost(request, Error.NETWORK_EXCEPTION, now_s)
        return held

    def expire(self, now_s: float) -> None:
        """Fail batches whose delivery timeout is over: queued ones, then those in flight.

        One in flight stays with its connection; its answer will only be noted.
        """
        if now_s + NOW_TOLERANCE_S < self.no_expiry_before_s:
            return
        in_flight = [
            batch
            for request in self._client.in_flight()
            for batch in request.batches
            if not batch.done and self._accumulator.has_expired(batch, now_s)
        ]
        for batch in self._accumulator.expired(now_s) + in_flight:
            self._fail(batch, Error.TIMEOUT, now_s, adjust=False)
            if self._transactions is not None and batch.attempts:
                self._transactions.expired(batch)
        created_s = (batch.created_s for r in self._client.in_flight() for batch in r.batches)
        self.no_expiry_before_s = min(
            self._accumulator.next_expiry_s(),
            min(
                (at for at in created_s if at + self._delivery_timeout_s > now_s + NOW_TOLERANCE_S),
                default=now_s,
            )
            + self._delivery_timeout_s,
        )
