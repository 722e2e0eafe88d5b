"""Published claims on the page: the misses as plain as the hits."""

import html as escapes
import re
from pathlib import Path

import pandas as pd
import pytest

from experiments.report.blocks import Block, Chart, Prose, Table
from experiments.report.published import COLUMNS, published
from model import ConfigError

HIT = (1, "Two carry twice", "a page", "two over one", 2.0, 1.9, 2.1, 2.05, "hit", "")
MISS = (1, "Two carry twice", "a page", "rate with one", 5610, 5049, 6171, 12345.6, "miss", "")
BEYOND = (2, "A disk is slow", "a talk", "", "", "", "", "", "beyond the model", "no disk in it")


def blocks(folder: Path, *rows: tuple[object, ...]) -> list[Block]:
    """What is told of these verdicts."""
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(folder / "published.csv", index=False)
    return published(folder)


def tables(told: list[Block]) -> dict[str, list[list[str]]]:
    """The texts of every table by its caption."""
    return {
        it.caption: [[cell.text for cell in row] for row in it.rows]
        for it in told
        if isinstance(it, Table)
    }


def test_hits_misses_and_what_is_beyond_the_model_are_counted(tmp_path: Path) -> None:
    (said,) = (it.text for it in blocks(tmp_path, HIT, MISS, BEYOND) if isinstance(it, Prose))
    assert said.startswith("2 claims ")
    assert "Of 2 checks 1 hit and 1 miss; claims beyond the model: 1." in said


def test_the_misses_come_first_and_alone(tmp_path: Path) -> None:
    misses, checks, beyond = tables(blocks(tmp_path, HIT, MISS, BEYOND)).values()
    amounts = ["5,610", "5,049", "6,171", "12,346"]
    assert misses == [["1", "rate with one", *amounts, "miss", "a page"]]
    assert [row[1] for row in checks] == ["two over one", "rate with one"]
    assert beyond == [["2", "A disk is slow", "no disk in it", "a talk"]]


def test_without_misses_there_is_no_table_of_them(tmp_path: Path) -> None:
    assert list(tables(blocks(tmp_path, HIT))) == ["All checks of published claims"]


def test_without_claims_nothing_is_said(tmp_path: Path) -> None:
    assert published(tmp_path) == []


def test_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "published.csv").write_text("claim,told\n1,somebody\n")
    with pytest.raises(ConfigError, match=r"published\.csv.*'source'"):
        published(tmp_path)


def test_the_page_has_every_stored_check_and_the_picture_once(results: Path, html: str) -> None:
    rows = pd.read_csv(results / "validation" / "published.csv", keep_default_na=False)
    plain = escapes.unescape(html)
    assert all(f">{check}<" in plain for check in rows["check"] if check)
    misses = int((rows["verdict"] == "miss").sum())
    # Each miss stands among the misses, and once more among all checks.
    assert len(re.findall(r">miss</td>", html)) == 2 * misses > 0
    charts = [it for it in published(results / "validation") if isinstance(it, Chart)]
    assert [html.count(f'id="{chart.name}-title"') for chart in charts] == [1]
