"""`inflight ask`: the list, and that every question answers, draws and names its assumption."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.text import Text

from experiments.__main__ import inflight
from experiments.ask.catalogue import QUESTIONS, find
from experiments.kit.command import run_command
from experiments.kit.store import load_frame

Rows = Callable[..., pd.DataFrame]
NUMBERS = range(1, 21)


def test_the_list_has_twenty_questions_in_order_each_with_words_of_its_own() -> None:
    assert [question.number for question in QUESTIONS] == list(NUMBERS)
    words = [word for question in QUESTIONS for word in question.aliases]
    assert len(words) == len(set(words)) >= len(QUESTIONS)
    assert all(find(word).number == q.number for q in QUESTIONS for word in q.aliases)
    assert all(question.text.strip().endswith("?") for question in QUESTIONS)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_question_answers_with_numbers_and_names_its_assumption(
    rows: Rows, number: int
) -> None:
    told = find(str(number)).answer(rows(number))
    assert re.search(r"\d", told)
    assert told.endswith(".")
    assert not re.search(r"\b(nan|inf|None)\b", told), told
    assert len(find(str(number)).assumption) > 30


@pytest.mark.parametrize("number", NUMBERS)
def test_every_question_draws_axes_with_names_and_all_its_words_are_finite(
    rows: Rows, number: int
) -> None:
    chart = find(str(number)).draw(rows(number))
    drawn = [axes for axes in chart.axes if axes.lines or axes.patches or axes.collections]
    assert drawn == chart.axes
    told = [str(text.get_text()) for text in chart.findobj(Text) if isinstance(text, Text)]
    assert any(told)
    assert not any(re.search(r"\bnan\b", text) for text in told)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_question_answers_and_draws_from_stored_rows_alone(
    rows: Rows, number: int, tmp_path: Path
) -> None:
    rows(number).to_csv(tmp_path / "rows.csv", index=False)
    question, stored = find(str(number)), pd.read_csv(tmp_path / "rows.csv")
    assert question.answer(stored) == question.answer(rows(number))
    assert len(question.draw(stored).axes) == len(question.draw(rows(number)).axes)


def ask(*arguments: str) -> str:
    """What `inflight ask` prints, as it ends with exit code 0."""
    done = CliRunner().invoke(inflight, ["ask", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_without_a_number_it_lists_all_questions() -> None:
    listed = " ".join(ask().split())
    assert all(f" {question.number} " in f" {listed}" for question in QUESTIONS)
    assert all(question.aliases[0] in listed for question in QUESTIONS)


def test_it_prints_the_answer_and_leaves_rows_manifest_and_chart(tmp_path: Path) -> None:
    told = ask("sync", "--rtt-ms=5", "--replications=2", "--jobs=1", f"--out={tmp_path}")
    question = find("12")
    stored = load_frame(tmp_path, "rows")
    assert question.answer(stored) in told
    assert question.assumption in told
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["distances_ms"] == {"there": 5.0}
    assert {"versions", "commit", "seed", "own_producer", "machine_us"} <= set(manifest)
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "chart.svg").read_text().rstrip().endswith("</svg>")


def test_acks_of_one_are_no_reason_not_to_answer(tmp_path: Path) -> None:
    in_flight = "--set=max.in.flight.requests.per.connection=5"
    arguments = ["sync", "--set=acks=1", in_flight, "--replications=2", "--jobs=1"]
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["ask", *arguments, f"--out={tmp_path}"])
    assert exit_info.value.code == 0
