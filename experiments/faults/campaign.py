"""Random schedules over random configurations, and what must hold in every one of them.

Hypothesis draws the worlds and makes a failing one as small as it can. What a scenario refuses is
not drawn, so that a kind that the model learns joins by itself, with a line in ``EXCUSES`` if it
excuses anything. A run that does not end breaks a promise too. Left out of what is drawn: several
producers, permanent errors, unclean elections.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from experiments.faults.books import NAMES
from experiments.kit.cpu_time import at_most
from experiments.kit.pool import Workers
from model import (
    BrokerConfig,
    ConfigError,
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
from model.units import NOW_TOLERANCE_S
from model.wire.errors import Error

RECORDS_UNTIL_S = 3.0
LONG_DELIVERY_MS = 30_000
#: What an idempotent producer promises, by the name in the books.
DUPLICATES, INVERSIONS, DISPLACED = "duplicates", "inversions", "displaced"
#: Promises of an idempotent producer that are only made without these: a broker that starts from a
#: snapshot knows the last batch of each producer alone, and a producer that starts anew sends what
#: was not acknowledged under another id.
EXCUSES: Mapping[str, frozenset[str]] = {
    "broker-restart": frozenset((DUPLICATES, INVERSIONS, DISPLACED)),
    "producer-restart": frozenset((DUPLICATES, INVERSIONS, DISPLACED)),
}
#: Ours: CPU seconds after which a run is taken not to end; one takes 0.05.
MOST_CPU_S = 20.0
ENDLESS = f"the run does not end in {MOST_CPU_S:g} s"
#: Ours: as in a cluster whose owners are in a hurry, so that pauses of the campaign elect, too.
SHORT_SESSIONS = BrokerConfig(broker_heartbeat_interval_ms=300, broker_session_timeout_ms=1_500)
#: Ours: worlds tried in one call, and calls between two reports.
SHARD, SHARDS = 250, 8


class BrokenInvariantError(AssertionError):
    """Something that must hold did not."""


class EndlessRunError(Exception):
    """A run took so long that it is taken never to end."""


def worth_a_try(what: str) -> dict[str, Sequence[Any]]:
    """Values that each parameter of a kind of fault says are worth a try, where it says any."""
    tries = {each.name: each.metadata.get("tries") for each in fields(KINDS[what])}
    return {name: values for name, values in tries.items() if values}


@st.composite
def _faults(draw: st.DrawFn, brokers: int) -> Fault:
    """Any kind, with one of the values that each of its parameters says are worth a try."""
    what = draw(st.sampled_from(list(KINDS)))
    at_s = draw(st.integers(0, 30)) / 10 + draw(st.sampled_from([0.0, 0.003, 0.017]))
    own = {name: draw(st.sampled_from(values)) for name, values in worth_a_try(what).items()}
    struck = st.sampled_from([None, *range(brokers)])
    return Fault(what=what, at_s=at_s, broker=draw(struck), **own)


@st.composite
def _topics(draw: st.DrawFn) -> TopicConfig:
    """With one copy, or, now and then, with three: then a leader that falls silent is replaced."""
    partitions, brokers = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    replicas = draw(st.sampled_from([1, 1, 1, 3]))
    least = draw(st.integers(1, 2)) if replicas > 1 else 1
    return TopicConfig(
        partitions=partitions, brokers=brokers, replicas=replicas, min_insync_replicas=least
    )


@st.composite
def _producers(draw: st.DrawFn) -> ProducerConfig:
    idempotent, request_ms = draw(st.booleans()), draw(st.sampled_from([300, 1_000]))
    delivery_ms = [LONG_DELIVERY_MS, LONG_DELIVERY_MS, 400 + request_ms]
    return ProducerConfig(
        enable_idempotence=idempotent,
        request_timeout_ms=request_ms,
        linger_ms=draw(st.sampled_from([0, 5])),
        acks="all" if idempotent else draw(st.sampled_from(["1", "all", "0"])),
        max_in_flight_requests_per_connection=draw(st.integers(1, 5)),
        batch_size_bytes=draw(st.sampled_from([1_100, 16_384])),
        delivery_timeout_ms=draw(st.sampled_from(delivery_ms)),
        retry_backoff_ms=draw(st.sampled_from([10, 100])),
    )


@st.composite
def worlds(draw: st.DrawFn) -> Scenario:
    """One producer that sends for three seconds while up to four faults strike."""
    topic = draw(_topics())
    rate_per_s = draw(st.sampled_from([60.0, 300.0]))
    sends = OpenLoop(rate_per_s, records=int(rate_per_s * RECORDS_UNTIL_S))
    producer = draw(_producers())
    calm = Scenario(
        path=PathConfig(rtt_ms=draw(st.sampled_from([1.0, 20.0]))),
        producer=producer,
        workload=Workload(arrival=sends),
        topic=topic,
        broker=SHORT_SESSIONS,
        warm_start=draw(st.booleans()),
        warmup_s=0.0,
        measured_s=RECORDS_UNTIL_S + producer.delivery_timeout_ms / 1e3 + 13.0,
    )
    faults = draw(st.lists(_faults(topic.all_brokers), min_size=1, max_size=4))
    return replace(calm, faults=tuple(fault for fault in faults if _may_strike(calm, fault)))


def _may_strike(calm: Scenario, fault: Fault) -> bool:
    """Whether the model knows what such a fault does there."""
    try:
        replace(calm, faults=(fault,))
    except ConfigError:
        return False
    return True


def tried(scenario: Scenario) -> list[str]:
    """What does not hold in a world; that its run ends is the first of it."""
    try:
        with at_most(MOST_CPU_S, EndlessRunError):
            run = simulate(scenario, seed=1)
    except EndlessRunError:
        return [ENDLESS]
    return broken_invariants(run)


def is_endless(broken: Sequence[str]) -> bool:
    """Whether what is broken is that a run does not end."""
    return ENDLESS in broken


def broken_invariants(run: Run) -> list[str]:
    """What does not hold in a run that should."""
    return [*_books(run), *gaps_in_logs(run), *_acks(run), *_promises(run)]


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


def gaps_in_logs(run: Run) -> Iterator[str]:
    """Offsets are dense, so the high watermark, which is their end here, never falls."""
    end: dict[int, int] = defaultdict(int)
    for row in run.appends:
        if row.base_offset != end[row.partition]:
            yield f"partition {row.partition}: offset {row.base_offset} after {end[row.partition]}"
            return
        end[row.partition] += row.records


def _acks(run: Run) -> Iterator[str]:
    """While followers are in sync acks=all is not answered before one could have said it has it."""
    scenario = run.scenario
    followed = scenario.topic.replicas > 1 and all(row.in_sync > 1 for row in run.elections)
    if scenario.producer.acks != "all" or not followed:
        return
    waits_s = {r.request: r.answered_s - r.taken_s - r.service_s for r in run.requests}
    least_s = scenario.replica_path.rtt_s - NOW_TOLERANCE_S
    early = sum(waits_s[row.request] < least_s for row in run.batches if not row.found_again)
    if early:
        yield f"acks=all, and {early} batches acknowledged before any follower could have them"


def _promises(run: Run) -> Iterator[str]:
    books, producer = run.guarantees, run.scenario.producer
    excused = frozenset[str]().union(*(EXCUSES.get(f.what, ()) for f in run.scenario.faults))
    if fell_into_the_first_batch_hole(run):
        # what it went before comes later or never, and itself again if its answer was lost
        excused |= {DUPLICATES, INVERSIONS, DISPLACED}
    elected = any(row.leader_epoch for row in run.elections)
    # without acks nothing is known; one copy's ack is no promise where another may lead
    promised = producer.acks == "all" or (producer.acks == "1" and not elected)
    if books.acked_missing and promised:
        yield f"{books.acked_missing} acknowledged records are not in the log"
    if producer.enable_idempotence:
        # A batch that fails makes the producer number others anew that may be in the log.
        for name in (DISPLACED,) if books.failed else (DUPLICATES, INVERSIONS, DISPLACED):
            if name not in excused and (count := getattr(books, name)):
                yield f"idempotent, and {count} {NAMES[name]}"
    elif excused or producer.acks == "0":
        return  # without acks what a closed connection still holds may come after the next one's
    elif producer.guarantees_message_order and books.displaced and not books.failed:
        yield f"one in flight, and {books.displaced} records out of order"


def fell_into_the_first_batch_hole(run: Run) -> bool:
    """Whether a partition's first batch came after a later one that was taken (KAFKA-15591).

    Only a log that has begun refuses sequence 0. Acknowledgements do not tell: they may be lost.
    """
    refused = (row for row in run.decisions if row.base_sequence == 0)
    return any(row.error == Error.OUT_OF_ORDER_SEQUENCE_NUMBER.name for row in refused)


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
        if tried(scenario):
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
