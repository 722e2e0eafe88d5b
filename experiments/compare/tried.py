"""Changes tried: simulated in the same runs as the table of producers, and stored beside it.

The same seeds and, under a load, the same window: what the table says of a producer is what is said
here. All single changes get a short look, then pairs of the best of each kind; what comes near the
best is run as the table's producers are, and so is the user's own. Brokers are changed on top of
the change to be advised. Judged by records/s as fast as the producer can, or by the 99th percentile
of latency at the rate that the user named, if their own producer carries it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any

import pandas as pd

from experiments.compare.changes import (
    AROUND,
    DEPTH,
    NOTHING,
    OWN,
    SETTING,
    YOURS,
    Change,
    around,
    fitting_batch,
    pair,
    singles,
)
from experiments.compare.gains import DEEPEST, FULL, LOOK, choice
from experiments.compare.tasks import Runs, Task
from experiments.kit.estimates import pick
from experiments.kit.loads import over_seconds
from experiments.kit.world import World
from model import ProducerConfig, Scenario

#: Ours: at first sight so many replications of about so many requests are made.
FIRST, LOOK_REQUESTS = 2, 250
#: Ours: what comes so near the best at first sight is run in full.
NEAR = 0.92
#: Ours: the best levels of a kind that go into pairs, and the most that are run in full.
LEVELS, FINALISTS = 2, 4
FIGURES = ("records_per_s", "p99_ms", "limit", "overloaded")

Offered = Callable[[ProducerConfig], Scenario]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scenario to try: whose it is, the change that makes it, and on top of which it stands."""

    whose: str
    text: str
    scenario: Scenario
    change: Change = NOTHING
    on_top_of: str = ""


@dataclass
class Trial:
    """Candidates under one load, with the figures of each replication so far.

    ``judged_by``: the figure that decides. ``offered`` makes a producer's scenario, and
    ``replications`` are made of it.
    """

    world: World
    runs: Runs
    stage: str
    judged_by: str
    replications: int
    offered: Offered
    candidates: dict[str, Candidate] = field(default_factory=dict)
    figures: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    answered: int = 1

    def run(self, candidates: Iterable[Candidate]) -> None:
        """Every replication of each."""
        wanted = list(candidates)
        tasks = [
            Task("advice", "", it.text, number, it.scenario, self.world.seed + number)
            for it in wanted
            for number in range(self.replications)
        ]
        done = [outcome for _, outcome in self.runs.of(tasks)]
        self.answered = max([self.answered, *(outcome.answered for outcome in done)])
        for place, candidate in enumerate(wanted):
            mine = done[place * self.replications :][: self.replications]
            self.candidates[candidate.text] = candidate
            self.figures[candidate.text] = [outcome.figures for outcome in mine]

    def own(self) -> Candidate:
        """The user's own settings."""
        return Candidate(OWN, YOURS, self.offered(self.world.own))

    def of(self, changes: Iterable[Change]) -> list[Candidate]:
        """The user's producer with each of these changes, but what would run as something did."""
        known = {it.scenario for it in self.candidates.values()}
        found = []
        for change in changes:
            scenario = self.offered(change.on(self.world.own))
            if scenario not in known:
                known.add(scenario)
                found.append(Candidate(SETTING, change.text, scenario, change))
        return found

    def score(self, text: str) -> float:
        """How good a candidate is; 0 if it cannot carry the load."""
        values = [float(row[self.judged_by]) for row in self.figures[text]]
        mean = sum(values) / len(values)
        if mean != mean:
            return 0.0
        return mean if self.judged_by == "records_per_s" else 1 / mean

    def best(self, kind: str) -> list[Change]:
        """The best single changes of a kind; the first is the simplest and always among them."""
        changes = [it.change for it in self.candidates.values() if [*it.change.by_kind] == [kind]]
        ranked = sorted(changes, key=lambda change: -self.score(change.text))[:LEVELS]
        return list({change.text: change for change in (*changes[:1], *ranked)}.values())

    def rows(self) -> Iterator[dict[str, object]]:
        """A row for each replication of each candidate."""
        for text, candidate in self.candidates.items():
            named = {
                "whose": candidate.whose,
                "change": text,
                "on_top_of": candidate.on_top_of,
                "kinds": " ".join(candidate.change.by_kind),
                "in_flight": _in_flight(candidate),
                "judged_by": self.judged_by,
                "stage": self.stage,
            }
            for number, row in enumerate(self.figures[text]):
                yield {**named, "replication": number, **{name: row[name] for name in FIGURES}}


