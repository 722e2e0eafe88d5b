"""What a benchmark says once it is stored: tables for the terminal, the chart, what docs quote."""

import math
from pathlib import Path

import pandas as pd

from experiments.bench import figures
from experiments.bench.against import FRAME, against_table
from experiments.bench.cases import ONE_FAR
from experiments.bench.visits import FOLDER, ROWS, told
from experiments.kit.estimates import Interval, pick
from experiments.kit.page import Section
from experiments.kit.store import load_frame
from experiments.kit.tables import Cell, Column, Table, filled, markdown, numbers, text, words
from experiments.kit.words import plain
from model.units import MIB

FRAMES = ("timings", "growth", "profile")
#: Heading to figure, in the order of the columns.
COSTS = {
    "requests/s": figures.REQUESTS_PER_CPU_S,
    "records/s": figures.RECORDS_PER_CPU_S,
    "sim. s/s": figures.REAL_TIME,
    "events": figures.EVENTS,
    "x floor": figures.OVER_FLOOR,
    "x per-record": figures.PER_RECORD_OVER,
    "x mock": figures.MOCK_OVER,
}
NOTE = (
    "requests/s, records/s: in a second of CPU. events: SimPy's, for each request. x floor: the"
    " model's CPU over that of as many bare timeouts. x per-record, x mock: a per-record model's"
    " CPU, and a mock cluster's wall time, over the model's."
)


