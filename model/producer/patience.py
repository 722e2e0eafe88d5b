"""Clients to which a broker that is not there is a failed try: they give records up soon.

Pure. Source: sarama's async_producer.go: a message is handed back after so many retries, a backoff
apart, whether a request failed or no connection was to be had. Left out: what it waits for metadata
between them, up to three quarters of a second at its defaults. Units: seconds.
"""

from collections.abc import Callable
from functools import partial

from model.config.producer import ProducerConfig
from model.producer.accumulator import RecordAccumulator
from model.units import MILLISECOND_S, seconds
from model.wire.batches import RecordBatch


class Patience:
    """One producer's; ``gone_since_s(broker)`` is when a broker was lost, None for one that is
    there."""

    def __init__(
        self,
        config: ProducerConfig,
        accumulator: RecordAccumulator,
        gone_since_s: Callable[[int], float | None],
    ) -> None:
        self._retries = config.retries
        self._backoff_s = seconds(config.retry_backoff_ms)
        self._accumulator = accumulator
        self._gone_since_s = gone_since_s

    def given_up(self, now_s: float) -> list[RecordBatch]:
        """Take out the batches whose tries are over, by partition, the oldest first."""
        return self._accumulator.taken_while(partial(self._is_over, now_s=now_s))

    def looks_again_s(self, now_s: float) -> float:
        """When the next try would be, or a share of that: nothing tells of it but the time."""
        return now_s + max(self._backoff_s / 4, MILLISECOND_S)

    def _is_over(self, batch: RecordBatch, now_s: float) -> bool:
        leader = self._accumulator.leaders.of(batch.partition)
        since_s = self._gone_since_s(leader) if leader >= 0 else 0.0
        if since_s is None:
            return False
        tries = self._retries - batch.attempts + (batch.attempts > 0)
        return max(batch.last_attempt_s, since_s) + tries * self._backoff_s <= now_s
