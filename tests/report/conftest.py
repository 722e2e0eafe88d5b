"""A page to test: the committed results, and sweeps that were just drawn beside them."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.store import replace_file, save_run
from experiments.kit.style import figure, save
from experiments.report.page import page

ANSWER = 'Five carry more than "one" where 1 < Z/S & the window allows it.'
QUESTION = "Where do five requests in flight pay?"


def leave_sweep(folder: Path, colour: str) -> None:
    """A small sweep's results: rows, a chart with one line of this colour, an answer."""
    chart = figure(4.0, 3.0)
    axes = chart.subplots()
    axes.plot([1, 2, 3], [1, 4, 9], color=colour, marker="o")
    axes.set_xlabel("round-trip time in ms")
    save(chart, folder, "chart")
    told = {"experiment": f"sweep {folder.name}", "question": QUESTION}
    save_run(folder, {"rows": pd.DataFrame({"point": ["a", "b"], "gain": [1.0, 4.5]})}, told)
    replace_file(folder / "answer.txt", f"{ANSWER}\n".encode())


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed results; one sweep anew in the project's colours, another in its own."""
    folder = tmp_path_factory.mktemp("report") / "results"
    shutil.copytree("results", folder, ignore=shutil.ignore_patterns("depth", "*.png"))
    leave_sweep(folder / "sweeps" / "depth", "#0072b2")
    leave_sweep(folder / "sweeps" / "a_colour_of_its_own", "#123456")
    shutil.copy(folder / "sweeps" / "depth" / "chart.svg", folder / "validation" / "agreement.svg")
    return folder


@pytest.fixture(scope="session")
def html(results: Path) -> str:
    """The page made of them."""
    return page(results)


@pytest.fixture(scope="session")
def html_file(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page on disk."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path
