"""How a broker appends: lock by lock, gates in their order; 0.2 ms a batch, on a clock."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model import Fault
from model.broker.log_appender import LogAppender
from model.broker.pace import Pace
from model.broker.partition import Partition
from model.broker.service_times import ServiceTimes
from model.clock import Clock
from model.outcome.recorder import Recorder
from model.wire.batches import Numbers, RecordBatch
from model.wire.errors import Error
from model.wire.leadership import LeaderAndEpoch
from model.wire.requests import ProduceRequest
from model.wire.sizes import Packing, RecordShape

MS = 1e-3
BATCH_S = 0.2 * MS
MOST_BYTES = 61 + 4 * 1_009  # a batch of four


class Wire:
    """Stands in for a connection: all that is asked of it."""

    def __init__(self) -> None:
        self.ends = SimpleNamespace(broken=False)


def batch_of(partition: int = 0, records: int = 2, first: int = 0) -> RecordBatch:
    batch = RecordBatch(partition, Packing(RecordShape(1_000), 16_384), 0.0)
    batch.append_alike(first, records)
    return batch


def produce(*batches: RecordBatch, acks: str = "all", number: int = 7) -> ProduceRequest:
    return ProduceRequest(number, 0, 0, list(batches), 0.0, acks)


class Desk:
    """A broker's appends to two partitions; ``follower``: the second has one, who has nothing."""

    def __init__(self, machine: Callable[..., Any], *faults: Fault, ends_s: float = 10.0) -> None:
        self.env, self.recorder, self.wire = Clock(), Recorder(1), Wire()
        self.partitions = {0: Partition(), 1: Partition((1,), min_insync_replicas=2)}
        costs = machine(broker_batch_us=200)
        service = ServiceTimes(costs, np.random.default_rng(1), np.random.default_rng(2))
        self.appender = LogAppender(
            *(self.env, self.partitions, service, Pace(faults), faults),
            *(MOST_BYTES, ends_s, self.recorder),
        )

    def append(
        self, request: ProduceRequest, at_s: float, alone: bool = False, unseen: bool = False
    ) -> Any:
        """A process that returns until when it worked."""
        wire: Any = self.wire
        return self.env.process(self.appender.append(wire, request, at_s, alone, unseen))

    def errors(self, request: ProduceRequest, at_s: float = 1.0) -> list[str]:
        self.env.run(self.append(request, at_s))
        return [verdict.error.name for verdict in request.verdicts]


def test_batches_are_appended_one_after_the_other_each_in_its_event(
    machine: Callable[..., Any],
) -> None:
    desk, request = Desk(machine), produce(batch_of(0), batch_of(1, first=2), acks="1")
    assert desk.env.run(desk.append(request, 1.0)) == pytest.approx(1 + 2 * BATCH_S)
    assert desk.env.now == pytest.approx(1 + 2 * BATCH_S)
    assert request.service_s == pytest.approx(2 * BATCH_S)
    rows = [(row.partition, row.first_record, row.base_offset) for row in desk.recorder.appends]
    assert rows == [(0, 0, 0), (1, 2, 0)]
    times_s = [row.appended_s for row in desk.recorder.appends]
    assert times_s == pytest.approx([1 + BATCH_S, 1 + 2 * BATCH_S])


@pytest.mark.parametrize(("ends_s", "event_s"), [(10.0, 0.0), (1 + BATCH_S, 1 + BATCH_S)])
def test_what_nobody_sees_needs_no_event_unless_the_run_ends(
    machine: Callable[..., Any], ends_s: float, event_s: float
) -> None:
    desk, request = Desk(machine, ends_s=ends_s), produce(batch_of())
    ended_s = desk.env.run(desk.append(request, 1.0, alone=True, unseen=True))
    assert ended_s == pytest.approx(1 + BATCH_S)
    assert desk.env.now == pytest.approx(event_s)


def test_one_alone_does_not_wait_for_its_turn_and_others_do(machine: Callable[..., Any]) -> None:
    desk = Desk(machine)
    first, second = produce(batch_of()), produce(batch_of(first=2), number=8)
    desk.append(first, 1.0, alone=True)  # holds the lock from now on
    later = desk.append(second, 1.0 + BATCH_S / 2)
    assert desk.env.run(later) == pytest.approx(1 + 2 * BATCH_S)
    assert [row.request for row in desk.recorder.appends] == [7, 8]


def test_of_a_connection_that_broke_nothing_is_written(machine: Callable[..., Any]) -> None:
    desk, request = Desk(machine), produce(batch_of())
    desk.wire.ends.broken = True
    assert desk.env.run(desk.append(request, 1.0)) == 1.0
    assert (len(desk.recorder.appends), request.verdicts, request.service_s) == (0, [], 0)


def test_what_breaks_meanwhile_is_worked_on_and_not_written(machine: Callable[..., Any]) -> None:
    desk, request = Desk(machine), produce(batch_of())
    done = desk.append(request, 1.0)
    desk.env.run(until=1 + BATCH_S / 2)
    desk.wire.ends.broken = True
    assert desk.env.run(done) == pytest.approx(1 + BATCH_S)
    assert (len(desk.recorder.appends), request.verdicts) == (0, [])
    assert request.service_s == pytest.approx(BATCH_S)
    desk.wire.ends.broken = False  # of somebody else, who gets the lock
    assert desk.errors(produce(batch_of()), at_s=2.0) == ["NONE"]


