"""All claims held against the model: a row for each check."""

import pandas as pd

from experiments.kit.pool import Workers
from experiments.published import deterministic, measured_elsewhere
from experiments.published.claim import Claim
from experiments.published.outcome import outcome

#: Every claim of the ranked list, in its order.
CLAIMS: tuple[Claim, ...] = tuple(
    sorted((*deterministic.CLAIMS, *measured_elsewhere.CLAIMS), key=lambda claim: claim.number)
)
HIT, MISS, BEYOND = "hit", "miss", "beyond the model"


def verdicts(claims: tuple[Claim, ...], workers: Workers) -> pd.DataFrame:
    """Rows of claim, source, check, published, low, high, model, verdict, why."""
    scenarios = list(
        dict.fromkeys(
            scenario
            for claim in claims
            for check in claim.checks
            for scenario in check.scenarios.values()
        )
    )
    figures = dict(zip(scenarios, workers.map(outcome, scenarios), strict=True))
    rows: list[dict[str, object]] = []
    for claim in claims:
        told = {"claim": claim.number, "told": claim.told, "source": claim.source}
        for check in claim.checks:
            runs = {name: figures[scenario] for name, scenario in check.scenarios.items()}
            model = check.compared(runs)
            verdict = HIT if check.low <= model <= check.high else MISS
            rows.append(
                {
                    **told,
                    "check": check.told,
                    "published": check.published,
                    "low": check.low,
                    "high": check.high,
                    "model": round(model, 4),
                    "verdict": verdict,
                    "why": "",
                }
            )
        if not claim.checks:
            rows.append({**told, "check": "", "verdict": BEYOND, "why": claim.beyond})
    return pd.DataFrame(rows)
