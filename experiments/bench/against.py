"""This state of Inflight beside an earlier one, scenario by scenario, as Python and compiled.

Each timing is a process of its own, with the tree that it times first on the path; the states of a
scenario stand beside each other in every repetition, every other one backwards. That their rows are
the same to the bit is looked at in every run. Units: seconds of CPU.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pandas as pd

from experiments.bench import alone
from experiments.bench.figures import EVENTS, REQUESTS_PER_CPU_S
from experiments.kit.tables import Cell, Column, Table, filled, numbers, text, words
from experiments.kit.words import plain
from model.machine_code import RUNS, SOURCES, SWITCH, Runs

FRAME = "against"
BEFORE, NOW, COMPILED = "before", "now", "now, compiled"
SCRIPT = Path(alone.__file__)


def states() -> list[str]:
    """Who is timed: compiled only if that is what commands run (:mod:`model.machine_code`)."""
    return [BEFORE, NOW, COMPILED] if RUNS is Runs.COMPILED else [BEFORE, NOW]


def against_rows(
    before: Path, requests: int, repetitions: int, names: Sequence[str]
) -> Iterator[dict[str, object]]:
    """A row for each timing; ``before``: the tree of the earlier state."""
    for repetition, name in product(range(repetitions), names):
        for state in states() if repetition % 2 == 0 else states()[::-1]:
            tree = before.resolve() if state == BEFORE else SOURCES.parent
            compiled = str(int(state == COMPILED))
            path = {**os.environ, "PYTHONPATH": str(tree), SWITCH: compiled}
            timed = [sys.executable, "-P", str(SCRIPT), name, str(requests)]
            measured = json.loads(subprocess.check_output(timed, env=path))
            yield {"repetition": repetition, "scenario": name, "state": state, **measured}


def against_table(rows: pd.DataFrame) -> Table:
    """Requests per second of CPU against before: medians, and the range of the ratios."""
    told = [_told(str(name), of) for name, of in rows.groupby("scenario", sort=False)]
    return filled(
        "Against the state before: requests per CPU second, events a request, rows",
        [
            *words("scenario"),
            *numbers(BEFORE, NOW, "over before", COMPILED, "over before"),
            *(Column(name, spec=".3g") for name in ("events before", "now")),
            *words("rows"),
        ],
        told,
    )


def _told(name: str, rows: pd.DataFrame) -> list[object]:
    rows = rows.assign(
        **{
            REQUESTS_PER_CPU_S: rows["requests"] / rows["cpu_s"],
            EVENTS: rows["events"] / rows["requests"],
        }
    )
    speed = rows.pivot(index="repetition", columns="state", values=REQUESTS_PER_CPU_S)
    events = rows.groupby("state")[EVENTS].median()
    same = rows["rows"].nunique() == 1
    return [
        name,
        float(speed[BEFORE].median()),
        float(speed[NOW].median()),
        _ratio(speed[NOW] / speed[BEFORE]),
        *(
            [float(speed[COMPILED].median()), _ratio(speed[COMPILED] / speed[BEFORE])]
            if COMPILED in speed
            else [text("-"), text("-")]
        ),
        float(events[BEFORE]),
        float(events[NOW]),
        "the same, bit for bit" if same else "other rows",
    ]


def _ratio(values: "pd.Series[float]") -> Cell:
    median = float(values.median())
    return Cell(f"{plain(median)} ({plain(values.min())} to {plain(values.max())})", median)
