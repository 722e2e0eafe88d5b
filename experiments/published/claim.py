"""A published claim as a value: what is said, by whom, what is allowed, and how it is simulated.

Tolerances were fixed before the model was run. A claim that the model cannot reach says why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from model import Scenario

#: What a run came to, by name.
Figures = Mapping[str, float]
#: Runs by name to the one figure that is compared.
Compared = Callable[[Mapping[str, Figures]], float]


@dataclass(frozen=True)
class Check:
    """One figure of a claim: published, allowed from ``low`` to ``high``, and what the model says.

    ``scenarios`` are simulated once each; ``compared`` makes the figure of their outcomes.
    """

    told: str
    published: float
    low: float
    high: float
    scenarios: Mapping[str, Scenario]
    compared: Compared


@dataclass(frozen=True)
class Claim:
    """A claim of the ranked list; without checks it is ``beyond`` the model, which says why."""

    number: int
    told: str
    source: str
    checks: tuple[Check, ...] = ()
    beyond: str = field(default="")


def within(
    told: str,
    published: float,
    percent: float,
    scenarios: Mapping[str, Scenario],
    compared: Compared,
) -> Check:
    """A check with a symmetric tolerance in %."""
    share = percent / 100
    low, high = published * (1 - share), published * (1 + share)
    return Check(told, published, low, high, scenarios, compared)


def figure(run: str, name: str) -> Compared:
    """One figure of one run."""
    return lambda runs: runs[run][name]


def ratio(above: str, below: str, name: str = "records_per_s") -> Compared:
    """A figure of one run over that of another."""
    return lambda runs: runs[above][name] / runs[below][name]
