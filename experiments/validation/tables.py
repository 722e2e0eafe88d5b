"""The tables of the validation, each made once: for the terminal, the page and the README."""

from collections.abc import Sequence

import pandas as pd

from experiments.kit.tables import Cell, Table, number, numbers, text, words
from experiments.validation.errors import FIGURES, error_table, ratio_table
from experiments.validation.kinds import is_noisy
from experiments.validation.limits import Check
from experiments.validation.targets import Reached, reached
from experiments.validation.worst import worst_rows
from model import MachineConfig


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
    """How many of the figures asked for are reached, and how many rows do not count."""
    figures = reached(rows, machine)
    met = sum(not figure.missed for figure in figures)
    noisy = f"{is_noisy(rows).sum()} of {len(rows)} rows are marked noisy and left out of them."
    return f"{noisy} {met} of {len(figures)} figures asked for are reached."


def targets(figures: Sequence[Reached]) -> Table:
    """What was asked of each figure and what it came to."""
    return Table(
        "Figures asked for, without rows for calibration: absolute errors in %, and the most"
        " allowed",
        [
            *words("figure", "rows"),
            *numbers("number", "median", "allowed", "90th percentile", "allowed"),
            *words("verdict"),
        ],
        [
            [
                text(each.target.name),
                text(each.target.over),
                number(each.rows),
                number(each.median, ".1f"),
                number(each.target.median, "g"),
                number(each.p90, ".1f"),
                number(each.target.p90, "g"),
                verdict("missed" if each.missed else "reached", bad="missed"),
            ]
            for each in figures
        ],
    )


def verdict(word: str, bad: str) -> Cell:
    """A judgement, set apart if it is the bad one."""
    return Cell(word, tone="missed" if word == bad else "", strong=word == bad)


def by_group(errors: pd.DataFrame) -> Table:
    """Errors by kind of run."""
    return Table(
        "Absolute errors by kind of run, median / 90th percentile in %; noisy rows left out, those"
        " for calibration not",
        [*words("rows"), *numbers("number", *(name for _, _, name in FIGURES))],
        [
            [
                text(row["group"]),
                Cell(
                    f"{row['rows']}" + f" + {row['noisy']} noisy" * bool(row["noisy"]), row["rows"]
                ),
                *(_spread(row[f"{name} median %"], row[f"{name} p90 %"]) for *_, name in FIGURES),
            ]
            for row in errors.to_dict("records")
        ],
    )


def _spread(median: float, p90: float) -> Cell:
    return Cell(f"{median:.1f} / {p90:.1f}" if median == median else "-", median)


def by_distance(ratios: pd.DataFrame) -> Table:
    """Five in flight over one by distance."""
    return Table(
        "Records/s of five in flight over one, in the rows of the first kind",
        numbers("round trip", "measured", "predicted", "error"),
        [
            [
                number(rtt_ms, "g", " ms"),
                number(measured, ".2f"),
                number(predicted, ".2f"),
                number(error, "+.1f", " %"),
            ]
            for rtt_ms, measured, predicted, error in ratios.to_numpy()
        ],
    )


def furthest_off(worst: pd.DataFrame) -> Table:
    """The rows furthest off for what is allowed, and why."""
    shared, own = shared_and_own([str(settings) for settings in worst["settings"]])
    columns = [
        *words("row", "run", "figure"),
        *numbers("measured", "predicted", "error"),
        *words("why"),
    ]
    cells = [
        [
            text(row["row"]),
            Cell(row["load"], note=settings),
            text(row["figure"]),
            number(row["measured"], ",.6g"),
            number(row["predicted"], ",.6g"),
            number(row["error %"], "+.1f", " %"),
            text(row["why"]),
        ]
        for row, settings in zip(worst.to_dict("records"), own, strict=True)
    ]
    caption = "The misses: the rows that are furthest off, of those that are not noisy"
    return Table(f"{caption}{shared}", columns, cells, wide=True)


def shared_and_own(settings: Sequence[str]) -> tuple[str, list[str]]:
    """What all of the rows set, as the end of a caption, and what each sets besides."""
    pairs = [row.split(";") for row in settings]
    shared = [pair for pair in pairs[0] if all(pair in others for others in pairs)]
    own = ["; ".join(pair for pair in row if pair not in shared) for row in pairs]
    return f" (all with {'; '.join(shared)})" if shared else "", own


def limits(checks: Sequence[Check]) -> list[Table]:
    """How many rows agree with their named limit, and each that does not."""
    agreeing = []
    for limit in sorted({check.limit for check in checks}):
        of_limit = [check.agrees for check in checks if check.limit == limit]
        agreeing.append([text(limit), number(len(of_limit)), number(sum(of_limit))])
    apart = [
        [
            number(row),
            text(check.limit),
            _rise(check, check.limit_doubled_per_s),
            text(check.other),
            _rise(check, check.other_doubled_per_s),
        ]
        for row, check in enumerate(checks, start=1)
        if not check.agrees
    ]
    columns = [
        *numbers("row"),
        *words("limit"),
        *numbers("rise"),
        *words("other"),
        *numbers("rise"),
    ]
    return [
        Table(
            "Named limits, each checked by two more runs",
            [*words("limit"), *numbers("rows", "agree")],
            agreeing,
        ),
        Table(
            "Rows that do not agree: the rise with their limit doubled, and with another",
            columns,
            apart,
        ),
    ][: 2 if apart else 1]


def _rise(check: Check, records_per_s: float) -> Cell:
    return number(100 * (records_per_s / check.records_per_s - 1), "+.1f", " %")
