"""What an experiment leaves in its folder: rows, chart, answer and, last, the manifest.

Rows are exact as CSV and, with the extra ``parquet``, typed as Parquet; chart and answer are made
of the rows, so that they can be made again from what is stored.
"""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from experiments.kit.digest import model_version
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
    typed = _parquet(rows)
    beside = {**typed, ANSWER: f"{answer}\n".encode()}
    save_run(folder, {"rows": rows}, manifest(study, rows), beside)
    return answer, [*(folder / name for name in ("rows.csv", *typed)), *charts]


def _parquet(rows: pd.DataFrame) -> dict[str, bytes]:
    """The rows as Parquet, where there is what writes it: the extra ``parquet``."""
    if find_spec("pyarrow") is None:
        return {}
    return {"rows.parquet": rows.to_parquet(engine="pyarrow", index=False)}


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
