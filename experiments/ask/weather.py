"""Runs in which something goes wrong again and again, at random moments.

The moments of a replication are the same for every producer. Left out: troubles that come in
groups.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from experiments.ask.base import Base
from experiments.ask.task import Measure, Row, Simulated
from experiments.faults.catalogue import DROP_S, SETTINGS
from experiments.faults.moments import moments_s
from model import Fault, OpenLoop, ProducerConfig
from model.streams import stream

#: Ours: after the last record, what is still under way has so long to end.
AFTER_S = 10.0
#: Ours: as fast as in the measured faults, or slower where one in flight would not carry that.
MOST_PER_S = 600.0
MILLION = 1_000_000

Strike = Callable[[float], Iterator[Fault]]


def connection_lost(at_s: float) -> Iterator[Fault]:
    """Everything is lost for a moment, both ways, and then the connection is torn down."""
    yield Fault(what="black-hole", at_s=at_s, for_s=DROP_S)
    yield Fault(what="connection-reset", at_s=at_s + DROP_S)


def acks_lost(at_s: float) -> Iterator[Fault]:
    """Answers are lost for a moment, and then the connection is torn down."""
    yield Fault(what="lost-acks", at_s=at_s, for_s=DROP_S)
    yield Fault(what="connection-reset", at_s=at_s + DROP_S)


def request_refused(at_s: float) -> Iterator[Fault]:
    """One request is answered with a retriable error, nothing written."""
    yield Fault(what="nack", at_s=at_s, error="NOT_LEADER_OR_FOLLOWER", requests=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """So many strikes of a kind, spread over a span."""

    strike: Strike
    count: int
    span_s: float

    def runs(
        self, base: Base, point: Row, config: ProducerConfig, measure: Measure
    ) -> Iterator[Simulated]:
        """The replications of one producer in it, under the base's rate."""
        rate = base.calm_rate(MOST_PER_S)
        sends = OpenLoop(rate, base.arrivals, max(1, round(rate * self.span_s)))
        for replication in range(base.replications):
            faults = self._faults(base.seed + replication)
            scenario = base.in_trouble(config, faults, sends, self.span_s + AFTER_S)
            place = {**point, "rtt_ms": base.rtt_ms, "rate_per_s": rate, "strikes": self.count}
            yield Simulated(place, replication, scenario, base.seed + replication, measure)

    def _faults(self, seed: int) -> tuple[Fault, ...]:
        draw = stream(seed, f"strikes-{self.count}")
        at_s = moments_s(draw, self.count, self.span_s).tolist()
        return tuple(fault for moment_s in at_s for fault in self.strike(moment_s))


def patient(config: ProducerConfig, **changes: object) -> dict[str, object]:
    """Timeouts of the measured faults, or the user's own where these are shorter."""
    return {
        name: min(getattr(config, name), float(value)) for name, value in SETTINGS.items()
    } | changes
