"""What is stored of the validation, made to speak: the report's section, excerpts, pictures."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.page import Block, Chart, Prose
from experiments.kit.tables import Table
from experiments.validation.stored import FILES, excerpts, redraw, sections
from model import ConfigError

RESULTS = Path("results")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The stored validation, to be damaged; of the measured rates the shortest file alone."""
    others = shutil.ignore_patterns(*(f"{name}.csv" for name in FILES if name != "stretch"))
    return Path(shutil.copytree(RESULTS / "validation", tmp_path / "validation", ignore=others))


def blocks(folder: Path) -> list[Block]:
    """What the report's section is made of."""
    (section,) = sections(folder.parent)
    return list(section.blocks)


def texts(shown: list[Block]) -> list[str]:
    """All that is read in tables and prose."""
    tables = [table for table in shown if isinstance(table, Table)]
    cells = [cell.text for table in tables for row in table.rows for cell in row]
    return cells + [prose.text for prose in shown if isinstance(prose, Prose)]


@pytest.mark.slow
def test_the_excerpts_say_what_the_rows_say() -> None:
    said = excerpts(RESULTS)
    of_rates = {"trio", "targets", "validation", "worst", "folds", "afterwards", "walk"}
    assert set(said) == of_rates | {"other_clients", "published", "faults"}
    stored = pd.read_csv(RESULTS / "validation" / "worst.csv")
    assert [why in said["worst"] for why in stored["why"]] == [True] * 10
    verdicts = pd.read_csv(RESULTS / "validation" / "published.csv")["verdict"]
    hits, checks = (verdicts == "hit").sum(), verdicts.isin(["hit", "miss"]).sum()
    assert f"{hits} of {checks} published figures" in said["published"]
    assert said["published"].count("| miss |") == (verdicts == "miss").sum()


def test_the_section_has_every_picture_once(folder: Path) -> None:
    names = [chart.name for chart in blocks(folder) if isinstance(chart, Chart)]
    assert names == ["validation-agreement", "validation-published"]


def test_a_figure_that_no_row_counts_for_is_neither_reached_nor_missed(folder: Path) -> None:
    table, of_clients = (
        each for each in blocks(folder) if getattr(each, "caption", "").startswith("Figures")
    )
    assert isinstance(of_clients, Table)
    assert len(of_clients.rows) == 2
    assert isinstance(table, Table)
    verdicts = {row[0].text: row[-1].text for row in table.rows}
    assert verdicts["p99 of record latency"] == "-"
    assert verdicts["records per request"] == "reached"


def test_a_measured_fault_that_is_mispredicted_is_among_the_misses(folder: Path) -> None:
    path = folder / "faults.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows.loc[0, [f"model_duplicates{end}" for end in ("", "_low", "_high")]] = "77"
    rows.to_csv(path, index=False)
    assert "duplicates: 0 measured, 77 predicted" in texts(blocks(folder))


def test_without_results_it_says_so(tmp_path: Path) -> None:
    assert texts(blocks(tmp_path / "validation")) == ["Not run yet."]


def test_pictures_and_worst_rows_are_made_of_the_stored_rows_alone(folder: Path) -> None:
    for path in [*folder.glob("*.svg"), *folder.glob("*.png"), folder / "worst.csv"]:
        path.unlink()
    names = {path.name for path in redraw(folder)}
    charts = {f"{name}.{kind}" for name in ("agreement", "errors", "published") for kind in KINDS}
    assert names == charts | {"worst.csv"}
    assert all((folder / name).stat().st_size for name in names)


KINDS = ("svg", "png")


def test_without_predicted_rows_nothing_is_redrawn(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make validate"):
        redraw(tmp_path)
