"""Runs in which something goes wrong again and again, at random times.

The times of a replication are the same for every producer. Left out: faults that come in groups.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from experiments.faults.catalogue import DROP_S
from experiments.kit.charts import line
from experiments.kit.estimates import pick
from experiments.kit.experiment import Point
from experiments.kit.looks import look, wide
from experiments.kit.replications import Levels
from experiments.kit.world import World
from model import Fault, OpenLoop, ProducerConfig, Run
from model.streams import stream

#: Ours: nothing goes wrong before everything is under way; one fault is over before the next comes,
#: or they would not add up; after the last record, what is still under way has so long to end.
BEFORE_S, APART_S, AFTER_S = 1.0, 0.5, 10.0
#: Ours: as fast as in the measured faults, or slower where one in flight would not carry that.
MOST_PER_S = 600.0
#: Whose harm is drawn: in flight, whether idempotent.
PRODUCERS = ((1, False), (2, False), (5, False), (5, True))
HARM = ["duplicates_per_million", "displaced_per_million"]
#: The faults that begin at an instant, in seconds of the run.
Kind = Callable[[float], Iterator[Fault]]


def faults_at_random(
    kind: Kind, draw: np.random.Generator, count: int, span_s: float, apart_s: float = APART_S
) -> tuple[Fault, ...]:
    """So many of a kind, at instants drawn uniformly from a span, at least ``apart_s`` apart."""
    room_s = span_s - BEFORE_S - count * apart_s
    at_s = BEFORE_S + np.sort(draw.random(count)) * room_s + np.arange(count) * apart_s
    return tuple(fault for begin_s in at_s.tolist() for fault in kind(begin_s))


def rate_per_s(run: Run) -> float:
    """What was offered, as the scenario says."""
    arrival = run.scenario.workload.arrival
    assert isinstance(arrival, OpenLoop)
    return arrival.records_per_s


def connection_lost(at_s: float) -> Iterator[Fault]:
    """Everything is lost for a moment, both ways, and then the connection is torn down."""
    yield Fault(what="black-hole", at_s=at_s, for_s=DROP_S)
    yield Fault(what="connection-reset", at_s=at_s + DROP_S)


def connection_reset(at_s: float) -> Iterator[Fault]:
    """The connection is torn down with whatever is on its way."""
    yield Fault(what="connection-reset", at_s=at_s)


def request_refused(at_s: float) -> Iterator[Fault]:
    """One request is answered with a retriable error, nothing written."""
    yield Fault(what="nack", at_s=at_s, error="NOT_LEADER_OR_FOLLOWER", requests=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """So many faults of a kind, spread over a span of a run."""

    kind: Kind
    count: int
    span_s: float

    def point(self, world: World, levels: Levels, config: ProducerConfig) -> Point:
        """One producer in it, under the world's rate; each run has fault times of its own."""
        rate = world.calm_rate(MOST_PER_S)
        sends = OpenLoop(rate, world.arrivals, max(1, round(rate * self.span_s)))
        return Point(
            levels=levels,
            beside={"rtt_ms": world.rtt_ms, "rate_per_s": rate, "fault_count": self.count},
            scenario=world.in_trouble(config, (), sends, self.span_s + AFTER_S),
            faults=self.faults,
        )

    def faults(self, seed: int) -> tuple[Fault, ...]:
        """The faults of the run with this seed."""
        draw = stream(seed, f"trouble-{self.count}")
        return faults_at_random(self.kind, draw, self.count, self.span_s)


def harm_over(axes: Axes, rows: pd.DataFrame, x: str, y: str) -> None:
    """A line for each producer; where they coincide the thin one lies on the wide one."""
    for depth, idempotent in PRODUCERS:
        of_producer = pick(rows, in_flight=depth, idempotent=idempotent)
        if len(of_producer):
            producer = look(depth, idempotent)
            line(axes, of_producer, x, y, producer, producer.name, **wide(producer))
