"""Overload: more is offered than carried, so that what is finished describes the survivors only."""

import math
from dataclasses import dataclass

from model import OpenLoop, Run

#: Ours: what a run may fall behind by before it counts, beside chance.
TOLERANCE = 0.02
#: Of a Poisson count, whose variance is its mean: one run in a thousand is off by more.
DEVIATIONS = 3


@dataclass(frozen=True, slots=True)
class Load:
    """Records of a run's window: offered, and acknowledged; ``unfinished`` when the run ended.

    ``offered`` is what the arrival rate says, also for records that a blocked application did not
    get to send; without a rate it is what was finished.
    """

    offered: float
    finished: int
    unfinished: float
    chance: float

    @classmethod
    def of(cls, run: Run) -> "Load":
        """The load of a run."""
        scenario, finished = run.scenario, len(run.latency_ms)
        arrival, books = scenario.workload.arrival, run.guarantees
        if not isinstance(arrival, OpenLoop) or arrival.records is not None:
            return cls(finished, finished, books.unfinished, 0.0)
        rate = arrival.records_per_s * scenario.producers
        offered = rate * scenario.measured_s
        ended = books.acked + books.failed
        random = arrival.arrivals == "poisson"
        return cls(
            offered,
            finished,
            max(0.0, rate * scenario.horizon_s - ended),
            DEVIATIONS * math.sqrt(offered) * random,
        )

    @property
    def overloaded(self) -> bool:
        """Whether the run falls behind by more than tolerance and chance explain."""
        return self.finished < self.offered * (1 - TOLERANCE) - self.chance
