"""What an experiment leaves in its folder: rows, chart, answer, tables and, last, the manifest.

Rows are exact as CSV and, with the extra ``parquet``, typed as Parquet; chart, answer and tables
are made of the rows, so that they can be made again from what is stored.
"""

import json
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.kit.as_json import plain
from experiments.kit.digest import model_version
from experiments.kit.estimates import summarised
from experiments.kit.experiment import Experiment
from experiments.kit.runner import Study
from experiments.kit.store import Contents, load_frame, save_run, write
from experiments.kit.style import drawn, save
from experiments.kit.tables import Cell, Column, Table

ANSWER, TABLES = "answer.txt", "tables.json"
CHART = "chart"


def leave(
    study: Study, rows: pd.DataFrame, folder: Path, chart: Contents | None = None
) -> tuple[str, list[Path]]:
    """Write everything; the answer, and the paths of rows and charts.

    ``chart``: what was drawn already.
    """
    answer = study.experiment.answer(rows)
    charts = write(chart or drawn(study.experiment.draw(rows), folder, CHART))
    typed = _parquet(rows)
    tables = written(study.experiment.tables(rows))
    beside = {**typed, ANSWER: f"{answer}\n".encode(), TABLES: tables}
    save_run(folder, {"rows": rows}, manifest(study, rows), beside)
    return answer, [*(folder / name for name in ("rows.csv", *typed)), *charts]


def _parquet(rows: pd.DataFrame) -> dict[str, bytes]:
    """The rows as Parquet, where there is what writes it: the extra ``parquet``."""
    if find_spec("pyarrow") is None:
        return {}
    return {"rows.parquet": rows.to_parquet(engine="pyarrow", index=False)}


def figures(study: Study, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Every point by its levels, with the interval of each of its figures."""
    named = {name for point in study.points for name in (*point.levels, *point.beside)}
    by = ["point", *(column for column in rows.columns if column in named)]
    return summarised(rows.drop(columns=["digest", "warmup_s"]), by)


def written(tables: Sequence[Table]) -> bytes:
    """Tables as a file."""
    return f"{json.dumps(plain(tables), indent=1, allow_nan=False)}\n".encode()


def read_tables(folder: Path) -> list[Table]:
    """The tables that an experiment left; none where it left none."""
    path = folder / TABLES
    stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [_read(table) for table in stored]


def _read(table: dict[str, Any]) -> Table:
    """A table of a file."""
    columns, rows = [Column(**column) for column in table["columns"]], []
    for row in table["rows"]:  # a heading is alone in its row
        rows.append([_cell(cell, column) for cell, column in zip(row, columns, strict=False)])
    return Table(**table | {"columns": columns, "rows": rows})


def _cell(cell: dict[str, Any], column: Column) -> Cell:
    """A cell of a file; a number that is none comes last where it is sorted."""
    lacks = column.numeric and cell["key"] is None
    return Cell(**cell | {"key": math.nan if lacks else cell["key"]})


def manifest(study: Study, rows: pd.DataFrame) -> dict[str, object]:
    """What the manifest says: question and world, how often points were run, what went wrong."""
    rule, contrast = study.rule, study.rule.contrast
    return {
        "experiment": study.experiment.name,
        "question": study.experiment.question,
        "assumption": study.experiment.assumption,
        "world": study.world.manifest(),
        "seed": study.world.seed,
        "points": int(rows["point"].nunique()),
        "rows": len(rows),
        "replications": {"fewest": rule.fewest, "most": rule.most, "precision": rule.precision},
        "compared": contrast and f"{contrast.figure} against {contrast.axis}={contrast.base}",
        "model": model_version(),
        "failed": study.failed,
        "warm_up_not_found": study.unsettled,
    }


def redraw(experiment: Experiment, folder: Path) -> list[Path]:
    """The chart again, from stored rows alone. Raises ConfigError where there are none."""
    return save(experiment.draw(load_frame(folder, "rows")), folder, CHART)
