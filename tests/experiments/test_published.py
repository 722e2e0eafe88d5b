"""Published claims: all of the list are there, hits and misses are told apart, hits stay hits."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.commands.validate import command
from experiments.kit.pool import Workers
from experiments.kit.tables import Table
from experiments.validation.published import claims
from experiments.validation.published.claims import (
    BEYOND,
    CLAIMS,
    COLUMNS,
    HIT,
    MISS,
    Claim,
    check_of,
    read_verdicts,
    verdicts,
)
from experiments.validation.published.scenarios import SCENARIOS
from model import ConfigError, Scenario

COMMITTED = Path("results/validation/published.csv")
#: Cheap enough to simulate in a test.
CHEAP = {1, 2, 4, 5, 6, 9, 10, 16, 17}


def test_every_claim_of_the_list_is_there_once() -> None:
    assert [claim.number for claim in CLAIMS] == list(range(1, 18))
    for claim in CLAIMS:
        assert bool(claim.checks) != bool(claim.beyond)
        for check in claim.checks:
            assert check.low <= check.published <= check.high
            assert {*check.of, *check.over} <= set(SCENARIOS)


def test_a_check_says_what_of_what_it_compares() -> None:
    runs = {
        name: {"p50_ms": value} for name, value in zip("abcd", (6.0, 2.0, 4.0, 2.0), strict=True)
    }
    assert check_of("alone", 6, ["a"], "p50_ms", percent=0).model(runs) == 6
    assert check_of("ratio", 3, ["a"], "p50_ms", over=["b"], percent=0).model(runs) == 3
    steps = check_of("falls", 1, ["a", "c"], "p50_ms", over=["b", "d"], allowed=[1, 1])
    assert steps.model(runs) == 1


def test_a_hit_and_a_miss_are_told_apart(tiny: Callable[..., Scenario]) -> None:
    runs = {"run": tiny()}
    for published, verdict in ((16 * 5 / 10.3e-3, HIT), (16 * 5 / 9e-3, MISS)):
        check = check_of("records/s", published, ["run"], "records_per_s", percent=1)
        with Workers(1) as workers:
            rows = verdicts((Claim(1, "statement", "source", (check,)),), workers, runs)
        assert list(rows["verdict"]) == [verdict]


def test_what_the_model_cannot_reach_says_why() -> None:
    beyond = tuple(claim for claim in CLAIMS if claim.beyond)
    with Workers(1) as workers:
        rows = verdicts(beyond, workers)
    assert set(rows["verdict"]) == {BEYOND}
    assert rows["why"].str.len().min() > 10


@pytest.mark.slow
def test_cheap_claims_come_out_as_committed() -> None:
    assert_as_committed(CHEAP)


@pytest.mark.trial
def test_all_claims_come_out_as_committed() -> None:
    assert_as_committed({claim.number for claim in CLAIMS})


def assert_as_committed(numbers: set[int]) -> None:
    """These claims, tried again on all cores, leave the stored rows to the last digit."""
    stored = read_verdicts(COMMITTED)
    stored = stored[stored["claim"].isin(numbers)].reset_index(drop=True)
    with Workers() as workers:
        rows = verdicts(tuple(claim for claim in CLAIMS if claim.number in numbers), workers)
    pd.testing.assert_frame_equal(rows, stored, check_exact=True)


def test_every_check_is_in_the_table_and_in_the_picture() -> None:
    rows = read_verdicts(COMMITTED)
    checks, beyond = claims.all_of(rows)
    assert len(checks.rows) + len(beyond.rows) == len(rows)
    labels = [label.get_text() for label in claims.draw(rows).axes[0].get_yticklabels()]
    assert len(labels) == (rows["check"] != "").sum()


@pytest.mark.parametrize("options", [[], ["--measured", "single", "--published"]])
def test_measured_and_published_exclude_each_other(options: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [*options, "--out", str(tmp_path / "out.csv")])
    assert result.exit_code == 2
    assert "takes one of --measured, --published" in result.output
    assert not list(tmp_path.iterdir())


A_HIT = (1, "Two carry twice", "a page", "two over one", 2.0, 1.9, 2.1, 2.05, HIT, "")
A_MISS = (1, "Two carry twice", "a page", "rate with one", 5610, 5049, 6171, 12345.6, MISS, "")
NO_CHECK = (2, "A disk is slow", "a talk", "", *[float("nan")] * 4, BEYOND, "no disk in it")


def frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Verdicts by hand."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def texts(table: Table) -> list[list[str]]:
    """What is read in a table."""
    return [[cell.text for cell in row] for row in table.rows]


def test_hits_misses_and_what_is_beyond_the_model_are_counted() -> None:
    summary = claims.summary(frame(A_HIT, A_MISS, NO_CHECK))
    assert summary.startswith("1 of 2 published figures ")
    assert "from 2 claims" in summary
    assert "1 claim cannot be asked" in summary


def test_the_misses_are_as_plain_as_the_hits() -> None:
    rows = frame(A_HIT, A_MISS, NO_CHECK)
    (misses,), (checks, beyond) = claims.misses(rows), claims.all_of(rows)
    amounts = ["5,610", "5,049", "6,171", "12,346"]
    assert texts(misses) == [["1", "rate with one", *amounts, "miss", "a page"]]
    assert [row[1] for row in texts(checks)] == ["two over one", "rate with one"]
    assert texts(beyond) == [["2", "A disk is slow", "no disk in it", "a talk"]]


def test_without_misses_there_is_no_table_of_them() -> None:
    assert claims.misses(frame(A_HIT)) == []
    assert len(claims.all_of(frame(A_HIT))) == 1


def test_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "published.csv").write_text("claim,told\n1,somebody\n")
    with pytest.raises(ConfigError, match=r"published\.csv.*'source'"):
        read_verdicts(tmp_path / "published.csv")
