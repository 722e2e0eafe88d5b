"""What stands in ``results/validation``, made to speak: pictures, the report's section, excerpts.

``single.csv``, ``trio.csv`` and ``stretch.csv`` are measured rows with predictions, ``faults.csv``
measured faults, ``published.csv`` verdicts on claims; any other CSV is shown as it is.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.faults.measured import read_faults
from experiments.kit.page import Block, Chart, Heading, Prose, Section
from experiments.kit.store import csv_bytes, replace_file
from experiments.kit.style import save
from experiments.kit.tables import Table, markdown, texts, words
from experiments.validation import faults, tables
from experiments.validation.charts import agreement_chart, errors_chart
from experiments.validation.measured import read_measured
from experiments.validation.prediction import COLUMNS
from experiments.validation.published import tables as claims
from experiments.validation.published.verdicts import read_verdicts
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE, ConfigError

#: Files of rows with predictions, as `make validate` leaves them.
FILES = ("single", "trio", "stretch")
FAULTS, WORST, PUBLISHED = "faults.csv", "worst.csv", "published.csv"
#: Ours: of a CSV of another kind so many rows are shown.
MOST_ROWS = 60
LEAD = (
    "Constants of the machine were fitted on measured rows that are marked for calibration; all"
    " other rows are predictions. Errors are absolute."
)
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
    "published": claims.CHART,
}


def read_predicted(folder: Path) -> pd.DataFrame:
    """The rows of all files that there are. Raises ConfigError if there are none."""
    frames = [read_measured(path) for path in _predicted(folder)]
    if not frames:
        raise ConfigError("results", folder, f"must have {', '.join(FILES)}.csv: make validate")
    for frame in frames:
        if missing := [column for column in COLUMNS if column not in frame.columns]:
            raise ConfigError("results", folder, f"rows must have {', '.join(missing)}")
    return pd.concat(frames, ignore_index=True)


def _predicted(folder: Path) -> list[Path]:
    return [path for path in (folder / f"{name}.csv" for name in FILES) if path.is_file()]


def redraw(folder: Path) -> list[Path]:
    """Write the pictures and ``worst.csv`` from the rows in a folder; the paths."""
    rows = read_predicted(folder)
    worst = folder / WORST
    replace_file(worst, csv_bytes(worst_rows(rows, MEASURED_MACHINE)))
    pictures = {"agreement": agreement_chart(rows), "errors": errors_chart(rows)}
    if (folder / PUBLISHED).is_file():
        pictures["published"] = claims.draw(read_verdicts(folder / PUBLISHED))
    drawn = (path for name, chart in pictures.items() for path in save(chart, folder, name))
    return [worst, *drawn]


def sections(results: Path) -> list[Section]:
    """Rates with their pictures, faults, published claims, and whatever else there is."""
    folder = results / "validation"
    blocks = [*_rates(folder), *_faults(folder), *_claims(folder), *_others(folder)]
    title = "Does it agree with a real Kafka?"
    return [Section("validation", "Real Kafka", title, blocks or [Prose("Not run yet.")])]


def _rates(folder: Path) -> Iterator[Block]:
    rows = read_predicted(folder) if _predicted(folder) else None
    if rows is not None:
        yield Prose(f"{LEAD} {tables.summary(rows, MEASURED_MACHINE)}")
    yield from (_chart(p) for p in sorted(folder.glob("*.svg")) if p.stem != "published")
    if rows is not None:
        yield from tables.tables(rows, MEASURED_MACHINE)


def _chart(svg: Path) -> Chart:
    name = svg.stem.replace("_", " ")
    of_its_own = (name, f"Chart of what was measured and what was predicted: {name}.", "")
    words_of = CHARTS.get(svg.stem, of_its_own)
    return Chart(f"validation-{svg.stem}", svg.read_text("utf-8"), *words_of)


def _faults(folder: Path) -> Iterator[Block]:
    if (folder / FAULTS).is_file():
        rows = read_faults(folder / FAULTS)
        yield from (Heading("Faults"), Prose(f"{faults.summary(rows)} {faults.RULE}"))
        yield from faults.tables(rows)


def _claims(folder: Path) -> Iterator[Block]:
    """A sentence, the misses, the picture, all checks, and what is beyond the model."""
    if (folder / PUBLISHED).is_file():
        rows = read_verdicts(folder / PUBLISHED)
        yield from (Heading("Published claims"), Prose(claims.summary(rows)))
        yield from claims.misses(rows)
        yield from map(_chart, folder.glob("published.svg"))
        yield from claims.all_of(rows)


def _others(folder: Path) -> Iterator[Block]:
    """Rows of another kind as they are; the worst rows have been shown."""
    shown = {*(f"{name}.csv" for name in FILES), FAULTS, WORST, PUBLISHED}
    for path in sorted(folder.glob("*.csv")):
        if path.name not in shown:
            name = path.stem.replace("_", " ").capitalize()
            yield from (Heading(name), _as_it_is(name, path))


def _as_it_is(name: str, path: Path) -> Table:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    left_out = max(0, len(rows) - MOST_ROWS)
    return Table(
        f"{name}, as stored" + f"; {left_out} more rows are in the file" * bool(left_out),
        words(*(str(column).replace("_", " ") for column in rows.columns)),
        [texts(*row) for row in rows.head(MOST_ROWS).to_numpy()],
    )


def excerpts(results: Path) -> dict[str, str]:
    """Blocks for README and docs: validation, worst, published, faults."""
    folder = results / "validation"
    rows = read_predicted(folder)
    *rates, worst = tables.tables(rows, MEASURED_MACHINE)
    measured, verdicts = read_faults(folder / FAULTS), read_verdicts(folder / PUBLISHED)
    said = tables.summary(rows, MEASURED_MACHINE)
    return {
        "validation": _excerpt(said, *rates),
        "worst": _excerpt("", worst),
        "published": _excerpt(claims.summary(verdicts), *claims.misses(verdicts)),
        "faults": _excerpt(faults.summary(measured), *faults.tables(measured)[:-1]),
    }


def _excerpt(sentence: str, *under: Table) -> str:
    """A sentence, and tables each under its caption."""
    captioned = (f"{table.caption}:\n\n{markdown(table, notes=True)}" for table in under)
    return "\n\n".join(filter(None, (sentence, *captioned)))
