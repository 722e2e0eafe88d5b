"""The published claims as values, and what the model says of each: a row for each check."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.kit.pool import Workers
from experiments.validation.prediction import outcome
from experiments.validation.published.scenarios import SCENARIOS
from model import ConfigError, Scenario
from model.units import MIB

HIT, MISS, BEYOND = "hit", "miss", "beyond the model"
AMOUNTS = ("published", "low", "high", "model")
#: ``told`` is the claim's statement.
COLUMNS = ("claim", "told", "source", "check", *AMOUNTS, "verdict", "why")

#: What a run came to, by name.
Figures = Mapping[str, float]
#: Figures that are made of others: of the 4,096 records of the simulator's run, of records of 1,000
#: bytes, and median latency times throughput of 512 bytes as a share of buffer.memory.
DERIVED = {
    "requests_of_4096": lambda run: math.ceil(4_096 / run["records_per_request_avg"]),
    "ms_of_4096": lambda run: 1e3 * 4_096 / run["records_per_s"],
    "mb_per_s": lambda run: run["records_per_s"] * 1_000 / 1e6,
    "share_of_buffer": lambda run: run["p50_ms"] / 1e3 * run["records_per_s"] * 512 / (32 * MIB),
}


@dataclass(frozen=True)
class Check:
    """A figure of scenarios, or its ratio to that of others, and what is allowed."""

    label: str
    published: float
    low: float
    high: float
    figure: str
    of: tuple[str, ...]
    over: tuple[str, ...] = ()

    def model(self, runs: Mapping[str, Figures]) -> float:
        """What the model says; of several scenarios how often the figure falls."""
        figure: Callable[[Figures], float] = DERIVED.get(self.figure) or itemgetter(self.figure)
        values = [figure(runs[name]) for name in self.of]
        if self.over:
            below = (figure(runs[name]) for name in self.over)
            values = [value / base for value, base in zip(values, below, strict=True)]
        return values[0] if len(values) == 1 else sum(b < a for a, b in pairwise(values))


@dataclass(frozen=True)
class Claim:
    """A claim of the ranked list; without checks it is ``beyond`` the model, which says why."""

    number: int
    statement: str
    source: str
    checks: tuple[Check, ...] = ()
    beyond: str = ""


def check_of(label: str, published: float, of: list[str], figure: str, **rest: Any) -> Check:
    """A check as it is written: allowed ``percent`` around what was published, or from, to."""
    share = rest.get("percent", 0) / 100
    low, high = rest.get("allowed") or (published * (1 - share), published * (1 + share))
    over = tuple(rest.get("over", ()))
    return Check(label, float(published), float(low), float(high), figure, tuple(of), over)


def _claims() -> tuple[Claim, ...]:
    written = tomllib.loads(Path(__file__).with_name("claims.toml").read_text("utf-8"))
    return tuple(
        Claim(**each | {"checks": tuple(check_of(**check) for check in each.get("checks", ()))})
        for each in written["claim"]
    )


#: Every claim of the ranked list, in its order.
CLAIMS = _claims()


def verdicts(
    claims: tuple[Claim, ...], workers: Workers, scenarios: Mapping[str, Scenario] = SCENARIOS
) -> pd.DataFrame:
    """Rows of ``COLUMNS``; a claim without checks has one row that says why."""
    checks = [check for claim in claims for check in claim.checks]
    names = list(dict.fromkeys(name for check in checks for name in (*check.of, *check.over)))
    outcomes = workers.map(outcome, [scenarios[name] for name in names])
    runs = {name: figures for name, (figures, _) in zip(names, outcomes, strict=True)}
    rows: list[tuple[object, ...]] = []
    for claim in claims:
        of_claim = (claim.number, claim.statement, claim.source)
        for check in claim.checks:
            model = check.model(runs)
            verdict = HIT if check.low <= model <= check.high else MISS
            allowed = (check.published, check.low, check.high)
            rows.append((*of_claim, check.label, *allowed, round(model, 4), verdict, ""))
        if not claim.checks:
            rows.append((*of_claim, "", *[None] * len(AMOUNTS), BEYOND, claim.beyond))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_verdicts(path: Path) -> pd.DataFrame:
    """Stored rows, with NaN where there is no number. Raises ConfigError for other columns."""
    rows = pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in AMOUNTS})
    if lacking := [name for name in COLUMNS if name not in rows]:
        raise ConfigError("results", path, f"must have a column {lacking[0]!r}")
    return rows
