"""What others published, held against the model: the misses first; from stored verdicts."""

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.published.verdicts import BEYOND, HIT, MISS
from experiments.report.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Heading,
    Prose,
    Table,
    numbers,
    text,
    words,
)
from experiments.report.stored import read_svg
from model import ConfigError

NAME = "published"
COLUMNS = (
    "claim",
    "told",
    "source",
    "check",
    "published",
    "low",
    "high",
    "model",
    "verdict",
    "why",
)
SHOWS = (
    "For each check of a published claim a bar of what is allowed, and the model's figure over the"
    " published one as a mark: a disc for a hit, a cross for a miss."
)
SENTENCE = (
    "The model's figure over the published one; grey is what was allowed. Numbers in front are"
    " those of the claims in the table below."
)
#: From here on a figure is told to the unit.
WHOLE_FROM = 1000


def published(folder: Path) -> list[Block]:
    """A sentence, misses, the picture, all checks; nothing where no claim was tried."""
    path = folder / f"{NAME}.csv"
    if not path.is_file():
        return []
    rows = pd.read_csv(path, keep_default_na=False, na_values={"model": [""]})
    lacking = [name for name in COLUMNS if name not in rows]
    if lacking:
        raise ConfigError("results", path, f"must have a column {lacking[0]!r}")
    return [Heading("Published claims"), *_blocks(rows, read_svg(folder, NAME))]


def _blocks(rows: pd.DataFrame, svg: str | None) -> Iterator[Block]:
    checks, beyond = rows[rows["verdict"] != BEYOND], rows[rows["verdict"] == BEYOND]
    misses = checks[checks["verdict"] == MISS]
    yield Prose(_sentence(rows, checks, beyond))
    if len(misses):
        yield _checks("The misses: what was published and is not what the model says", misses)
    if svg is not None:
        yield Chart(f"validation-{NAME}", svg, "Published claims and the model", SHOWS, SENTENCE)
    if len(checks):
        yield _checks("All checks of published claims", checks, folded=True)
    if len(beyond):
        yield _beyond(beyond)


def _sentence(rows: pd.DataFrame, checks: pd.DataFrame, beyond: pd.DataFrame) -> str:
    hits = int((checks["verdict"] == HIT).sum())
    return (
        f"{rows['claim'].nunique()} claims that others published, with what is allowed fixed"
        f" beforehand. Of {len(checks)} checks {hits} hit and {len(checks) - hits} miss;"
        f" claims beyond the model: {beyond['claim'].nunique()}."
    )


def _checks(caption: str, rows: pd.DataFrame, folded: bool = False) -> Table:
    columns = [
        Column("claim"),
        *words("what"),
        *numbers("published", "allowed from", "to", "model"),
        *words("verdict", "source"),
    ]
    cells = [_check(row) for row in rows.to_dict("records")]
    return Table(caption, columns, cells, folded=folded, wide=True)


def _check(row: Mapping[Hashable, Any]) -> list[Cell]:
    return [
        Cell(str(row["claim"]), float(row["claim"])),
        Cell(row["check"], note=row["told"]),
        *(_amount(float(row[name])) for name in ("published", "low", "high", "model")),
        Cell(row["verdict"], tone="missed" if row["verdict"] == MISS else ""),
        _source(row),
    ]


def _amount(value: float) -> Cell:
    return Cell(f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:.4g}", value)


def _source(row: Mapping[Hashable, Any]) -> Cell:
    """Where it was published; an address may go on in the next line after a slash."""
    return text(str(row["source"]).replace("/", "/\N{ZERO WIDTH SPACE}"))


def _beyond(rows: pd.DataFrame) -> Table:
    return Table(
        "Claims beyond the model",
        [Column("claim"), *words("what", "why", "source")],
        [
            [
                Cell(str(row["claim"]), float(row["claim"])),
                *(text(row[name]) for name in ("told", "why")),
                _source(row),
            ]
            for row in rows.to_dict("records")
        ],
    )
