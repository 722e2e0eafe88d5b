"""A probe that keeps what actors report: rows, and which record went in which batch."""

from model.outcome.facts import (
    AckRow,
    AppendRow,
    BatchRow,
    DecisionRow,
    ElectionRow,
    FailureRow,
    LostRow,
    RequestRow,
    RetryRow,
    TransmissionRow,
)
from model.outcome.rows import Rows
from model.wire.batches import Numbers, RecordBatch, Verdict
from model.wire.errors import Error
from model.wire.requests import Request, RequestKind
from model.wire.transmission import Fate, Transmission

#: Ours: rows that are kept of each fate, the first ones. Where a window holds back every request
#: they would be as many as the requests; what is worth a picture is far less.
MOST_TRANSMISSIONS = 10_000


class Recorder:
    """Rows in the order in which things ended; ``acks[producer]`` has the producer's own."""

    def __init__(self, producers: int) -> None:
        self.batches = Rows(BatchRow)
        self.requests = Rows(RequestRow)
        self.appends = Rows(AppendRow)
        self.transmissions: list[TransmissionRow] = []
        self._transmissions = dict.fromkeys(Fate, 0)
        self.retries = Rows(RetryRow)
        self.decisions: list[DecisionRow] = []
        self.elections: list[ElectionRow] = []
        self.failures: list[FailureRow] = []
        self.acks = [Rows(AckRow) for _ in range(producers)]
        self._lost: list[tuple[Request, Error, float]] = []

    def request_answered(
        self, request: Request, acked: list[RecordBatch], handled_s: float
    ) -> None:
        """Keep the request's row and its acknowledged batches'."""
        self.requests.add(
            request.number,
            request.producer,
            request.broker,
            len(request.batches),
            sum([batch.records for batch in acked]),
            request.size_bytes,
            request.drained_s,
            request.sent_s,
            request.written_s,
            request.arrived_s,
            request.taken_s,
            request.answered_s,
            request.received_s,
            handled_s,
            request.service_s,
        )
        acks = self.acks[request.producer]
        for batch in acked:
            for first, count in batch.spans:
                acks.add(first, count, handled_s)
            self._note_batch(request, batch, handled_s)
        if request.attempts:
            self._note_retry(request)

    def _note_batch(self, request: Request, batch: RecordBatch, acked_s: float) -> None:
        self.batches.add(
            request.producer,
            request.broker,
            batch.partition,
            request.number,
            batch.records,
            batch.size_bytes,
            batch.producer_id,
            batch.epoch,
            batch.base_sequence,
            batch.base_offset,
            batch.created_s,
            batch.drained_s,
            acked_s,
            batch.attempts,
            batch.duplicate,
        )

    def request_lost(self, request: Request, error: Error, at_s: float) -> None:
        """Keep the request itself: it may still get somewhere."""
        if request.kind is RequestKind.PRODUCE:
            self._lost.append((request, error, at_s))
            if request.attempts:
                self._note_retry(request)

    def _note_retry(self, request: Request) -> None:
        self.retries.add(request.number, request.attempts)

    @property
    def lost(self) -> list[LostRow]:
        """The requests that were given up, with how far each has got by now."""
        return [
            LostRow(
                request.number,
                request.producer,
                request.broker,
                len(request.batches),
                request.records,
                request.numbers[0].base_sequence,
                error.name,
                request.drained_s,
                request.sent_s,
                request.arrived_s,
                request.taken_s,
                request.answered_s,
                lost_s,
            )
            for request, error, lost_s in self._lost
        ]

    def batch_failed(self, producer: int, batch: RecordBatch, error: Error, at_s: float) -> None:
        """Keep a row for each run of consecutive records."""
        for first, count in batch.spans:
            self.failures.append(FailureRow(producer, first, count, error.name, at_s))

    def record_failed(self, producer: int, record: int, at_s: float) -> None:
        """Keep a row of one record."""
        self.failures.append(FailureRow(producer, record, 1, Error.TIMEOUT.name, at_s))

    def batch_appended(
        self,
        request: Request,
        batch: RecordBatch,
        base_offset: int,
        at_s: float,
        leader_epoch: int,
    ) -> None:
        """Keep a row for each run of consecutive records, in the order of offsets."""
        for first, count in batch.spans:
            self.appends.add(
                batch.partition,
                request.producer,
                first,
                count,
                base_offset,
                at_s,
                request.number,
                leader_epoch,
            )
            base_offset += count

    def leader_elected(self, row: ElectionRow) -> None:
        """Keep the row."""
        self.elections.append(row)

    def transmission(self, producer: int, broker: int, found: Transmission) -> None:
        """Keep a row, while there are not too many."""
        count = self._transmissions[found.fate] + 1
        self._transmissions[found.fate] = count
        if count <= MOST_TRANSMISSIONS:
            self.transmissions.append(
                TransmissionRow(
                    producer,
                    broker,
                    found.request,
                    found.way.value,
                    found.fate.value,
                    found.held_by.value,
                    found.from_s,
                    found.until_s,
                )
            )

    @property
    def transmissions_left_out(self) -> int:
        """How many were too many."""
        return sum(self._transmissions.values()) - len(self.transmissions)

    def batch_not_written(
        self, request: Request, batch: RecordBatch, numbers: Numbers, verdict: Verdict, at_s: float
    ) -> None:
        """Keep the broker's decision."""
        self.decisions.append(
            DecisionRow(
                batch.partition,
                request.producer,
                request.number,
                batch.spans[0][0],
                batch.records,
                *numbers,
                verdict.error.name,
                at_s,
            )
        )
