"""What an experiment leaves in its folder: rows, chart, answer and, last, the manifest.

Rows are exact as CSV and typed as Parquet; chart and answer are made of the rows, so that they can
be made again from what is stored.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from experiments.kit.digest import model_version
from experiments.kit.estimates import summarised
from experiments.kit.experiment import Experiment
from experiments.kit.runner import Study
from experiments.kit.store import load_frame, save_run
from experiments.kit.style import save

ANSWER = "answer.txt"
CHART = "chart"


def leave(study: Study, rows: pd.DataFrame, folder: Path) -> tuple[str, list[Path]]:
    """Write everything; the answer, and the paths of rows and charts."""
    answer = study.experiment.answer(rows)
    charts = save(study.experiment.draw(rows), folder, CHART)
    parquet = rows.to_parquet(engine="pyarrow", index=False)
    beside = {"rows.parquet": parquet, ANSWER: f"{answer}\n".encode()}
    save_run(folder, {"rows": rows}, manifest(study, rows), beside)
    return answer, [folder / "rows.csv", folder / "rows.parquet", *charts]


def figures(study: Study, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Every point by its levels, with the interval of each of its figures."""
    named = {name for point in study.points for name in (*point.levels, *point.beside)}
    by = ["point", *(column for column in rows.columns if column in named)]
    return summarised(rows.drop(columns=["digest", "warmup_s"]), by)


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
