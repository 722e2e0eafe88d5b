"""What a run's window was offered and what of it was acknowledged.

One rule of overload, :class:`Load`, and one of refusal: a latency is refused in overload, where it
would describe the survivors only, and of a saturating producer, whose records wait as long as its
buffer is deep.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.config.workload import OpenLoop, Saturating

if TYPE_CHECKING:
    from model.outcome.run import Run

#: Ours: what a run may fall behind by before it counts, beside chance.
TOLERANCE = 0.02
#: Of a Poisson count, whose variance is its mean: one run in a thousand is off by more.
DEVIATIONS = 3


@dataclass(frozen=True, slots=True)
class Load:
    """Records of a run's window: offered, and acknowledged; ``unfinished`` when the run ended.

    ``offered`` is what the arrival rate says, also for records that a blocked application did not
    get to send; without a rate it is what was finished. ``chance`` is what may be missing of those
    finished all the same: arrivals at random, and a request of each connection, whose records are
    all acknowledged at once, that an end of the window cuts off.
    """

    offered: float
    finished: int
    unfinished: float
    chance: float

    @classmethod
    def of(cls, run: "Run") -> "Load":
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
            max(0.0, rate * run.ended_s - ended),
            DEVIATIONS * math.sqrt(offered) * random + _cut_off(run),
        )

    @property
    def overloaded(self) -> bool:
        """Whether the run falls behind by more than tolerance and chance explain."""
        return self.finished < self.offered * (1 - TOLERANCE) - self.chance


def _cut_off(run: "Run") -> float:
    """Records of one request of each connection that answered any."""
    connection = run.request_column("producer") * run.scenario.topic.brokers
    connections = np.unique(connection + run.request_column("broker"))
    return len(connections) * run.mean_request.records if len(connections) else 0.0


def has_latency(run: "Run") -> bool:
    """Whether a latency of the run says anything of its producer: the one rule of refusal."""
    if isinstance(run.scenario.workload.arrival, Saturating):
        return False
    return bool(len(run.latency_ms)) and not Load.of(run).overloaded
