"""A probe that keeps what it is told: rows in lists, and which record went in which batch."""

from model.facts import AppendRow, BatchRow, RequestRow
from model.messages import ProduceRequest, RecordBatch


class Recorder:
    """Rows in the order in which things ended.

    ``spans[producer]`` has (first record, records, acknowledged at) for each run of consecutive
    records that were acknowledged together.
    """

    def __init__(self, producers: int) -> None:
        self.batches: list[BatchRow] = []
        self.requests: list[RequestRow] = []
        self.appends: list[AppendRow] = []
        self.spans: list[list[tuple[int, int, float]]] = [[] for _ in range(producers)]
        self.failed: list[tuple[int, int, float]] = []  # (producer, record, at)

    def request_answered(self, request: ProduceRequest, handled_s: float) -> None:
        """Keep the request's row and its batches'."""
        self.requests.append(
            RequestRow(
                request.number,
                request.producer,
                request.broker,
                len(request.batches),
                request.records,
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
        )
        spans = self.spans[request.producer]
        for batch in request.batches:
            spans.extend((first, count, handled_s) for first, count in batch.spans)
            self.batches.append(
                BatchRow(
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
                    handled_s,
                )
            )

    def record_failed(self, producer: int, record: int, at_s: float) -> None:
        """Keep that the application was told so."""
        self.failed.append((producer, record, at_s))

    def batch_appended(self, producer: int, batch: RecordBatch, at_s: float) -> None:
        """Keep a row for each run of consecutive records, in the order of offsets."""
        offset = batch.base_offset
        for first, count in batch.spans:
            self.appends.append(AppendRow(batch.partition, producer, first, count, offset, at_s))
            offset += count
