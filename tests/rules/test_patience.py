"""Clients to whom a broker that is gone is a failed try: three more of 100 ms each here."""

from dataclasses import replace
from typing import Any

import pytest

from model import ProducerConfig
from model.producer.patience import Patience
from model.wire.batches import RecordBatch
from model.wire.sizes import Packing, RecordShape

CONFIG = ProducerConfig(
    acks="1", enable_idempotence=False, retries=3, retry_backoff_ms=100, retry_backoff_max_ms=100
)


class Queues:
    """Stands in for an accumulator: one batch, of a partition that has this leader."""

    def __init__(self, leader: int, attempts: int = 0, last_attempt_s: float = 0.0) -> None:
        self.leaders = self
        self._leader = leader
        self.batch = RecordBatch(0, Packing(RecordShape(100), 16_384), 0.0)
        self.batch.attempts, self.batch.last_attempt_s = attempts, last_attempt_s

    def of(self, partition: int) -> int:
        return self._leader if partition == 0 else -2

    def taken_while(self, is_over: Any) -> list[RecordBatch]:
        return [self.batch] if is_over(self.batch) else []


def gives_up(queues: Any, gone_since_s: float | None, now_s: float) -> bool:
    def gone(broker: int) -> float | None:
        assert broker == 0
        return gone_since_s

    return bool(Patience(CONFIG, queues, gone).given_up(now_s))


def test_as_long_as_the_broker_is_there_nothing_is_given_up() -> None:
    assert not gives_up(Queues(leader=0), None, 1e9)


@pytest.mark.parametrize(("now_s", "over"), [(5.29, False), (5.31, True)])
def test_what_was_never_sent_has_all_its_tries_from_when_the_broker_went(
    now_s: float, over: bool
) -> None:
    assert gives_up(Queues(leader=0), 5.0, now_s) is over


def test_the_end_of_the_last_try_is_the_end() -> None:
    tries_s = 3 * 0.1
    assert gives_up(Queues(leader=0), 5.0, 5.0 + tries_s)


@pytest.mark.parametrize(("backoff_ms", "apart_s"), [(100, 0.025), (2, 0.001)])
def test_it_looks_four_times_in_a_backoff_and_no_more_than_once_a_millisecond(
    backoff_ms: float, apart_s: float
) -> None:
    config = replace(CONFIG, retry_backoff_ms=backoff_ms)
    queues: Any = Queues(leader=0)
    looks_again_s = Patience(config, queues, lambda _: None).looks_again_s(5.0)
    assert looks_again_s == pytest.approx(5.0 + apart_s, abs=1e-9)


@pytest.mark.parametrize(("now_s", "over"), [(5.49, False), (5.51, True)])
def test_what_failed_has_the_rest_from_when_it_failed(now_s: float, over: bool) -> None:
    # one of three is used up, and that it failed is one of those that are left
    assert gives_up(Queues(leader=0, attempts=1, last_attempt_s=5.2), 5.0, now_s) is over


@pytest.mark.parametrize(("now_s", "over"), [(0.29, False), (0.31, True)])
def test_where_nobody_leads_the_broker_is_gone_from_the_start(now_s: float, over: bool) -> None:
    assert gives_up(Queues(leader=-1), None, now_s) is over
