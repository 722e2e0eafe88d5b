"""Predictions beside measurements of a real Kafka, the misses above all; from stored rows.

Every CSV that `inflight validate` has left is shown by group, faults apart, and a CSV of another
kind as it is.
"""

from pathlib import Path

import pandas as pd

from experiments.report.blocks import Block, Chart, Heading, Prose, Section, Table, text, words
from experiments.report.measured_faults import measured_faults
from experiments.report.measured_rates import measured_rates

#: Ours: of a CSV of another kind so many rows are shown.
MOST_ROWS = 60
#: File to what it holds; others are called by their name.
NAMES = {
    "single": "One broker",
    "trio": "Three brokers, three replicas",
    "stretch": "A cluster stretched over regions",
    "faults": "Faults",
    "published": "Published figures",
}
FIRST = tuple(NAMES)
LEAD = (
    "The machine's constants were fitted on rows of measured runs that are marked for calibration;"
    " all other rows are predictions. Errors are absolute, median / 90th percentile in %, and rows"
    " marked noisy are left out of them."
)


def validation(results: Path) -> Section:
    """Errors by group, ratios, and the rows furthest off, for each file of measured rows."""
    folder, blocks = results / "validation", list[Block]()
    stems = {path.stem for kind in ("csv", "svg") for path in folder.glob(f"*.{kind}")}
    for stem in sorted(stems, key=_place):
        blocks.append(Heading(NAMES.get(stem, stem.replace("_", " "))))
        blocks += _charts(folder / f"{stem}.svg")
        blocks += _rows(folder / f"{stem}.csv")
    lead = Prose(LEAD if blocks else "Not run yet.")
    return Section("validation", "Real Kafka", "Does it agree with a real Kafka?", [lead, *blocks])


def _place(stem: str) -> tuple[int, str]:
    return (FIRST.index(stem) if stem in FIRST else len(FIRST), stem)


def _charts(path: Path) -> list[Block]:
    if not path.is_file():
        return []
    title = f"Measured and predicted: {NAMES.get(path.stem, path.stem.replace('_', ' '))}"
    shows = f"Chart of what was measured beside what was predicted, {path.stem.replace('_', ' ')}."
    return [Chart(f"validation-{path.stem}", path.read_text("utf-8"), title, shows, shows)]


def _rows(path: Path) -> list[Block]:
    if not path.is_file():
        return []
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "model_stall_s" in rows.columns:
        return list(measured_faults(rows))
    if {"model_records_per_s", "settings", "cluster"} <= set(rows.columns):
        return list(measured_rates(rows))
    return [_as_it_is(path.stem, rows)]


def _as_it_is(stem: str, rows: pd.DataFrame) -> Table:
    shown = rows.head(MOST_ROWS)
    left_out = f", {len(rows) - len(shown)} more rows in the file" if len(rows) > len(shown) else ""
    return Table(
        f"Rows of {stem}.csv{left_out}",
        words(*(str(name).replace("_", " ") for name in shown.columns)),
        [[text(cell) for cell in row] for row in shown.to_numpy()],
    )
