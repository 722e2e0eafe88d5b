"""This state beside an earlier one: ratios within repetitions, and whether rows are the same."""

import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from experiments.bench import against
from experiments.bench.against import BEFORE, COMPILED, NOW, against_rows, against_table
from experiments.bench.alone import HUNDRED, measure, scenarios
from experiments.bench.cases import ONE_FAR
from model.machine_code import Runs


def timings(*cpu_s: tuple[str, int, float], rows: str = "a") -> pd.DataFrame:
    """Of a hundred requests: state, repetition and CPU seconds."""
    named = [
        {"repetition": repetition, "scenario": "near", "state": state, "cpu_s": seconds}
        for state, repetition, seconds in cpu_s
    ]
    frame = pd.DataFrame(named).assign(requests=100, events=500, rows="a")
    frame.loc[frame["state"] == NOW, ["events", "rows"]] = 400, rows
    return frame


def test_ratios_are_formed_within_a_repetition() -> None:
    # the machine was half as fast in the second, and now is twice as fast in both
    twice = timings((BEFORE, 0, 0.2), (NOW, 0, 0.1), (BEFORE, 1, 0.4), (NOW, 1, 0.2))
    (cells,) = against_table(twice).rows
    texts = [cell.text for cell in cells]
    assert texts[3:6] == ["2 (2 to 2)", "-", "-"]
    assert texts[6:] == ["5", "4", "the same, bit for bit"]


def test_other_rows_are_told() -> None:
    (cells,) = against_table(timings((BEFORE, 0, 0.2), (NOW, 0, 0.1), rows="b")).rows
    assert cells[-1].text == "other rows"


@pytest.mark.parametrize(("runs", "third"), [(Runs.SOURCES, []), (Runs.COMPILED, [COMPILED])])
def test_compiled_is_timed_where_commands_run_it(
    runs: Runs, third: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(against, "RUNS", runs)
    asked: list[tuple[str, str]] = []

    def answer(command: list[str], env: dict[str, str]) -> str:
        asked.append((env["PYTHONPATH"], env["INFLIGHT_COMPILED"]))
        return json.dumps({"requests": 1})

    monkeypatch.setattr(subprocess, "check_output", answer)
    rows = list(against_rows(Path("/earlier"), 10, 2, [ONE_FAR]))
    assert [row["state"] for row in rows] == [BEFORE, NOW, *third, *third, NOW, BEFORE]
    here = os.getcwd()
    assert asked[:2] == [("/earlier", "0"), (here, "0")]
    assert ((here, "1") in asked) == bool(third)


def test_every_scenario_is_there_and_one_is_measured() -> None:
    assert len(scenarios(20)) == 8
    assert HUNDRED in scenarios(20)
    found = measure(ONE_FAR, 20)
    assert found["rows"] == measure(ONE_FAR, 20)["rows"]
    assert float(str(found["cpu_s"])) > 0
