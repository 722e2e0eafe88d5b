"""All claims held against the model: a row for each check, and the stored rows read again."""

from pathlib import Path

import pandas as pd

from experiments.kit.pool import Workers
from experiments.validation.prediction import outcome
from experiments.validation.published import deterministic, measured_elsewhere
from experiments.validation.published.claim import Claim
from model import ConfigError

#: Every claim of the ranked list, in its order.
CLAIMS: tuple[Claim, ...] = tuple(
    sorted((*deterministic.CLAIMS, *measured_elsewhere.CLAIMS), key=lambda claim: claim.number)
)
HIT, MISS, BEYOND = "hit", "miss", "beyond the model"
AMOUNTS = ("published", "low", "high", "model")
#: ``told`` is the claim's statement.
COLUMNS = ("claim", "told", "source", "check", *AMOUNTS, "verdict", "why")


def verdicts(claims: tuple[Claim, ...], workers: Workers) -> pd.DataFrame:
    """Rows of ``COLUMNS``; a claim without checks has one row that says why."""
    checks = [(claim, check) for claim in claims for check in claim.checks]
    scenarios = list(dict.fromkeys(s for _, check in checks for s in check.scenarios.values()))
    figures = dict(zip(scenarios, workers.map(outcome, scenarios), strict=True))
    rows: list[tuple[object, ...]] = []
    for claim in claims:
        of_claim = (claim.number, claim.statement, claim.source)
        for check in claim.checks:
            runs = {name: figures[scenario][0] for name, scenario in check.scenarios.items()}
            model = check.compared(runs)
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
