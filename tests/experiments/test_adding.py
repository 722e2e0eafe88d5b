"""A question of one's own takes two files: itself, and its name in the catalogue."""

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

QUESTION = '''"""Records/s against the depth, for a test."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import line, panels
from experiments.kit.experiment import Experiment, Point
from experiments.kit.world import World


def points(world: World) -> Iterator[Point]:
    """Two depths."""
    for depth in (1, 2):
        scenario = world.at_full_load(world.in_flight(depth))
        yield Point(levels={"depth": depth}, scenario=scenario)


def answer(rows: pd.DataFrame) -> str:
    """The rate of the deepest."""
    return f"Two carry {rows['records_per_s'].max():.0f} records/s."


def draw(rows: pd.DataFrame) -> Figure:
    """A line."""
    chart, (axes,) = panels("Two carry more than one")
    line(axes, rows, "depth", "records_per_s", 0, "records/s")
    return chart


EXPERIMENT = Experiment(
    name="echo",
    question="Do two carry more?",
    aliases=("two",),
    points=points,
    measure=figures.row("records_per_s"),
    answer=answer,
    draw=draw,
    assumption="nothing but what the other questions assume",
)
'''


def changed(before: Path, after: Path) -> set[str]:
    """The files that differ, or that only one of two folders has, below both."""
    names = {
        path.relative_to(folder).as_posix()
        for folder in (before, after)
        for path in folder.rglob("*.py")
    }
    return names - set(filecmp.cmpfiles(before, after, names, shallow=False)[0])


def test_a_question_is_swept_asked_drawn_and_listed_for_two_files(tmp_path: Path) -> None:
    copy, original = tmp_path / "experiments", Path("experiments")
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "questions" / "echo.py").write_text(QUESTION)
    catalogue = copy / "catalogue.py"
    catalogue.write_text(
        catalogue.read_text().replace("EXPERIMENTS = (\n", 'EXPERIMENTS = (\n    "echo",\n')
    )
    assert changed(original, copy) == {"questions/echo.py", "catalogue.py"}

    def inflight(*arguments: str) -> str:
        command = [sys.executable, "-m", "experiments", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    asked = inflight("ask", "two", "--replications=2", "--jobs=1", "--rtt-ms=1")
    assert "Do two carry more?" in asked
    assert "records/s." in asked
    assert "Two carry" in inflight("sweep", "echo", "--jobs=1")
    assert "results/sweeps/echo/chart.svg" in inflight("plot", "echo")
    listed = inflight("list")
    (line,) = [line for line in listed.splitlines() if line.startswith("sweeps/echo ")]
    assert line.endswith("results/sweeps/echo")
