"""The parts of a producer that compresses: its estimate, its batches, and who works when.

The application's thread compresses as it appends, a block of the codec's stream at a time, and what
is left when a record does not fit any more (RecordAccumulator.tryAppend closes the stream). A batch
that is drained before is closed by the Sender (RecordAccumulator.drainBatchesForOneNode), which
then compresses what is pending. There the estimate learns, of every batch that is drained; the
batches that wait behind it were filled by an older one. A batch counts as closed when its last
block begins to be compressed. Left out: other producers of one process, which share an estimate;
compressing again what is split. Units: bytes, seconds.
"""

from collections.abc import Iterator

from model.config.cluster import TopicConfig
from model.config.compression import CODECS, Compressibility
from model.config.producer import ProducerConfig
from model.costs import ClientCosts
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.backoff import ExponentialBackoff
from model.producer.transaction_manager import TransactionManager
from model.wire.batches import RecordBatch
from model.wire.compressed import CompressedBatch, CompressedPacking

#: Read: COMPRESSION_RATIO_IMPROVING_STEP and COMPRESSION_RATIO_DETERIORATE_STEP.
IMPROVING_STEP, DETERIORATING_STEP = 0.005, 0.05


class CompressionRatioEstimator:
    """What a topic's next batches will be compressed to (CompressionRatioEstimator.java).

    It follows slowly down and fast up: one batch that comes out larger than thought costs ten that
    come out smaller, so that it moves between the ratio and a twentieth above.
    """

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio

    def __repr__(self) -> str:
        return f"<CompressionRatioEstimator {self.ratio:.3f}>"

    def update(self, observed: float) -> None:
        """A batch was closed, with this ratio."""
        if observed > self.ratio:
            self.ratio = max(self.ratio + DETERIORATING_STEP, observed)
        elif observed < self.ratio:
            self.ratio = max(self.ratio - IMPROVING_STEP, observed)

    def reset(self, ratio: float) -> None:
        """Think again, after a batch that was too large for the broker."""
        self.ratio = ratio


class Compressor:
    """A codec at work on one producer's batches; ``deviations`` draws standard normal numbers."""

    def __init__(
        self,
        config: ProducerConfig,
        compressibility: Compressibility,
        estimate: float,
        costs: ClientCosts,
        deviations: Iterator[float],
    ) -> None:
        codec = CODECS[config.compression_type]
        self.estimator = CompressionRatioEstimator(estimate)
        self._block_bytes = codec.block_bytes
        self._byte_s = costs.compress_byte_s
        self._compressibility = compressibility
        self._deviations = deviations

    def records_to_block(self, batch: CompressedBatch) -> int:
        """How many of the next records end the block that the stream is gathering; about.

        The next one where records that are sent again, which come at once, have ended it already.
        """
        record_bytes = batch.packing.shape.record_bytes(batch.records)
        return max(1, -((batch.pending_bytes - self._block_bytes) // record_bytes))

    def blocks_s(self, batch: CompressedBatch) -> float:
        """The work on the whole blocks that are pending, which are so no more."""
        left_bytes = batch.pending_bytes % self._block_bytes
        work_s = (batch.pending_bytes - left_bytes) * self._byte_s
        batch.pending_bytes = left_bytes
        return work_s

    def rest_s(self, batch: CompressedBatch) -> float:
        """The work on all that is pending."""
        work_s = batch.pending_bytes * self._byte_s
        batch.pending_bytes = 0
        return work_s

    def close(self, batch: CompressedBatch) -> None:
        """A batch is drained: it gets its size at the first time, and the estimate learns."""
        if not batch.unpacked_bytes:
            batch.build(self._compressed_bytes(batch.raw_bytes))
        self.estimator.update(batch.ratio)

    def _compressed_bytes(self, raw_bytes: int) -> int:
        about = self._compressibility
        ratio = about.ratio_of(raw_bytes) * (1 + about.spread * next(self._deviations))
        return max(1, round(ratio * raw_bytes))


class CompressingAccumulator(RecordAccumulator):
    """Opens batches that fill by the estimate, and closes them when they are drained."""

    def __init__(
        self,
        config: ProducerConfig,
        topic: TopicConfig,
        packing: CompressedPacking,
        transactions: TransactionManager | None,
        backoff: ExponentialBackoff,
        compressor: Compressor,
    ) -> None:
        super().__init__(config, topic, packing, transactions, backoff)
        self._filling = packing
        self.compressor = compressor
        self._closing_s = 0.0

    def new_batch(self, partition: int, created_s: float) -> RecordBatch:
        """One that fills by the estimate of now."""
        ratio = self.compressor.estimator.ratio
        return CompressedBatch(partition, self._filling, created_s, ratio)

    def take_from(self, partition: int, now_s: float) -> RecordBatch:
        """A partition's head, closed."""
        batch = super().take_from(partition, now_s)
        assert isinstance(batch, CompressedBatch)
        self._closing_s += self.compressor.rest_s(batch)
        self.compressor.close(batch)
        return batch

    def split(self, batch: RecordBatch) -> None:
        """Start over with an estimate that cannot be too low (splitAndReenqueue)."""
        assert isinstance(batch, CompressedBatch)
        self.compressor.estimator.reset(max(1.0, batch.ratio))
        super().split(batch)

    def take_closing_s(self) -> float:
        """The Sender's work on what was drained since this was last asked."""
        work_s, self._closing_s = self._closing_s, 0.0
        return work_s


class CompressingApplication(Application):
    """An application whose thread compresses what it appends."""

    def append(self, batch: RecordBatch, due: int, now_s: float, header_bytes: int) -> None:
        """Append up to the end of a block, and compress it; or compress the rest and close."""
        assert isinstance(batch, CompressedBatch)
        assert isinstance(self._accumulator, CompressingAccumulator)
        compressor, before = self._accumulator.compressor, batch.records
        until_block = compressor.records_to_block(batch)
        super().append(batch, min(due, until_block), now_s, header_bytes)
        if batch.records > before:
            if work_s := compressor.blocks_s(batch):
                self._schedule.busy(work_s)
        elif work_s := compressor.rest_s(batch):
            self._schedule.resume(self._schedule.time_of(0) + work_s)
