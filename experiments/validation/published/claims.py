"""The published claims as values, and what the model says of each: rows, tables, a picture."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.charts import ON_WHITE, entitle
from experiments.kit.looks import BAD, GOOD, LAW
from experiments.kit.pool import Workers
from experiments.kit.style import GRID, figure, quiet_grid
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.kit.words import count
from experiments.validation.prediction import outcome
from experiments.validation.published.scenarios import SCENARIOS
from model import ConfigError, Scenario
from model.units import MIB

HIT, MISS, BEYOND = "hit", "miss", "beyond the model"
AMOUNTS = ("published", "low", "high", "model")
#: ``told`` is the claim's statement.
COLUMNS = ("claim", "told", "source", "check", *AMOUNTS, "verdict", "why")

#: Verdict to colour and marker: both tell.
LOOKS = {HIT: (GOOD, "o"), MISS: (BAD, "X")}
#: The picture's title, what it shows, and the sentence under it.
CHART = (
    "Published claims and the model",
    "For each check a bar of what is allowed, and a mark: a disc for a hit, a cross for a miss.",
    "The model's figure over the published one, by number of claim; grey is what was allowed.",
)

#: What a run came to, by name.
Figures = Mapping[str, float]
#: Figures that are made of others: of the 4,096 records of the simulator's run, by Little's law, of
#: records of 1,000 bytes, and median latency times throughput of 512 bytes as a share of
#: buffer.memory.
DERIVED = {
    "requests_of_4096": lambda run: math.ceil(4_096 / run["records_per_request_avg"]),
    "ms_of_4096": lambda run: 1e3 * 4_096 / run["records_per_s"],
    "requests_in_flight": lambda run: (
        run["records_per_s"] / run["records_per_request_avg"] * run["request_latency_avg"] / 1e3
    ),
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


def summary(rows: pd.DataFrame) -> str:
    """How many claims there are, and how many of their checks hit."""
    hits, missed = ((rows["verdict"] == verdict).sum() for verdict in (HIT, MISS))
    return (
        f"{hits} of {hits + missed} published figures are what the model says too. They are from"
        f" {count(rows['claim'].nunique(), 'claim')} of others, and what counts as a hit was fixed"
        f" beforehand; {count((rows['verdict'] == BEYOND).sum(), 'claim')} cannot be asked of the"
        " model."
    )


def misses(rows: pd.DataFrame) -> list[Table]:
    """The misses alone, if there are any."""
    missed = rows[rows["verdict"] == MISS]
    caption = "The misses: what was published and is not what the model says"
    return [_checks(caption, missed)] if len(missed) else []


def all_of(rows: pd.DataFrame) -> list[Table]:
    """All checks, and the claims that the model cannot reach."""
    checks, beyond = rows[rows["verdict"] != BEYOND], rows[rows["verdict"] == BEYOND]
    tables = [_checks("All checks of published claims", checks, folded=True)] if len(checks) else []
    if len(beyond):
        columns = [Column("claim"), *words("what", "why", "source")]
        cells = beyond[["claim", "told", "why", "source"]].to_numpy()
        tables.append(filled("Claims beyond the model", columns, cells))
    return tables


def _checks(caption: str, rows: pd.DataFrame, folded: bool = False) -> Table:
    """What each claim states stands beside the first of its checks."""
    amounts = numbers("published", "allowed from", "to", "model")
    columns = [Column("claim"), *words("what"), *amounts, *words("verdict", "source")]
    statements = rows["told"].mask(rows["claim"].duplicated(), "")
    cells = (
        (
            row["claim"],
            Cell(row["check"], note=statement),
            *(_amount(float(row[name])) for name in AMOUNTS),
            Cell(row["verdict"], tone="missed" if row["verdict"] == MISS else ""),
            row["source"],
        )
        for statement, row in zip(statements, rows.to_dict("records"), strict=True)
    )
    return filled(caption, columns, cells, folded=folded, wide=True)


def _amount(value: float) -> Cell:
    return Cell(f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}", value)


def draw(rows: pd.DataFrame) -> Figure:
    """Each check under its claim: the model over the published figure, what is allowed as a bar."""
    rows = rows[rows["verdict"] != BEYOND].reset_index(drop=True)
    down = rows.index + (rows["claim"] != rows["claim"].shift()).cumsum()  # a line for each claim
    chart = figure(10.5, 0.26 * (down.max() + 1) + 1.4)
    axes = chart.subplots()
    low, high, model = (rows[name] / rows["published"] for name in ("low", "high", "model"))
    axes.barh(down, high - low + 0.004, left=low - 0.002, height=0.7, color=GRID)
    for verdict, (colour, marker) in LOOKS.items():
        those = rows["verdict"] == verdict
        axes.plot(
            np.minimum(model, 2.0)[those], down[those], marker, color=colour, ms=6, label=verdict
        )
    axes.axvline(1, **LAW)
    axes.set_yticks(down, rows["check"], size=9)
    axes.set(xlim=(0.5, 2.05), ylim=(down.max() + 0.6, -0.6))
    for place, told in zip(
        down, rows["told"].where(rows["claim"] != rows["claim"].shift()), strict=True
    ):
        if isinstance(told, str):
            axes.text(0.5, place - 1, told, size=9, weight="bold", va="center", bbox=ON_WHITE)
    axes.set_xlabel("model over published (grey: allowed; 2: twice or more)")
    hits = (rows["verdict"] == HIT).sum()
    entitle(chart, f"{hits} of {len(rows)} published figures are what the model says")
    axes.legend(frameon=False, loc="center right")
    quiet_grid(axes)
    axes.grid(visible=False, axis="y")
    return chart
