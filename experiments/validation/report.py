"""The tables of `inflight validate`."""

from collections.abc import Iterator

import pandas as pd
from rich.table import Table

from experiments.validation.errors import FIGURES
from experiments.validation.limits import Check
from experiments.validation.measured import rows_of
from experiments.validation.targets import Reached


def target_table(figures: list[Reached]) -> Table:
    """What was asked of each figure and what it came to."""
    table = Table(title="Absolute error in %, outside calibration rows and noisy ones")
    for name in ("figure", "rows", "number", "median", "asked", "90th percentile", "asked", ""):
        table.add_column(name, justify="left" if name in ("figure", "rows", "") else "right")
    for figure in figures:
        target = figure.target
        table.add_row(
            target.name,
            target.over,
            str(figure.rows),
            _number(figure.median),
            f"{target.median:g}",
            _number(figure.p90),
            f"{target.p90:g}",
            "missed" if figure.missed else "",
        )
    return table


def group_table(errors: pd.DataFrame) -> Table:
    """Errors by group."""
    table = Table(title="Absolute error in %, median / 90th percentile (noisy rows left out)")
    table.add_column("group", min_width=24)
    for name in ("rows", *(name for _, _, name in FIGURES)):
        table.add_column(name, justify="right")
    for line in errors.to_dict("records"):
        cells = [
            f"{_number(line[f'{name} median %'])} / {_number(line[f'{name} p90 %'])}"
            for _, _, name in FIGURES
        ]
        noisy = f" + {line['noisy']} noisy" if line["noisy"] else ""
        table.add_row(str(line["group"]), f"{line['rows']}{noisy}", *cells)
    return table


def ratio_lines(ratios: pd.DataFrame) -> Table:
    """Five in flight over one by distance."""
    table = Table(title="records/s of five in flight over one, headline rows")
    for name in ("RTT ms", "measured", "predicted", "error"):
        table.add_column(name, justify="right")
    for rtt_ms, measured, predicted, error in ratios.to_numpy():
        table.add_row(f"{rtt_ms:g}", f"{measured:.2f}", f"{predicted:.2f}", f"{error:+.1f} %")
    return table


def worst_lines(worst: pd.DataFrame) -> Iterator[str]:
    """A line for each of the worst rows and one on why."""
    for line in rows_of(worst):
        yield (
            f"  {float(line['error %']):+6.1f} % {line['figure']}: row {line['row']},"
            f" {line['load']}, {line['settings']}"
        )
        yield f"           {line['why']}"


def limit_lines(checks: list[Check]) -> Iterator[str]:
    """How many rows agree, by limit, and each that does not."""
    for limit in sorted({check.limit for check in checks}):
        mine = [check for check in checks if check.limit == limit]
        agree = sum(check.agrees for check in mine)
        yield f"  {limit}: {agree} of {len(mine)} rows agree"
    for place, check in enumerate(checks, start=1):
        if not check.agrees:
            yield (
                f"  row {place}: {check.limit} doubled {_rise(check, check.limit_doubled_per_s)},"
                f" {check.other} doubled {_rise(check, check.other_doubled_per_s)}"
            )


def _rise(check: Check, records_per_s: float) -> str:
    return f"{100 * (records_per_s / check.records_per_s - 1):+.1f} %"


def _number(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) and value == value else "-"
