"""A published claim as a value: what is said, by whom, what is allowed, and how it is simulated.

Tolerances were fixed before the model was run. A claim that the model cannot reach says why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from model import Scenario

#: What a run came to, by name.
Figures = Mapping[str, float]
#: Runs by name.
Runs = Mapping[str, Figures]
Scenarios = Mapping[str, Scenario]
#: Makes the one figure that is compared of the runs.
Compared = Callable[[Runs], float]


@dataclass(frozen=True)
class Check:
    """One figure of a claim: published, allowed from ``low`` to ``high``, and what the model says.

    ``scenarios`` are simulated once each; ``compared`` makes the figure of their outcomes.
    """

    label: str
    published: float
    low: float
    high: float
    scenarios: Scenarios
    compared: Compared


@dataclass(frozen=True)
class Claim:
    """A claim of the ranked list; without checks it is ``beyond`` the model, which says why."""

    number: int
    statement: str
    source: str
    checks: tuple[Check, ...] = ()
    beyond: str = ""


def within(
    percent: float, label: str, published: float, scenarios: Scenarios, compared: Compared
) -> Check:
    """A check with a symmetric tolerance in %."""
    share = percent / 100
    low, high = published * (1 - share), published * (1 + share)
    return Check(label, published, low, high, scenarios, compared)


def figure(run: str, name: str) -> Compared:
    """One figure of one run."""
    return lambda runs: runs[run][name]


def ratio(above: str, below: str, name: str = "records_per_s") -> Compared:
    """A figure of one run over that of another."""
    return lambda runs: runs[above][name] / runs[below][name]
