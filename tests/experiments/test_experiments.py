"""Every experiment of the catalogue: its points, its smoke run, what its rows say and draw."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.text import Text

from experiments.catalogue import EXPERIMENTS, SWEEPS, every, find, load
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.store import load_frame
from experiments.kit.world import World
from model import ConfigError, PathConfig, Scenario
from tests.experiments.running import run

PLAIN = Scenario(path=PathConfig(rtt_ms=2))
Rows = Callable[..., pd.DataFrame]
each = pytest.mark.parametrize("name", EXPERIMENTS)
#: Those whose smoke run is short; the others' are left to the slow tests.
QUICK = {"depth", "loss", "story", "sync"}
each_in_its_time = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in EXPERIMENTS],
)


def points(name: str, fine: bool, smoke: bool = False) -> list[Point]:
    """The points of an experiment at its own distance."""
    experiment = load(name)
    return experiment.chosen(replace(experiment.default_world(), fine=fine), smoke)


@each
@pytest.mark.parametrize("fine", [True, False])
def test_points_have_names_of_their_own_and_scenarios_and_levels_that_stay(
    name: str, fine: bool
) -> None:
    chosen = points(name, fine)
    assert len({point.name for point in chosen}) == len(chosen) > 0
    assert all(isinstance(point.run_of(1), Scenario) for point in chosen)
    assert not any(set(point.levels) & set(point.beside) for point in chosen)
    with pytest.raises(TypeError):
        chosen[0].levels["rtt_ms"] = 3  # type: ignore[index]  # that it cannot be set is the point


@each
def test_the_stored_answer_is_what_the_stored_rows_say(name: str) -> None:
    rows = load_frame(SWEEPS / name, "rows")
    assert load(name).answer(rows) == (SWEEPS / name / "answer.txt").read_text("utf-8").strip()


@each_in_its_time
def test_a_smoke_run_draws_and_answers_and_plot_draws_the_same(name: str, tmp_path: Path) -> None:
    assert run("sweep", name, "--smoke", "--jobs=1", f"--out={tmp_path}") == 0
    rows, smoke = load_frame(tmp_path, "rows"), points(name, fine=True, smoke=True)
    assert set(rows["point"]) == {point.name for point in smoke}
    assert {point.name for point in smoke} <= {point.name for point in points(name, fine=True)}
    answer = (tmp_path / "answer.txt").read_text()
    assert len(answer) > 40
    assert "nan" not in answer
    assert load(name).answer(rows).strip() == answer.strip()
    drawn = (tmp_path / "chart.png").read_bytes()
    assert run("plot", name, f"--results={tmp_path}") == 0
    assert (tmp_path / "chart.png").read_bytes() == drawn


@pytest.mark.slow
@each
def test_it_answers_with_numbers_and_names_its_assumption(rows: Rows, name: str) -> None:
    answer = load(name).answer(rows(name))
    assert re.search(r"\d", answer)
    assert answer.endswith(".")
    assert not re.search(r"\b(nan|inf|None)\b", answer), answer
    assert len(load(name).assumption) > 30
    assert load(name).question.endswith("?")


@pytest.mark.slow
@each
def test_it_draws_axes_with_names_and_all_its_words_are_finite(rows: Rows, name: str) -> None:
    chart = load(name).draw(rows(name))
    drawn = [axes for axes in chart.axes if axes.lines or axes.patches or axes.collections]
    assert drawn == chart.axes
    texts = [str(text.get_text()) for text in chart.findobj(Text) if isinstance(text, Text)]
    assert any(texts)
    assert not any(re.search(r"\bnan\b", text) for text in texts)


@pytest.mark.slow
@each
def test_it_answers_and_draws_from_stored_rows_alone(rows: Rows, name: str, tmp_path: Path) -> None:
    rows(name).to_csv(tmp_path / "rows.csv", index=False)
    experiment, stored = load(name), pd.read_csv(tmp_path / "rows.csv")
    assert experiment.answer(stored) == experiment.answer(rows(name))
    assert list(map(str, experiment.tables(stored))) == list(
        map(str, experiment.tables(rows(name)))
    )
    assert len(experiment.draw(stored).axes) == len(experiment.draw(rows(name)).axes)


def test_each_is_found_by_number_name_and_words_of_its_own() -> None:
    words = [word for experiment in every() for word in (experiment.name, *experiment.aliases)]
    assert len(words) == len(set(words)) > len(EXPERIMENTS)
    for number, experiment in enumerate(every(), start=1):
        assert all(
            find(word) == [experiment]
            for word in (str(number), experiment.name, experiment.name.upper(), *experiment.aliases)
        )
    with pytest.raises(ConfigError, match="question"):
        find("no such thing")


def test_every_list_names_every_experiment_with_its_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("sweep", "--list") == 0
    of_sweep = capsys.readouterr().out
    assert run("list") == 0
    of_all = capsys.readouterr().out
    assert run("ask") == 0
    of_ask = " ".join(capsys.readouterr().out.split())
    for number, experiment in enumerate(every(), start=1):
        assert f"{experiment.name} " in of_sweep
        assert experiment.question in of_sweep
        assert experiment.question in of_all
        assert f"sweeps/{experiment.name}" in of_all
        assert f" {number} " in f" {of_ask}"
        assert all(word in of_ask for word in (experiment.name, *experiment.aliases))


def test_points_with_one_name_are_refused() -> None:
    tiny = load(EXPERIMENTS[0])
    (level,) = grid(rtt_ms=(2.0,))
    twice = [
        Point(levels=level, scenario=PLAIN),
        Point(levels={"rtt_ms": 2}, scenario=PLAIN),
    ]
    doubled = Experiment(
        name="doubled", question="?", aliases=(), points=lambda world: twice, measure=tiny.measure,
        answer=tiny.answer, draw=tiny.draw, assumption="",
    )  # fmt: skip
    with pytest.raises(ConfigError, match="names of their own"):
        doubled.chosen(World())


def test_names_say_the_levels_and_two_is_two() -> None:
    (level,) = grid(rtt_ms=(2.0,), depth=(5,), load=("full",), idempotent=(True,))
    point = Point(levels=level, scenario=PLAIN)
    assert point.name == "rtt_ms=2 depth=5 load=full idempotent=True"
    assert Point(levels={"rtt_ms": 2}, scenario=PLAIN).name == "rtt_ms=2"