def test_a_process_that_ends_leaves_its_locks(machine: Callable[..., Any]) -> None:
    desk = Desk(machine)
    desk.append(produce(batch_of()), 1.0)
    desk.env.run(until=1 + BATCH_S / 2)
    desk.appender.crash()
    after = desk.append(produce(batch_of(), number=8), 1 + BATCH_S / 2)
    assert desk.env.run(after) == pytest.approx(1 + 1.5 * BATCH_S)


@pytest.mark.parametrize(("records", "error"), [(4, "NONE"), (5, "MESSAGE_TOO_LARGE")])
def test_a_batch_has_so_many_bytes_at_most(
    machine: Callable[..., Any], records: int, error: str
) -> None:
    assert desk_errors(machine, produce(batch_of(records=records))) == [error]


def desk_errors(
    machine: Callable[..., Any], request: ProduceRequest, *faults: Fault, out: bool = False
) -> list[str]:
    """What is answered at 1.0; ``out``: the follower of partition 1 is in sync no more."""
    desk = Desk(machine, *faults)
    if out:
        desk.partitions[1].append(Numbers(-1, -1, -1), 1, 100)  # which it has not fetched
        desk.partitions[1].shrink_isr(0.5, 0.1)
    return desk.errors(request)


@pytest.mark.parametrize(
    ("acks", "out", "error"),
    [("all", True, "NOT_ENOUGH_REPLICAS"), ("all", False, "NONE"), ("1", True, "NONE")],
)
def test_who_asks_for_all_replicas_needs_enough_of_them_in_sync(
    machine: Callable[..., Any], acks: str, out: bool, error: str
) -> None:
    request = produce(batch_of(1), batch_of(0), acks=acks)
    assert desk_errors(machine, request, out=out) == [error, "NONE"]
    too_large = produce(batch_of(1, records=5), acks=acks)  # comes after it
    assert desk_errors(machine, too_large, out=out) == [
        "MESSAGE_TOO_LARGE" if error == "NONE" else error
    ]


def test_who_does_not_lead_says_so_whatever_else_is_wrong(machine: Callable[..., Any]) -> None:
    desk, request = Desk(machine), produce(batch_of(records=5))
    desk.partitions[0].leads = False
    desk.partitions[0].leadership = LeaderAndEpoch(2, 3)
    assert desk.errors(request) == ["NOT_LEADER_OR_FOLLOWER"]
    assert request.verdicts[0].leader == LeaderAndEpoch(2, 3)
    [row] = desk.recorder.decisions
    assert row.error == "NOT_LEADER_OR_FOLLOWER"
    assert row.decided_s == pytest.approx(1 + BATCH_S)


def test_a_request_that_is_refused_whole_costs_nothing(machine: Callable[..., Any]) -> None:
    nack = Fault(what="nack", at_s=0.5, error="CORRUPT_MESSAGE", requests=1)
    desk, request = Desk(machine, nack), produce(batch_of(0), batch_of(1))
    assert desk.errors(request) == ["CORRUPT_MESSAGE"] * 2
    assert [verdict.leader for verdict in request.verdicts] == [None, None]
    assert (desk.env.now, request.service_s, len(desk.recorder.appends)) == (1.0, 0, 0)
    assert desk.errors(produce(batch_of()), at_s=2.0) == ["NONE"]


def test_an_error_after_the_append_is_of_what_was_written(machine: Callable[..., Any]) -> None:
    spell = Fault(what="too-few-replicas-after-append", at_s=0.5, for_s=1.0)
    desk, request = Desk(machine, spell), produce(batch_of())
    assert desk.errors(request) == ["NOT_ENOUGH_REPLICAS_AFTER_APPEND"]
    assert (len(desk.recorder.appends), len(desk.recorder.decisions)) == (1, 0)
    gap = produce(batch_of(), batch_of())
    gap.numbers = [Numbers(5, 0, sequence) for sequence in (0, 7)]
    assert desk.errors(gap, at_s=1.1) == [
        "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        "OUT_OF_ORDER_SEQUENCE_NUMBER",
    ]


@pytest.mark.parametrize(
    ("sequences", "errors", "written"),
    [([0, 2], ["NONE", "NONE"], 2), ([0, 0], ["NONE", "NONE"], 1), ([0, 3], ["NONE", "OUT"], 1)],
)
def test_what_the_log_has_already_is_a_success_and_a_gap_is_none(
    machine: Callable[..., Any], sequences: list[int], errors: list[str], written: int
) -> None:
    desk, request = Desk(machine), produce(batch_of(0), batch_of(0, first=2))
    request.numbers = [Numbers(5, 0, sequence) for sequence in sequences]
    assert [
        error[: len(wanted)] for error, wanted in zip(desk.errors(request), errors, strict=True)
    ] == errors
    assert len(desk.recorder.appends) == written
    assert len(desk.recorder.decisions) == 2 - written
    assert request.failed is (errors[1] != Error.NONE.name)


def test_in_a_pause_an_append_stands_still(machine: Callable[..., Any]) -> None:
    pause = Fault(what="broker-pause", at_s=1 + BATCH_S / 2, for_s=1.0)
    desk, request = Desk(machine, pause), produce(batch_of())
    assert desk.env.run(desk.append(request, 1.0)) == pytest.approx(2 + BATCH_S)
    assert request.service_s == pytest.approx(BATCH_S)
