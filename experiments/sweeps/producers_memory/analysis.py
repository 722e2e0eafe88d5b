"""What producers share, and which records fail in trouble by memory and max.block.ms."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.kit.lines import APART, band, log_axis, name_ends
from experiments.kit.pairs import means
from experiments.kit.style import FAINT, figure, quiet_grid

MARKERS = "sD^"
COLOURS = {1: "#d55e00", 5: "#0072b2"}
#: Where the logarithmic axis becomes linear, to show nothing as zero.
LEAST_PERCENT = 0.01
TITLES = {"outage": "broker stands still for 5 s, 2 MB/s", "overload": "60 MB/s for 1 s"}


def draw(rows: pd.DataFrame) -> Figure:
    """Sharing on the left; the share of records that fail, for each kind of trouble."""
    chart = figure(12.0, 4.6)
    sharing, *troubled = chart.subplots(1, 1 + len(TITLES))
    _sharing(sharing, _shared(rows))
    for axes, (trouble, title) in zip(troubled, TITLES.items(), strict=True):
        _trouble(axes, rows[rows["trouble"] == trouble])
        axes.set_title(title, size=10)
    troubled[0].set_ylabel("records that fail, in %")
    title = "Several producers on one broker, and memory in trouble"
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    chart.supxlabel("bands: 95 % intervals", size=8.5, color=FAINT)
    return chart


def answer(rows: pd.DataFrame) -> str:
    """How the broker is shared, and the least memory with which nothing fails."""
    told = _shared(rows).set_index(["depth", "producers"])["value"]
    most = int(rows["producers"].max())
    parts = [
        f"{most} producers with {depth} in flight carry {told[depth, most] / told[depth, 1]:.1f}"
        f" times what one does ({told[depth, most]:,.0f} records/s)"
        for depth in sorted(rows.loc[rows["trouble"] == "none", "depth"].unique())
    ]
    words = f"The in-broker time is each connection's own: {'; '.join(parts)}."
    return " ".join([words, *filter(None, (_memory(rows, trouble) for trouble in TITLES))])


def _memory(rows: pd.DataFrame, trouble: str) -> str:
    """The least memory without failures, for each max.block.ms; and the longest wait."""
    of_trouble, parts = rows[rows["trouble"] == trouble], []
    for block_ms, line in of_trouble.groupby("max_block_ms"):
        worst = line.groupby("buffer_mib")["failed_share"].max()
        enough = worst.index[worst == 0]
        least = f"{min(enough):g} MiB" if len(enough) else "none of these"
        parts.append(f"max.block.ms={block_ms:g} needs {least}")
    if not parts:
        return ""
    longest_s = of_trouble["longest_ms"].max() / 1e3
    return (
        f"Without a failure, {TITLES[trouble]}: {', '.join(parts)}; the longest wait of a record"
        f" that is written is {longest_s:.1f} s."
    )


def _shared(rows: pd.DataFrame) -> pd.DataFrame:
    return means(rows[rows["trouble"] == "none"], "records_per_s", ["depth", "producers"])


def _sharing(axes: Axes, told: pd.DataFrame) -> None:
    log_axis(axes, "x", (1, 2, 5))
    log_axis(axes, "y", (1, 2, 5))
    ends = []
    for depth, line in told.groupby("depth"):
        colour = COLOURS[int(str(depth))]
        band(axes, line["producers"].tolist(), line, colour)
        ends.append((f"{depth}", float(line["value"].iloc[-1]), colour))
    axes.set_xlabel("producers, as fast as they can")
    axes.set_title("records per second, all together", size=10)
    name_ends(axes, ends, "in flight")


def _trouble(axes: Axes, rows: pd.DataFrame) -> None:
    log_axis(axes, "x", (1, 2, 5))
    quiet_grid(axes)
    ends = []
    told = means(rows, "failed_share", ["max_block_ms", "buffer_mib"])
    told[["value", "low", "high"]] *= 100
    for place, (block_ms, line) in enumerate(told.groupby("max_block_ms")):
        band(axes, line["buffer_mib"].tolist(), line, APART[place + 2], MARKERS[place])
        ends.append((f"{block_ms:,}", APART[place + 2]))
    axes.set_yscale("symlog", linthresh=LEAST_PERCENT)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_ylim(-LEAST_PERCENT / 4, 150)
    axes.set_xlabel("buffer.memory in MiB")
    _name_lines(axes, ends)


def _name_lines(axes: Axes, lines: list[tuple[str, str]]) -> None:
    """The lines end together at zero: a column of names in the free corner tells them apart."""
    within: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "size": 8.5}
    axes.text(0.97, 0.95, "max.block.ms", **within)
    for place, (text, colour) in enumerate(lines):
        axes.text(0.97, 0.88 - 0.06 * place, text, color=colour, **within)
