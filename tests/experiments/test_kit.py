"""Intervals, stored runs, workers, windows."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.kit.command import show
from experiments.kit.estimates import interval, mean_of, paired_ratio
from experiments.kit.loads import full_request, over_requests
from experiments.kit.pool import Workers
from experiments.kit.results import TABLES, read_tables, written
from experiments.kit.store import load_frame, save_run
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Cell, filled, markdown, numbers, words
from model import ConfigError, PathConfig, Scenario, simulate


def test_an_interval_is_students() -> None:
    """Mean 3, deviation sqrt(2.5), t(4, 97.5 %) = 2.776: 3 +- 2.776 * sqrt(2.5 / 5) = 1.963."""
    of_five = interval([1, 2, 3, 4, 5])
    assert of_five.value == 3
    assert of_five.high - 3 == pytest.approx(1.963, abs=1e-3)
    assert 3 - of_five.low == pytest.approx(of_five.high - 3)
    assert f"{of_five:.2f}" == "3.00 [1.04, 4.96]"


def test_replications_that_agree_are_exact_and_one_alone_says_nothing() -> None:
    assert interval([2.5] * 3).exact
    assert f"{interval([2.5] * 3):.1f}" == "2.5"
    assert interval([2.5]).high == math.inf


def test_a_ratio_is_formed_pair_by_pair() -> None:
    """Both swing by a factor of ten together, and one is always twice the other."""
    ratio = paired_ratio([2, 20, 4], [1, 10, 2])
    assert ratio.value == pytest.approx(2)
    assert ratio.exact


def test_stored_frames_come_back_and_damage_is_told_from_absence(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.1, 2.0], "name": ["a", "b"]})
    save_run(tmp_path, {"rows": frame}, {"seed": 1})
    pd.testing.assert_frame_equal(load_frame(tmp_path, "rows"), frame)
    (tmp_path / "rows.csv").write_text("x,name\n")
    with pytest.raises(ConfigError, match="does not fit its manifest"):
        load_frame(tmp_path, "rows")
    with pytest.raises(ConfigError, match="must exist"):
        load_frame(tmp_path, "others")


@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_answer_in_the_order_of_the_questions(jobs: int) -> None:
    with Workers(jobs) as workers:
        assert workers.map(abs, [-3, 2, -1]) == [3, 2, 1]


@pytest.mark.parametrize("rtt_ms", [0, 3, 80])
def test_a_window_lasts_about_as_many_requests_as_asked_for(rtt_ms: float) -> None:
    scenario = over_requests(Scenario(path=PathConfig(rtt_ms=rtt_ms)), 20, 100)
    run = simulate(scenario, seed=1)
    inside = sum(row.handled_s > scenario.warmup_s for row in run.requests)
    assert 60 <= inside <= 105
    assert full_request(scenario).records == 16


def test_help_needs_neither_the_model_nor_what_it_counts_with() -> None:
    program = """
import sys
from experiments.__main__ import inflight
inflight(["--help"], standalone_mode=False)
print(sorted({"model", "numpy", "pandas", "rich"} & set(sys.modules)))
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert printed.stdout.decode().splitlines()[-1] == "[]"


def test_tables_are_read_as_they_were_written(tmp_path: Path) -> None:
    columns = [*words("way"), *numbers("records/s", "p99")]
    cells = [
        ["a", np.float64(7.0), math.nan],
        ["b", Cell("1 [0, 2]", 1.0, strong=True), np.int64(3)],
    ]
    table = filled("Figures", columns, cells, folded=True)
    (tmp_path / TABLES).write_bytes(written([table]))
    (read,) = read_tables(tmp_path)
    assert markdown(read) == markdown(table)
    sort_keys = [[cell.sort_key for cell in row] for row in read.rows]
    assert sort_keys == [["a", "7", ""], ["b", "1", "3"]]
    assert (read.caption, read.folded, read.columns) == ("Figures", True, columns)
    assert read_tables(tmp_path / "elsewhere") == []


def test_a_points_figures_are_means_with_intervals_shares_and_words() -> None:
    rows = pd.DataFrame({"depth": [1, 1, 5, 5], "on": [True, True, False, False]})
    rows = rows.assign(
        busy=[0.5, 0.9, 1.0, 1.0], late=[0.0, 3.0, 1.0, math.nan], limit=["x", "x", "y", "y"]
    )
    shown = (
        Shown("busy", "busy", ".0f", share=True),
        Shown("late", "late", ".1f"),
        Shown("limit", "limited by"),
        Shown("nowhere", "not a column"),
    )
    table = summary("By depth", rows, {"depth": "in flight", "on": "idempotent"}, shown)
    assert [column.name for column in table.columns] == [
        *("in flight", "idempotent", "busy", "late", "limited by")
    ]
    first, second = ([cell.text for cell in row] for row in table.rows)
    assert first == ["1", "yes", "70 [0, 100] %", "1.5 [0.0, 20.6]", "x"]
    assert second == ["5", "no", "100 %", "-", "y"]  # one of its runs has none
    assert table.caption == "By depth; in brackets: 95 % intervals"


def test_an_interval_of_counts_ends_at_none() -> None:
    few = pd.DataFrame({"duplicates": [0.0, 2.6]})
    assert mean_of(few, "duplicates").low == 0.0
    assert mean_of(few, "duplicates").high > 10
    assert interval([0.0, 2.6]).low < 0  # of what may be negative, such as logarithms
    assert math.isnan(mean_of(few * math.nan, "duplicates").low)


@pytest.mark.parametrize("columns", ["40", "60", "200"])
def test_no_figure_of_a_table_is_cut(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    heads = [*words("where"), *numbers(*(f"records/s, acks={acks}" for acks in range(4)))]
    interval = Cell("3,577 [3,576, 3,578]", 3577)
    show(filled("caption", heads, [["near", *[interval] * 4]]))
    out = capsys.readouterr().out
    assert out.count("[3,576, 3,578]") == out.count("3,577") == 4
    if columns == "200":
        assert "records/s, acks=3" in out
    else:
        assert "\u2026" not in out
        assert max(map(len, out.splitlines())) < 80  # of 4 intervals of 14 and a word
