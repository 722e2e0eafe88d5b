"""What is made of the stored rows of all measured files: two pictures and the worst rows."""

from pathlib import Path

import pandas as pd

from experiments.kit.store import csv_bytes, replace_file
from experiments.kit.style import save
from experiments.validation.charts import agreement_chart, errors_chart
from experiments.validation.measured import read_measured
from experiments.validation.prediction import COLUMNS
from experiments.validation.worst import worst_rows
from model import ConfigError, MachineConfig

#: Files of rows with predictions, as `make validate` leaves them.
FILES = ("single", "trio", "stretch")


def read_predicted(folder: Path) -> pd.DataFrame:
    """The rows of all files that there are. Raises ConfigError if there are none."""
    paths = [folder / f"{name}.csv" for name in FILES]
    frames = [read_measured(path) for path in paths if path.is_file()]
    if not frames:
        raise ConfigError("results", folder, f"must have {', '.join(FILES)}.csv: make validate")
    for frame in frames:
        if missing := [column for column in COLUMNS if column not in frame.columns]:
            raise ConfigError("results", folder, f"rows must have {', '.join(missing)}")
    return pd.concat(frames, ignore_index=True)


def redraw(folder: Path, machine: MachineConfig) -> list[Path]:
    """Write the pictures and ``worst.csv`` from the rows in a folder; the paths."""
    rows = read_predicted(folder)
    worst = folder / "worst.csv"
    replace_file(worst, csv_bytes(worst_rows(rows, machine)))
    return [
        worst,
        *save(agreement_chart(rows), folder, "agreement"),
        *save(errors_chart(rows), folder, "errors"),
    ]
