"""A saturating producer by a recurrence of a dozen lines: what the events must come to.

One partition of one broker in one copy, and no window, memory or fault in the way. Then a request
follows from those before it: the Sender sends while fewer than ``depth`` are unanswered, then reads
an answer if one is there, else waits for the oldest; the broker takes one after the other.
"""

import math
from itertools import islice
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model import MachineConfig, PathConfig, ProducerConfig, Scenario, Workload, simulate
from model.streams import exponentials, stream
from model.wire.sizes import Packing, RecordShape, request_bytes

SEED = 1
BATCH_BYTES = 1_000
#: Of two instants closer than this the last bits of a sum decide which is first.
TOO_CLOSE_S = 1e-9


class Request(NamedTuple):
    """The instants of one, in seconds."""

    sent_s: float
    taken_s: float
    answered_s: float
    received_s: float
    handled_s: float


def recurrence(
    depth: int,
    way: float,
    send: float,
    serve: float,
    wake: float,
    answer: float,
    tails: list[float],
) -> list[Request]:
    """All requests but those that are under way in the end; costs and tails in seconds."""
    now = free = 0.0
    under_way: list[tuple[float, float, float, float]] = []
    done: list[Request] = []
    tails = tails[::-1]
    while tails:
        sent = len(under_way) < depth
        if sent:
            now += send
            taken = max(now + way, free)
            free = taken + serve + tails.pop()
            under_way.append((now, taken, free, free + way))
        there = under_way[0][-1] + wake
        assume(not sent or abs(there - now) > TOO_CLOSE_S)
        if there <= now:
            now += answer
            done.append(Request(*under_way.pop(0), now))
        elif not sent:
            now = there
    return done


@given(
    depth=st.integers(1, 5),
    rtt_ms=st.sampled_from([0.0, 0.2, 2.0, 50.0]),
    client_us=st.sampled_from([23.7, 310.3]),
    broker_us=st.sampled_from([61.3, 1_290.1]),
    tail_us=st.sampled_from([0.0, 97.3, 2_000.1]),
    wake_us=st.sampled_from([0.0, 413.9]),
    record_us=st.sampled_from([0.0, 1.1]),
)
def test_a_saturating_producer_is_its_recurrence(
    depth: int,
    rtt_ms: float,
    client_us: float,
    broker_us: float,
    tail_us: float,
    wake_us: float,
    record_us: float,
) -> None:
    packing = Packing(RecordShape(100), BATCH_BYTES)
    records, batch_bytes = packing.records, packing.sizes[packing.records]
    one_round_s = (rtt_ms + (client_us + broker_us + tail_us + wake_us) / 1e3) / 1e3
    scenario = Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=ProducerConfig(
            linger_ms=0,
            batch_size_bytes=BATCH_BYTES,
            buffer_memory_bytes=20 * BATCH_BYTES,
            max_in_flight_requests_per_connection=depth,
        ),
        workload=Workload(value_bytes=100),
        machine=MachineConfig(
            client_append_us=0,
            client_request_us=client_us,
            client_byte_us=0.003,
            client_record_us=record_us,
            broker_request_us=broker_us,
            broker_batch_us=11.9,
            broker_byte_us=0.007,
            broker_tail_us=tail_us,
            wake_us=wake_us,
            wake_after_us=700,
        ),
        warm_start=True,
        warmup_s=0,
        measured_s=40 * one_round_s,
    )
    rows = list(simulate(scenario, SEED).requests)
    assert len(rows) >= 20
    expected = recurrence(
        depth,
        way=rtt_ms / 2e3,
        send=(client_us / 2 + 0.003 * request_bytes(batch_bytes, 1)) / 1e6,
        serve=(broker_us + 11.9 + 0.007 * batch_bytes) / 1e6,
        wake=-math.expm1(-rtt_ms * 1e3 / 700) * wake_us / 1e6,
        answer=(client_us / 2 + record_us * records) / 1e6,
        tails=list(
            islice(exponentials(tail_us / 1e6, stream(SEED, "broker-0/tail")), len(rows) + 6)
        ),
    )
    for row, request in zip(rows, expected, strict=False):
        instants = [getattr(row, place) for place in Request._fields]
        assert instants == pytest.approx(request, rel=0, abs=1e-11)
