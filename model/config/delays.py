"""Delay that a packet meets on top of the path's propagation, in one direction.

Each kind is given by its quantile function, so that the latest of several packets takes one draw.
The order of packets is kept, whatever they draw; that is the path's doing. Left out: delays that
depend on each other, as in a queue that others fill. Units: ms.
"""

import math
from dataclasses import dataclass
from os import PathLike
from statistics import NormalDist

from model.config.checks import (
    ConfigError,
    require,
    require_at_least,
    require_at_most,
    require_delay_ms,
)
from model.config.files import read_text
from model.config.kinds import settle_kinds

STANDARD_NORMAL = NormalDist()
#: Ours: one packet in a hundred then takes more than ten thousand times as long as half of them.
MOST_SIGMA = 4.0


@dataclass(frozen=True, slots=True)
class Constant:
    """Always so much."""

    ms: float = 0.0

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_delay_ms("jitter-ms", self.ms)

    def quantile_ms(self, share: float) -> float:
        """The delay that this share of packets does not exceed; 0 < share < 1."""
        return self.ms


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything from nothing to ``up_to_ms``, all alike."""

    up_to_ms: float

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_delay_ms("jitter-ms", self.up_to_ms)

    def quantile_ms(self, share: float) -> float:
        """The delay that this share of packets does not exceed; 0 < share < 1."""
        return share * self.up_to_ms


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Half of the packets up to ``median_ms``, with a long tail; ``sigma`` is of the logarithm."""

    median_ms: float
    sigma: float

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_delay_ms("jitter-ms", self.median_ms)
        require_at_least("jitter sigma", self.sigma, 0)
        require_at_most("jitter sigma", self.sigma, MOST_SIGMA)

    def quantile_ms(self, share: float) -> float:
        """The delay that this share of packets does not exceed; 0 < share < 1."""
        return self.median_ms * math.exp(self.sigma * STANDARD_NORMAL.inv_cdf(share))


@dataclass(frozen=True, slots=True)
class Empirical:
    """As measured: the ordered samples, straight lines between them."""

    samples_ms: tuple[float, ...]

    def __post_init__(self) -> None:
        settle_kinds(self)
        require("delay samples", len(self.samples_ms), "at least one", bool(self.samples_ms))
        for sample_ms in self.samples_ms:
            require_delay_ms("delay sample in ms", sample_ms)
        object.__setattr__(self, "samples_ms", tuple(sorted(self.samples_ms)))

    def quantile_ms(self, share: float) -> float:
        """The delay that this share of packets does not exceed; 0 < share < 1."""
        rank = share * (len(self.samples_ms) - 1)
        below = int(rank)
        low_ms, high_ms = self.samples_ms[below], self.samples_ms[min(below + 1, self._last)]
        return low_ms + (rank - below) * (high_ms - low_ms)

    @property
    def _last(self) -> int:
        return len(self.samples_ms) - 1


Delay = Constant | Uniform | Lognormal | Empirical
NO_JITTER = Constant()


def read_samples(path: str | PathLike[str]) -> Empirical:
    """Delays from a file with one number of milliseconds on each line. Raises ConfigError."""
    lines = read_text("delay samples", path).split()
    return Empirical(tuple(_number(line) for line in lines))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError("delay sample in ms", text, "must be a number") from error
