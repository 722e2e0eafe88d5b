"""The tables of the validation, each made once: for the terminal, the page and the README."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.faults.measured import disagreements
from experiments.kit.measured import Row, rows_of
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.kit.words import count, or_no
from experiments.validation.errors import FIGURES, Reached, error_table, ratio_table, reached
from experiments.validation.kinds import is_headline, is_noisy, numeric
from experiments.validation.limits import Check
from experiments.validation.worst import worst_rows
from model import MachineConfig

UNSTEADY = "there repeats differ, or the measuring machine was too busy"
ERROR = Column("error", spec="+.1f", unit=" %")


def tables(rows: pd.DataFrame, machine: MachineConfig) -> list[Table]:
    """Figures asked for, errors by kind of run, ratios if both depths were measured, worst rows."""
    ratios = ratio_table(rows)
    return [
        targets(reached(rows, machine)),
        by_group(error_table(rows)),
        *([by_distance(ratios)] if len(ratios) else []),
        furthest_off(worst_rows(rows, machine)),
    ]


def summary(rows: pd.DataFrame, machine: MachineConfig) -> str:
    """Where throughput is worst, how many figures are reached, which rows do not count."""
    figures = [figure for figure in reached(rows, machine) if figure.rows]
    met = sum(not figure.missed for figure in figures)
    reached_ = f"All {met}" if met == len(figures) else f"{met} of {len(figures)}"
    left_out = f"{or_no(is_noisy(rows).sum()).capitalize()} of {len(rows)} rows are left out"
    return f"{_worst(rows)}{reached_} figures asked for are reached. {left_out}: {UNSTEADY}."


def _worst(rows: pd.DataFrame) -> str:
    """The kind of run whose records/s are furthest off."""
    groups = error_table(rows).iloc[1 if is_headline(rows).any() else 0 :]
    groups = groups[groups["records/s p90 %"].notna()]
    if not len(groups):
        return ""
    worst = groups.iloc[0]
    return (
        f"Where predictions are worst ({worst['group']}), records/s are off by"
        f" {worst['records/s median %']:.1f} % in the median and nine in ten runs by no more than"
        f" {worst['records/s p90 %']:.1f} %. "
    )


def targets(figures: Sequence[Reached]) -> Table:
    """What was asked of each figure and what it came to."""
    allowed = Column("allowed", spec="g")
    median, p90 = (Column(name, spec=".1f") for name in ("median", "90th percentile"))
    start = [*words("figure", "rows"), Column("number")]
    columns = [*start, median, allowed, p90, allowed, *words("verdict")]
    caption = "Figures asked for, without rows for calibration: absolute errors in %, and the most"
    rows = (
        (
            *(of.name, of.over, each.rows, _over_seeds(each.median, each.medians), of.median),
            *(_over_seeds(each.p90, each.p90s), of.p90, _verdict(each)),
        )
        for each in figures
        for of in [each.target]
    )
    return filled(f"{caption} allowed", columns, rows)


def _over_seeds(value: float, values: Sequence[float]) -> Cell | float:
    """A figure, with its range over the seeds if there are several."""
    if len(values) == 1 or value != value:
        return value
    return Cell(f"{value:.1f} ({min(values):.1f} to {max(values):.1f})", value)


def _verdict(figure: Reached) -> Cell:
    """Nothing is said of a figure that no row counts for."""
    if not figure.rows:
        return Cell("-")
    missed = figure.missed
    return Cell("missed" if missed else "reached", tone="missed" * missed, strong=missed)


def by_group(errors: pd.DataFrame) -> Table:
    """Errors by kind of run."""
    rows = (
        [
            row["group"],
            Cell(
                f"{row['rows']}" + f" + {row['noisy']} unsteady" * bool(row["noisy"]), row["rows"]
            ),
            *(_spread(row[f"{name} median %"], row[f"{name} p90 %"]) for name in FIGURES),
        ]
        for row in errors.to_dict("records")
    )
    caption = (
        "Absolute errors by kind of run, median / 90th percentile in %; unsteady rows left out"
    )
    columns = [*words("rows"), *numbers("number", *FIGURES)]
    return filled(f"{caption}, those for calibration not", columns, rows)


def _spread(median: float, p90: float) -> Cell:
    return Cell(f"{median:.1f} / {p90:.1f}" if median == median else "-", median)


def by_distance(ratios: pd.DataFrame) -> Table:
    """Five in flight over one by distance."""
    both = (Column(name, spec=".2f") for name in ("measured", "predicted"))
    columns = [Column("round trip", spec="g", unit=" ms"), *both, ERROR]
    caption = "Records/s of five in flight over one, in the rows of the first kind"
    return filled(caption, columns, ratios.to_numpy())


def furthest_off(worst: pd.DataFrame) -> Table:
    """The rows furthest off for what is allowed, and why."""
    shared, own = shared_and_own([str(settings) for settings in worst["settings"]])
    both = (Column(name, spec=",.6g") for name in ("measured", "predicted"))
    columns = [*words("row", "run", "figure"), *both, ERROR, *words("why")]
    after = ("figure", "measured", "predicted", "error %", "why")
    cells = (
        (row["row"], Cell(row["load"], note=note), *(row[name] for name in after))
        for row, note in zip(worst.to_dict("records"), own, strict=True)
    )
    caption = "The misses: the rows that are furthest off, but for unsteady ones"
    return filled(f"{caption}{shared}", columns, cells, wide=True)


def shared_and_own(settings: Sequence[str]) -> tuple[str, list[str]]:
    """What all of the rows set, as the end of a caption, and what each sets besides."""
    pairs = [row.split(";") for row in settings]
    first = pairs[0] if pairs else []
    shared = [pair for pair in first if all(pair in others for others in pairs)]
    own = ["; ".join(pair for pair in row if pair not in shared) for row in pairs]
    return f" (all with {'; '.join(shared)})" if shared else "", own


def limits(checks: Sequence[Check]) -> list[Table]:
    """How many rows agree with their named limit, and each that does not."""
    agree: dict[str, list[bool]] = {}
    for check in sorted(checks, key=lambda check: check.limit):
        agree.setdefault(check.limit, []).append(check.agrees)
    rise = Column("rise", spec="+.1f", unit=" %")
    apart = [
        (row, check.limit, check.rises_percent[0], check.other, check.rises_percent[1])
        for row, check in enumerate(checks, start=1)
        if not check.agrees
    ]
    counts = filled(
        "Named limits, each checked by two more runs",
        [*words("limit"), *numbers("rows", "agree")],
        ((limit, len(agreeing), sum(agreeing)) for limit, agreeing in agree.items()),
    )
    columns = [Column("row"), *words("limit"), rise, *words("another"), rise]
    caption = "Rows that do not agree: the rise with their limit doubled, and with another"
    return [counts, *([filled(caption, columns, apart)] if apart else [])]


def faults_summary(rows: pd.DataFrame) -> str:
    """How many of the measured faults are predicted as measured, and how far off waits are."""
    off_s = np.abs(numeric(rows, "model_stall_s") - numeric(rows, "stall_s"))
    off_s = off_s[~np.isnan(off_s)]
    elections = len(rows) - len(off_s)
    left_out = f" Left out: {count(elections, 'fault')} that need an election." if elections else ""
    apart = len({index for index, _ in disagreements(rows)})
    agree = f"All {len(off_s)}" if not apart else f"{len(off_s) - apart} of {len(off_s)}"
    if not len(off_s):
        return f"Nothing is predicted.{left_out}"
    median, most = (f"{of(off_s):.2f} s" for of in (np.median, np.max))
    return (
        f"{agree} measured faults are predicted as they were measured. The longest time without an"
        f" ack is off by {median} in the median and {most} at most.{left_out}"
    )


def faults(rows: pd.DataFrame) -> list[Table]:
    """The disagreements, if there are any."""
    apart = disagreements(rows)
    chosen = rows_of(rows.iloc[[index for index, _ in apart]])
    shared, own = shared_and_own([row["settings"] for row in chosen])
    caption = f"The misses: where prediction and measurement disagree{shared}"
    cells = (
        (_fault(row), row["cluster"], what, settings)
        for (_, what), row, settings in zip(apart, chosen, own, strict=True)
    )
    columns = words("fault", "cluster", "what", "settings besides")
    return [filled(caption, columns, cells)] if apart else []


def _fault(row: Row) -> str:
    return "no fault" if row["fault"] == "none" else f"{row['fault']}, {float(row['during_s']):g} s"