def stored(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows that a benchmark left: timings, growth, and where the time goes."""
    timings, growth, parts = (load_frame(folder, name) for name in FRAMES)
    return timings, growth, parts


def redraw(folder: Path) -> list[Path]:
    """The chart from stored rows; the paths written."""
    from experiments.bench.charts import bench_chart  # who only asks for tables needs none of it
    from experiments.kit.style import save

    return save(bench_chart(*stored(folder)[:2]), folder, "bench")


def sections(results: Path) -> list[Section]:
    """The report is about Kafka; what simulating it costs is not in it."""
    return []


def tables(timings: pd.DataFrame, growth: pd.DataFrame, parts: pd.DataFrame) -> list[Table]:
    """Costs, what stands beside them, how they grow, and where the time goes."""
    found = figures.of_timings(timings)
    scenarios = pick(found, figure=figures.REQUESTS_PER_CPU_S)["scenario"]
    of_costs = found["scenario"].isin(scenarios) & found["figure"].isin(COSTS.values())
    of_values = (Column(name, spec=",.3g") for name in ("median", "least", "most"))
    others = filled(
        "Sweeps and starts, by the clock on the wall",
        [*words("what", "figure"), *of_values],
        found[~of_costs].itertuples(index=False),
    )
    profiled = filled(
        f"Where the time goes: {ONE_FAR}, under a profiler",
        [*words("part"), Column("share", spec=".0%"), *numbers("calls/request")],
        parts.itertuples(index=False),
    )
    return [_costs(found[of_costs]), others, _growth(growth), profiled]


def _costs(found: pd.DataFrame) -> Table:
    return filled(
        "Cost of the model: median of the repetitions, and half of the spread",
        [*words("scenario"), *numbers(*COSTS)],
        [
            [name, *(_cost(rows.set_index("figure"), figure) for figure in COSTS.values())]
            for name, rows in found.groupby("scenario", sort=False)
        ],
    )


def _cost(of_scenario: pd.DataFrame, figure: str) -> Cell:
    if figure not in of_scenario.index:
        return text("-")
    median, low, high = (float(of_scenario[name][figure]) for name in ("median", "low", "high"))
    spread = f" ±{50 * (high - low) / median:.0f} %" if high > low else ""
    return Cell(f"{plain(median)}{spread}", median)


def _growth(growth: pd.DataFrame) -> Table:
    fits, rows = figures.exponents(growth), []
    for along, runs in growth.groupby("along", sort=False):
        slopes = [_slope(fits[str(along), figure]) for figure in (figures.COST, figures.MEMORY)]
        most, sizes = runs.groupby("size").median(numeric_only=True).iloc[-1], runs["size"]
        largest = (most["cpu_s"], most["peak_bytes"] / MIB)
        rows.append([along, sizes.min(), sizes.max(), *slopes, *largest, *_far(runs)])
    return filled(
        "Growth: exponent in records over the larger half of sizes (1: linear), 95 % interval",
        [
            *(*words("along"), *numbers("from", "to", "CPU time", "memory")),
            *(Column("CPU s at most", spec=".2f"), *numbers("MiB at most")),
            *numbers("CPU s at 10^9", "MiB at 10^9"),
        ],
        rows,
    )


def _far(runs: pd.DataFrame) -> list[Cell]:
    """What a run of 10^9 records would take, as far as runs of many records tell."""
    far = figures.extrapolated
    cells = []
    for figure, unit in ((figures.COST, 1), (figures.MEMORY, MIB)):
        at = far(runs, figure, 1e9)
        told = Interval(at.value / unit, at.low / unit, at.high / unit)
        known = not math.isnan(at.value)
        cells.append(Cell(f"{told:,.0f}", told.value) if known else text("-"))
    return cells


def _slope(fit: Interval) -> Cell:
    return text("-") if math.isnan(fit.value) else Cell(f"{fit:.2f}", fit.value)


def excerpts(results: Path) -> dict[str, str]:
    """What a simulation costs, by scenario, as it is and compiled, and where it goes; visits."""
    interpreted, growth, parts = stored(results / "bench")
    compiled, _, _ = stored(results / "bench" / "compiled")
    largest = growth.sort_values("acked").iloc[-1]
    shares = [(part, share) for part, share, _ in parts.itertuples(index=False)]
    blocks = (
        markdown(_speed(figures.of_timings(interpreted), figures.of_timings(compiled))),
        f"The largest run, of {largest['acked'] / 1e6:,.0f} million records, takes"
        f" {largest['cpu_s']:.0f} s. It needs {largest['added_bytes'] / MIB:,.0f} MiB of memory."
        f"{_farther(growth)}",
        f"Where the time of *{ONE_FAR}* goes, under a profiler:",
        markdown(filled("", [*words("part"), Column("share", spec=".0%")], shares)),
    )
    visits = load_frame(results / "bench" / FOLDER, ROWS)
    beside = markdown(against_table(load_frame(results / "bench" / FRAME, FRAME)))
    return {"speed": "\n\n".join(blocks), "against": beside, "visits": told(visits)}


def _farther(growth: pd.DataFrame) -> str:
    """A sentence on a run of 10^9 records; nothing where runs tell too little."""
    at = figures.extrapolated(growth, figures.COST, 1e9)
    memory = figures.extrapolated(growth, figures.MEMORY, 1e9)
    if math.isnan(at.value) or math.isnan(memory.value):
        return ""
    minutes = Interval(at.value / 60, at.low / 60, at.high / 60)
    gib = Interval(*(each / 1024 / MIB for each in (memory.value, memory.low, memory.high)))
    return (
        f" 10^9 records would take {minutes.low:.0f} to {minutes.high:.0f} minutes and"
        f" {gib.low:.1f} to {gib.high:.1f} GiB, nineteen times in twenty."
    )


def _speed(interpreted: pd.DataFrame, compiled: pd.DataFrame) -> Table:
    named = {"index": "scenario", "columns": "figure", "values": "median"}
    usual, fast = interpreted.pivot(**named), compiled.pivot(**named)
    quick = (figures.REQUESTS_PER_CPU_S, figures.RECORDS_PER_CPU_S)
    return filled(
        "",
        [
            *words("scenario"),
            *numbers("requests per CPU s", "compiled", "records per CPU s", "compiled"),
            *(Column(name, spec=".3g") for name in ("simulated s per s", "events per request")),
            Column("CPU of a per-record model", spec=".3g", unit=" times"),
        ],
        [
            [
                name,
                *(medians.loc[name, figure] for figure in quick for medians in (usual, fast)),
                *usual.loc[name, [figures.REAL_TIME, figures.EVENTS, figures.PER_RECORD_OVER]],
            ]
            for name in pick(interpreted, figure=figures.REQUESTS_PER_CPU_S)["scenario"]
        ],
    )
