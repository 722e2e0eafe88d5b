"""Published claims: all of the list are there, hits and misses are told apart, hits stay hits."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.kit.pool import Workers
from experiments.published.claim import Claim, figure, within
from experiments.published.report import draw, verdict_table
from experiments.published.verdicts import BEYOND, CLAIMS, HIT, MISS, verdicts
from experiments.validate import command
from model import Scenario

COMMITTED = Path("results/validation/published.csv")
#: Cheap enough to simulate in a test.
CHEAP = {1, 2, 4, 5, 6, 9, 10}


def test_every_claim_of_the_list_is_there_once() -> None:
    assert [claim.number for claim in CLAIMS] == list(range(1, 16))
    for claim in CLAIMS:
        assert bool(claim.checks) != bool(claim.beyond)
        for check in claim.checks:
            assert check.low <= check.published <= check.high


def test_a_hit_and_a_miss_are_told_apart(tiny: Callable[..., Scenario]) -> None:
    runs = {"it": tiny()}
    for published, verdict in ((16 * 5 / 10.3e-3, HIT), (16 * 5 / 9e-3, MISS)):
        check = within("records/s", published, 1, runs, figure("it", "records_per_s"))
        with Workers(1) as workers:
            rows = verdicts((Claim(1, "told", "source", (check,)),), workers)
        assert list(rows["verdict"]) == [verdict]


def test_what_the_model_cannot_reach_says_why() -> None:
    beyond = tuple(claim for claim in CLAIMS if claim.beyond)
    with Workers(1) as workers:
        rows = verdicts(beyond, workers)
    assert set(rows["verdict"]) == {BEYOND}
    assert rows["why"].str.len().min() > 10


def test_cheap_claims_come_out_as_committed() -> None:
    committed = pd.read_csv(COMMITTED, keep_default_na=False)
    committed = committed[committed["claim"].isin(CHEAP)].reset_index(drop=True)
    with Workers(2) as workers:
        rows = verdicts(tuple(claim for claim in CLAIMS if claim.number in CHEAP), workers)
    assert list(rows["check"]) == list(committed["check"])
    assert list(rows["model"]) == pytest.approx(list(committed["model"].astype(float)), rel=1e-6)
    assert list(rows["verdict"]) == list(committed["verdict"])


def test_the_verdicts_are_told_and_drawn() -> None:
    rows = pd.read_csv(COMMITTED, keep_default_na=False)
    for column in ("published", "low", "high", "model"):
        rows[column] = pd.to_numeric(rows[column], errors="coerce")
    assert verdict_table(rows).row_count == len(rows)
    labels = [label.get_text() for label in draw(rows).axes[0].get_yticklabels()]
    assert len(labels) == (rows["check"] != "").sum()


@pytest.mark.parametrize("options", [[], ["--measured", "x.csv", "--published"]])
def test_measured_and_published_exclude_each_other(options: list[str], tmp_path: Path) -> None:
    told = CliRunner().invoke(command, [*options, "--out", str(tmp_path / "out.csv")])
    assert "either --measured or --published" in str(told.exception)
    assert not list(tmp_path.iterdir())
