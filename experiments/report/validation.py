"""Predictions beside measurements of a real Kafka, the misses above all; from stored rows."""

from pathlib import Path

import pandas as pd

from experiments.faults.measured import read_faults
from experiments.report.blocks import Block, Chart, Heading, Prose, Section, Table, text, words
from experiments.report.measured_faults import measured_faults
from experiments.report.measured_rates import measured_rates
from experiments.report.published import NAME as PUBLISHED
from experiments.report.published import published
from experiments.validation.drawing import FILES, read_predicted

FAULTS, WORST = "faults", "worst"
#: Ours: of a CSV of another kind so many rows are shown.
MOST_ROWS = 60
#: Chart to its title, what it shows, and the sentence under it.
CHARTS = {
    "agreement": (
        "Predicted against measured",
        "Each measured run as a point, predicted against measured, on logarithmic axes; on the"
        " diagonal both agree.",
        "Every measured run: the nearer to the diagonal, the better the prediction.",
    ),
    "errors": (
        "Where the model is off",
        "Errors of predicted records per second against each variable of the measured runs.",
        "The error of each run against what was varied: a slope would be something that the model"
        " has not understood.",
    ),
}


def validation(results: Path) -> Section:
    """Pictures, throughput and latency, faults, published claims, and whatever else there is."""
    folder = results / "validation"
    blocks = [*_rates(folder), *_faults(folder), *published(folder), *_others(folder)]
    title = "Does it agree with a real Kafka?"
    return Section("validation", "Real Kafka", title, blocks or [Prose("Not run yet.")])


def _rates(folder: Path) -> list[Block]:
    blocks: list[Block] = []
    if any((folder / f"{name}.csv").is_file() for name in FILES):
        blocks += measured_rates(read_predicted(folder))
    charts = [_chart(path) for path in sorted(folder.glob("*.svg")) if path.stem != PUBLISHED]
    return [*blocks[:1], *charts, *blocks[1:]]


def _chart(path: Path) -> Chart:
    name = path.stem.replace("_", " ")
    told = (name, f"Chart of what was measured and what was predicted: {name}.", "")
    return Chart(f"validation-{path.stem}", path.read_text("utf-8"), *CHARTS.get(path.stem, told))


def _faults(folder: Path) -> list[Block]:
    path = folder / f"{FAULTS}.csv"
    return [Heading("Faults"), *measured_faults(read_faults(path))] if path.is_file() else []


def _others(folder: Path) -> list[Block]:
    """Rows of another kind as they are; the worst rows have been told."""
    told = {*FILES, FAULTS, WORST, PUBLISHED}
    paths = [path for path in sorted(folder.glob("*.csv")) if path.stem not in told]
    return [block for path in paths for block in _as_it_is(path)]


def _as_it_is(path: Path) -> list[Block]:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    shown, name = rows.head(MOST_ROWS), path.stem.replace("_", " ").capitalize()
    left_out = len(rows) - len(shown)
    caption = f"{name}, as stored" + (f"; {left_out} more rows are in the file" * bool(left_out))
    table = Table(
        caption,
        words(*(str(column).replace("_", " ") for column in shown.columns)),
        [[text(cell) for cell in row] for row in shown.to_numpy()],
    )
    return [Heading(name), table]
