"""Random schedules over random configurations, and what must hold in every one of them.

Hypothesis draws the worlds and makes a failing one as small as it can. Left out of what is drawn:
acks=0, several producers, permanent errors, clean restarts (a known hole, see the README).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from experiments.faults.books import NAMES
from experiments.kit.pool import Workers
from model import (
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Run,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from model.config.faults import KINDS, Fault

RECORDS_UNTIL_S = 3.0
LONG_DELIVERY_MS = 30_000
#: These break a promise that is only made without them.
NOT_DRAWN = {"broker-restart", "producer-restart"}
#: Ours: worlds tried in one call, and calls between two reports.
SHARD, SHARDS = 250, 8


class BrokenInvariantError(AssertionError):
    """Something that must hold did not."""


@st.composite
def _faults(draw: st.DrawFn) -> Fault:
    """Any kind, with one of the values that each of its parameters says are worth a try."""
    what = draw(st.sampled_from([kind for kind in KINDS if kind not in NOT_DRAWN]))
    at_s = draw(st.integers(0, 30)) / 10 + draw(st.sampled_from([0.0, 0.003, 0.017]))
    tries = {each.name: each.metadata.get("tries") for each in fields(KINDS[what])}
    own = {name: draw(st.sampled_from(values)) for name, values in tries.items() if values}
    return Fault(what=what, at_s=at_s, broker=draw(st.sampled_from([None, 0])), **own)


@st.composite
def _producers(draw: st.DrawFn) -> ProducerConfig:
    idempotent, request_ms = draw(st.booleans()), draw(st.sampled_from([300, 1_000]))
    delivery_ms = [LONG_DELIVERY_MS, LONG_DELIVERY_MS, 400 + request_ms]
    return ProducerConfig(
        enable_idempotence=idempotent,
        request_timeout_ms=request_ms,
        linger_ms=draw(st.sampled_from([0, 5])),
        acks="all" if idempotent else draw(st.sampled_from(["1", "all"])),
        max_in_flight_requests_per_connection=draw(st.integers(1, 5)),
        batch_size_bytes=draw(st.sampled_from([1_100, 16_384])),
        delivery_timeout_ms=draw(st.sampled_from(delivery_ms)),
        retry_backoff_ms=draw(st.sampled_from([10, 100])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> Scenario:
    """One producer that sends for three seconds while up to four faults strike."""
    brokers = draw(st.integers(1, 2))
    rate_per_s = draw(st.sampled_from([60.0, 300.0]))
    sends = OpenLoop(rate_per_s, records=int(rate_per_s * RECORDS_UNTIL_S))
    producer = draw(_producers())
    return Scenario(
        path=PathConfig(rtt_ms=draw(st.sampled_from([1.0, 20.0]))),
        producer=producer,
        workload=Workload(arrival=sends),
        topic=TopicConfig(partitions=draw(st.integers(1, 3)), brokers=brokers),
        faults=tuple(draw(st.lists(_faults(), min_size=1, max_size=4))),
        warm_start=draw(st.booleans()),
        warmup_s=0.0,
        measured_s=RECORDS_UNTIL_S + producer.delivery_timeout_ms / 1e3 + 13.0,
    )


def broken_invariants(run: Run) -> list[str]:
    """What does not hold in a run that should."""
    return [*_books(run), *_logs(run), *_promises(run)]


def _books(run: Run) -> Iterator[str]:
    """Every record ends once, and with time enough nothing fails."""
    books = run.guarantees
    if books.unfinished < 0:
        yield "more records ended than were sent"
    if books.acked != sum(row.records for row in run.batches):
        yield "a record was acknowledged twice"
    if books.failed != sum(row.records for row in run.failures):
        yield "a record was reported twice"
    if books.unfinished:
        yield f"{books.unfinished} records never ended"
    elif run.ended_s > run.scenario.horizon_s:
        yield "records ended later than their delivery timeout lets them"
    patient = run.scenario.producer.delivery_timeout_ms >= LONG_DELIVERY_MS
    if patient and books.failed and not fell_into_the_first_batch_hole(run):
        yield f"{books.failed} records failed although there was time enough"


def _logs(run: Run) -> Iterator[str]:
    """Offsets are dense, so the high watermark, which is their end here, never falls."""
    end: dict[int, int] = defaultdict(int)
    for row in run.appends:
        if row.base_offset != end[row.partition]:
            yield f"partition {row.partition}: offset {row.base_offset} after {end[row.partition]}"
            return
        end[row.partition] += row.records


def _promises(run: Run) -> Iterator[str]:
    books, producer = run.guarantees, run.scenario.producer
    if books.acked_missing:
        yield f"{books.acked_missing} acknowledged records are not in the log"
    if producer.enable_idempotence:
        # A batch that fails makes the producer number others anew that may be in the log.
        for name in ("displaced",) if books.failed else ("duplicates", "inversions", "displaced"):
            if count := getattr(books, name):
                yield f"idempotent, and {count} {NAMES[name]}"
    elif producer.guarantees_message_order and books.displaced and not books.failed:
        yield f"one in flight, and {books.displaced} records out of order"


def fell_into_the_first_batch_hole(run: Run) -> bool:
    """Whether a partition's first batch was not the one with sequence 0 (KAFKA-15591)."""
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for row in run.batches:
        log, at = (row.producer_id, row.partition), (row.base_offset, row.base_sequence)
        first[log] = min(first.get(log, at), at)
    return any(sequence > 0 for _, sequence in first.values())


def search(schedules: int, seed_: int, shrink: bool = True) -> Scenario | None:
    """Try so many worlds; one that breaks an invariant, if there is one, made small."""

    found: list[Scenario] = []  # the last is that which Hypothesis ends with, the smallest

    @seed(seed_)
    @settings(
        max_examples=schedules,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def all_hold(scenario: Scenario) -> None:
        if broken_invariants(simulate(scenario, seed=1)):
            found.append(scenario)
            raise BrokenInvariantError

    with suppress(BrokenInvariantError):
        all_hold()
    return found[-1] if found else None


def campaign(
    schedules: int, seed_: int, workers: Workers, report: Callable[[str], None]
) -> Scenario | None:
    """Try so many worlds on all cores, and report how many held; the first that does not."""
    sizes = [min(SHARD, schedules - start) for start in range(0, schedules, SHARD)]
    shards = [(size, seed_ * 1_000_000 + index) for index, size in enumerate(sizes)]
    for start in range(0, len(shards), SHARDS):
        for found in workers.map(_search, shards[start : start + SHARDS]):
            if found is not None:
                return found
        report(f"{sum(sizes[: start + SHARDS])} of {schedules} schedules")
    return None


def _search(shard: tuple[int, int]) -> Scenario | None:
    return search(*shard)
