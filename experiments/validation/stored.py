"""What stands in ``results/validation``, made to speak: pictures, the report's section, excerpts.

The files of ``FILES`` are measured rows with predictions, ``clients.csv`` those of other clients,
``faults.csv`` measured faults, ``published.csv`` verdicts on claims.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from experiments.faults.measured import RULE_OF_FAULTS, read_faults
from experiments.kit.measured import read_rows
from experiments.kit.page import Block, Chart, Heading, Prose, Section
from experiments.kit.store import csv_bytes, read_svg, replace_file
from experiments.kit.style import save
from experiments.kit.tables import Table, markdown
from experiments.validation import (
    afterwards,
    client_tables,
    clients,
    folds,
    tables,
    trio,
    walk_table,
)
from experiments.validation.charts import agreement_chart, errors_chart
from experiments.validation.prediction import COLUMNS, MEASURED
from experiments.validation.published import claims
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE, ConfigError

#: Files of rows with predictions, as `make validate` leaves them.
FILES = ("single", "trio", "stretch", "large", "loss", "loss_segments", "codecs")
FAULTS, WORST, PUBLISHED, FOLDS = "faults.csv", "worst.csv", "published.csv", "folds.csv"
CLIENTS = "clients.csv"
NO_FOLDS = "Not run in this state of the model: `make folds`."
LEAD = (
    "The machine's constants were fitted to the rows that are marked for calibration. All other"
    " rows are predictions; errors are absolute."
)
#: Chart to its title, what it shows, and the sentence under it.
CHARTS = {
    "agreement": (
        "Predicted against measured",
        "Each measured run as a point, on logarithmic axes; on the diagonal both agree.",
        "Every measured run: the nearer to the diagonal, the better the prediction.",
    ),
    "errors": (
        "Where the model is off",
        "Errors of predicted records per second against each variable of the measured runs.",
        "A slope would be something that the model has not understood.",
    ),
    "published": claims.CHART,
}


def read_predicted(folder: Path) -> pd.DataFrame:
    """The rows of all files that there are; what a file has no column for is empty.

    Raises ConfigError if there are none.
    """
    frames = [read_rows(path, (*MEASURED, *COLUMNS)) for path in _predicted(folder)]
    if not frames:
        raise ConfigError("results", folder, f"must have {', '.join(FILES)}.csv: make validate")
    return pd.concat(frames, ignore_index=True).fillna("")


def _predicted(folder: Path) -> list[Path]:
    return [path for path in (folder / f"{name}.csv" for name in FILES) if path.is_file()]


def redraw(folder: Path) -> list[Path]:
    """Write the pictures and ``worst.csv`` from the rows in a folder; the paths."""
    rows = read_predicted(folder)
    replace_file(folder / WORST, csv_bytes(worst_rows(rows, MEASURED_MACHINE)))
    pictures = {"agreement": agreement_chart(rows), "errors": errors_chart(rows)}
    if (folder / PUBLISHED).is_file():
        pictures["published"] = claims.draw(claims.read_verdicts(folder / PUBLISHED))
    drawn = (path for name, chart in pictures.items() for path in save(chart, folder, name))
    return [folder / WORST, *drawn]


def sections(results: Path) -> list[Section]:
    """Rates with their pictures, other clients, faults, and published claims."""
    folder = results / "validation"
    blocks = [*_rates(folder), *_clients(folder), *_faults(folder), *_claims(folder)]
    title = "Does it agree with a real Kafka?"
    return [Section("validation", "Real Kafka", title, blocks or [Prose("Not run yet.")])]


def _rates(folder: Path) -> Iterator[Block]:
    if _predicted(folder):
        rows = read_predicted(folder)
        yield Prose(f"{tables.summary(rows, MEASURED_MACHINE)} {LEAD}")
        yield from _charts(folder, "agreement")
        *rates, worst = tables.tables(rows, MEASURED_MACHINE)
        yield from (*rates, *trio.table(rows), replace(worst, folded=True))


def _charts(folder: Path, *names: str) -> Iterator[Chart]:
    for name in names:
        if svg := read_svg(folder, name):
            yield Chart(f"validation-{name}", svg, *CHARTS[name])


def _clients(folder: Path) -> Iterator[Block]:
    if (folder / CLIENTS).is_file():
        rows = read_clients(folder)
        yield Heading("Other clients")
        yield Prose(client_tables.summary(rows))
        yield from client_tables.tables(rows)


def read_clients(folder: Path) -> pd.DataFrame:
    """The predicted rows of other clients. Raises ConfigError where there are none."""
    return read_rows(folder / CLIENTS, (*clients.MEASURED, *clients.COLUMNS))


def _faults(folder: Path) -> Iterator[Block]:
    if (folder / FAULTS).is_file():
        rows = read_faults(folder / FAULTS)
        yield Heading("Faults")
        yield Prose(f"{tables.faults_summary(rows)} {RULE_OF_FAULTS}")
        yield from tables.faults(rows)


def _claims(folder: Path) -> Iterator[Block]:
    """A sentence, the misses, the picture, all checks, and what is beyond the model."""
    if (folder / PUBLISHED).is_file():
        rows = claims.read_verdicts(folder / PUBLISHED)
        yield from (Heading("Published claims"), Prose(claims.summary(rows)))
        yield from claims.misses(rows)
        yield from _charts(folder, "published")
        yield from claims.all_of(rows)


def excerpts(results: Path) -> dict[str, str]:
    """Blocks for README and docs: rates, their targets and misses, clients, claims, faults."""
    folder = results / "validation"
    rows = read_predicted(folder)
    *rates, worst = tables.tables(rows, MEASURED_MACHINE)
    cells, walk = afterwards.cells(), walk_table.predicted()
    others = read_clients(folder)
    measured, verdicts = read_faults(folder / FAULTS), claims.read_verdicts(folder / PUBLISHED)
    return {
        "trio": _excerpt("", *trio.table(rows)),
        "targets": tables.summary(rows, MEASURED_MACHINE),
        "validation": _excerpt("", *rates),
        "worst": _excerpt("", worst),
        "folds": _by_folds(folder),
        "walk": _excerpt(walk_table.summary(walk), walk_table.table(walk)),
        "afterwards": _excerpt(afterwards.summary(cells), afterwards.table(cells)),
        "other_clients": _excerpt(client_tables.summary(others), *client_tables.tables(others)),
        "published": _excerpt(claims.summary(verdicts), *claims.misses(verdicts)),
        "faults": _excerpt(tables.faults_summary(measured), *tables.faults(measured)),
    }


def _by_folds(folder: Path) -> str:
    """Records/s by levels left out, where there are such rows: they take long to make."""
    if not (folder / FOLDS).is_file():
        return NO_FOLDS
    return _excerpt("", folds.table(read_rows(folder / FOLDS, (*MEASURED, *COLUMNS))))


def _excerpt(sentence: str, *under: Table) -> str:
    """A sentence, and tables each under its caption."""
    captioned = (f"{table.caption}:\n\n{markdown(table, notes=True)}" for table in under)
    return "\n\n".join(filter(None, (sentence, *captioned)))