def try_changes(world: World, rows: Callable[[], pd.DataFrame], runs: Runs) -> pd.DataFrame:
    """Every change with its figures, for the world's own distance.

    ``rows`` gives the table's, and is called only for the load that the user named.

    Columns: ``whose``, ``change`` (what to set), ``on_top_of`` (the advised change that one around
    the producer stands on, or the user's settings; else empty), ``kinds`` of change,
    ``in_flight``, ``judged_by`` (the figure that decides), ``stage`` (a short look or in full, to
    be compared with the user's own of that stage), ``replication``, ``records_per_s``, ``p99_ms``
    (NaN without a load, and in overload), ``limit``, ``overloaded``.
    """
    often = world.replications or FIRST
    if world.rate_per_s is not None and world.outstanding is None:
        offered = offered_as_table(world, rows())
        full = Trial(world, runs, FULL, "p99_ms", often, offered)
        full.run([full.own()])
        if full.score(YOURS):  # the user's own carries its rate
            share = min(1.0, LOOK_REQUESTS / full.answered)
            look = Trial(world, runs, LOOK, "p99_ms", FIRST, _shorter(offered, share))
            return _race(look, full)
    full = Trial(world, runs, FULL, "records_per_s", often, world.at_full_load)
    full.run([full.own()])
    look = Trial(world, runs, LOOK, "records_per_s", FIRST, world.at_full_load)
    chosen = choice(_race(look, full))
    base = full.candidates[YOURS if chosen is None else chosen.text]
    wanted = around(world, base.change.on(world.own))
    full.run(Candidate(AROUND, text, it, on_top_of=base.text) for text, it in wanted)
    return pd.DataFrame([*look.rows(), *full.rows()])


def _shorter(offered: Offered, share: float) -> Offered:
    def through_less(producer: ProducerConfig) -> Scenario:
        scenario = offered(producer)
        return replace(scenario, measured_s=share * scenario.measured_s)

    return through_less


def offered_as_table(world: World, rows: pd.DataFrame) -> Offered:
    """A producer under the load of the table at the world's distance, over the same window."""
    load = pick(rows, phase="load", rtt_ms=world.rtt_ms).iloc[0]
    rate_per_s = float(load["offered_records_per_s"]) / world.producers

    def offered(producer: ProducerConfig) -> Scenario:
        scenario = world.at_load(producer, world.rate_per_s or rate_per_s)
        return over_seconds(scenario, float(load["warmup_s"]), float(load["measured_s"]))

    return offered


def _race(look: Trial, full: Trial) -> pd.DataFrame:
    """Single changes and pairs of the best of each kind at first sight; the best in full."""
    world = look.world
    look.run([look.own()])
    look.run(look.of(singles(world, waits=look.judged_by == "p99_ms")))
    look.run(look.of(_pairs(look)))
    full.run(full.of(_finalists(look)))
    return pd.DataFrame([*look.rows(), *full.rows()])


def _pairs(trial: Trial) -> Iterator[Change]:
    """Two changes of different kinds at a time; with each depth also the batch that fits it."""
    world = trial.world
    kinds = dict.fromkeys(kind for it in trial.candidates.values() for kind in it.change.by_kind)
    for kind, other in combinations(kinds, 2):
        for first, second in product(trial.best(kind), trial.best(other)):
            yield from pair(world, first, second)
    for depth in trial.best(DEPTH):
        for batch in fitting_batch(world, depth.on(world.own)):
            yield from pair(world, depth, batch)


def _finalists(look: Trial) -> list[Change]:
    """The best, and the simplest of those that come near it; in any case five in flight.

    Also the best with five in flight or the user's own depth, and their own made idempotent: of
    these the advice speaks.
    """
    changed = [it for it in look.candidates.values() if it.whose == SETTING]
    ranked = sorted(changed, key=lambda it: -look.score(it.text))
    near = [it for it in ranked if look.score(it.text) >= NEAR * look.score(ranked[0].text)]
    simplest = sorted(near, key=lambda it: len(it.change.by_kind))[: FINALISTS - 1]
    told = [it for it in changed if _beside_depth(it) in ({}, *map(_beside_depth, ranked[:1]))]
    told = [it for it in told if _in_flight(it) in (DEEPEST, _in_flight(look.own()))]
    wanted = {it.text for it in (*ranked[:1], *simplest, *changed[:1], *told)}
    return [it.change for it in changed if it.text in wanted]  # the simplest stay the first


def _beside_depth(candidate: Candidate) -> Mapping[str, Mapping[str, object]]:
    """What it changes beside the depth."""
    by_kind = candidate.change.by_kind
    return {kind: fields for kind, fields in by_kind.items() if kind != DEPTH}


def _in_flight(candidate: Candidate) -> int:
    return candidate.scenario.producer.max_in_flight_requests_per_connection
