"""linger.ms against the offered load, as latency and as requests; all see the same arrivals.

Beside it an application that awaits each record before it sends the next: it pays every
millisecond of a linger, since no second record comes to fill the batch.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import COLOURS, band, entitle, log_axis, mark
from experiments.kit.estimates import means, only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_seconds
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.style import FAINT, figure, quiet_grid
from experiments.kit.tables import Table, number, numbers
from experiments.kit.words import ms, plain
from experiments.kit.world import World
from model import ClosedLoop, OpenLoop

RATES_PER_S = (100, 300, 1_000, 3_000, 6_000, 10_000, 15_000, 20_000, 25_000, 30_000)
#: Ours: of what the user's producer carries in full batches.
SHARES = (0.02, 0.1, 0.3, 0.6, 0.8, 0.9)
LINGERS_MS = (0, 1, 5, 20, 100)
#: Ours: requests for a tail at low load, and records for chance to be small at high load.
LEAST_S, RECORDS = 0.3, 1_500
OFFERED, AWAITED = "offered", "awaited"
ROUNDS = 100
PANELS = {
    "p50_ms": "median latency in ms",
    "p99_ms": "99th percentile in ms",
    "requests_per_s": "requests per second",
}


def points(world: World) -> Iterator[Point]:
    """Every linger at every load, and for an application that awaits each record."""
    lingers_ms = sorted({*LINGERS_MS, world.own.linger_ms})
    own = {"own_linger_ms": world.own.linger_ms, "own_rate_per_s": world.rate_per_s or 0.0}
    for level in grid(rtt_ms=[world.rtt_ms], records_per_s=rates(world), linger_ms=lingers_ms):
        config = world.with_producer(linger_ms=level["linger_ms"])
        scenario = world.scenario(config, OpenLoop(level["records_per_s"], world.arrivals))
        measured_s = max(LEAST_S, RECORDS / level["records_per_s"])
        scenario = over_seconds(scenario, 0.5 * measured_s, measured_s)
        yield Point(levels=level, beside={"phase": OFFERED, **own}, scenario=scenario)
    for linger_ms in lingers_ms:
        config = world.with_producer(linger_ms=linger_ms)
        round_s = (world.rtt_ms + linger_ms + 1) / 1e3
        lone = world.scenario(config, ClosedLoop(1))
        yield Point(
            levels={"rtt_ms": world.rtt_ms, "linger_ms": linger_ms, "phase": AWAITED},
            beside={"records_per_s": 0, **own},  # no rate but its own
            scenario=over_seconds(lone, 5 * round_s, ROUNDS * round_s),
            replications=3,
        )


def rates(world: World) -> list[float]:
    """Offered loads, the user's own among them; in a user's world by what the producer carries."""
    if world.fine:
        return list(RATES_PER_S)
    carried = world.carries(world.own)
    found = {float(f"{share * carried:.2g}") for share in SHARES}
    return sorted(found | ({world.rate_per_s} if world.rate_per_s else set()))


def by_rate(rows: pd.DataFrame, figure: str) -> pd.DataFrame:
    """The mean of a figure: a row for each load, a column for each linger."""
    estimates = means(pick(rows, phase=OFFERED), figure, ["linger_ms", "records_per_s"])
    return estimates.pivot(index="records_per_s", columns="linger_ms", values="value")


def answer(rows: pd.DataFrame) -> str:
    """Where each linger beats none, what it costs below and where records are awaited."""
    mean_ms, requests = by_rate(rows, "mean_ms"), by_rate(rows, "requests_per_s")
    least, own_ms = mean_ms.index.min(), _own(rows)
    added_ms = float(mean_ms[own_ms][least] - mean_ms[0][least])
    awaited = means(pick(rows, phase=AWAITED), "p50_ms", ["linger_ms", "phase"])
    awaited_ms = awaited.set_index("linger_ms")["value"]
    rate = requests.index[len(requests) // 3]
    needed, needed_own = (float(requests[linger_ms][rate]) for linger_ms in (0, own_ms))
    return (
        f"{_at_own_rate(rows)}{_wins(mean_ms)} Below that a wait only adds:"
        f" {ms(added_ms)} with linger.ms={own_ms:g} at {plain(least)} records/s, and an application"
        f" that awaits each record pays all of it ({ms(awaited_ms[own_ms])} a record instead of"
        f" {ms(awaited_ms[0])}). What waiting buys is fewer requests: {plain(needed_own)} a second"
        f" instead of {plain(needed)} at {plain(rate)} records/s. {_overloads(rows)}"
    )


def _own(rows: pd.DataFrame) -> float:
    """The user's linger.ms, or the smallest above zero that was looked at."""
    own_ms = float(only(rows, "own_linger_ms"))
    return own_ms if own_ms > 0 else float(rows.loc[rows["linger_ms"] > 0, "linger_ms"].min())


def _at_own_rate(rows: pd.DataFrame) -> str:
    """The best linger at the user's rate, where there is one."""
    rate = float(only(rows, "own_rate_per_s"))
    if rate == 0:
        return ""
    found = lowest_p99(rows)
    best = dict(zip(found, found.loc[rate].to_numpy(dtype=float), strict=True))
    if np.isnan(best["p99_ms"]):
        return f"{plain(rate)} records/s are more than it carries, whatever the linger. "
    return (
        f"At {plain(rate)} records/s the p99 is lowest with linger.ms={best['linger_ms']:g}:"
        f" {ms(best['p99_ms'])}, and {ms(best['own_p99_ms'])} with {_own(rows):g}. "
    )


def _wins(mean_ms: pd.DataFrame) -> str:
    """From which load on each linger has a shorter mean than none."""
    first: dict[float, list[str]] = {}
    for linger_ms in [float(str(column)) for column in mean_ms if column != 0]:
        waits, none = mean_ms[linger_ms], mean_ms[0]
        wins = mean_ms.index[(waits < none) | (none.isna() & waits.notna())]
        if len(wins):
            first.setdefault(float(min(wins)), []).append(f"{linger_ms:g}")
    if not first:
        return "No linger.ms makes mean latency shorter than 0 does, at any load looked at."
    parts = (
        f"from {plain(load)} records/s on with linger.ms={' or '.join(first[load])}"
        for load in sorted(first)
    )
    return f"Waiting cuts mean latency only close to what the producer carries: {'; '.join(parts)}."


def _overloads(rows: pd.DataFrame) -> str:
    """What overload there is, with how much was finished of what was offered."""
    over = rows[rows["overloaded"]]
    if over.empty:
        return "No load is more than the producer carries."
    lowest = over.groupby("linger_ms")["records_per_s"].min()
    parts = []
    for rate, lingers in lowest.groupby(lowest):
        at = over[(over["records_per_s"] == rate) & over["linger_ms"].isin(lingers.index)]
        counts = at[["offered", "finished"]].mean()
        names = ", ".join(f"{linger:g}" for linger in lingers.index)
        parts.append(
            f"{float(str(rate)):,.0f} records/s on with linger.ms={names}"
            f" ({counts['finished']:,.0f} finished of {counts['offered']:,.0f} offered)"
        )
    return f"Overloaded, so without latencies, from {'; from '.join(parts)}."


def lowest_p99(rows: pd.DataFrame) -> pd.DataFrame:
    """For each load the linger with the lowest 99th percentile, that and the one of the user's."""
    p99_ms, requests, own_ms = by_rate(rows, "p99_ms"), by_rate(rows, "requests_per_s"), _own(rows)
    columns = {
        "linger_ms": p99_ms.dropna(how="all").idxmin(axis=1),
        "p99_ms": p99_ms.min(axis=1),
        "own_p99_ms": p99_ms[own_ms],
        "requests_per_s": requests[0],
        "own_requests_per_s": requests[own_ms],
    }
    return pd.DataFrame(columns, index=p99_ms.index).astype(float)


def tables(rows: pd.DataFrame) -> list[Table]:
    """At each load: the linger with the lowest 99th percentile, and what the user's costs."""
    found, own = lowest_p99(rows).reset_index(), f"with {_own(rows):g} ms"
    heads = numbers(
        "records/s", "linger.ms with the lowest p99", "p99 in ms", own, "requests/s with 0", own
    )
    specs = (",.0f", "g", ".3g", ".3g", ",.0f", ",.0f")
    lines = [
        [number(value, spec) for value, spec in zip(of_rate, specs, strict=True)]
        for of_rate in found.to_numpy(dtype=float)
    ]
    return [Table("Which linger.ms has the lowest 99th percentile of latency", heads, lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """Latency and requests over the offered load, one line for each linger.ms."""
    offered = pick(rows, phase=OFFERED)
    chart = figure(12.0, 4.7)
    panels = list(chart.subplots(1, len(PANELS)))
    for axes, (column, title) in zip(panels, PANELS.items(), strict=True):
        _panel(axes, offered, column)
        axes.set_title(title, size=10)
        axes.set_xlabel("offered records per second")
        if own_rate := float(only(rows, "own_rate_per_s")):
            mark(axes, own_rate, "yours")
        if column != "requests_per_s":
            _overload(axes, offered)
    panels[-1].legend(title="linger.ms", frameon=False, loc="lower right")
    entitle(
        chart,
        f"Waiting for more records helps only near the limit; {only(rows, 'rtt_ms'):g} ms"
        " round trip",
        "bands: 95 % intervals; crosses: overload, where latency grows without end",
    )
    return chart


def _panel(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    """All lines of one figure."""
    quiet_grid(axes)
    estimates = means(rows, column, ["linger_ms", "records_per_s"])
    own_ms = float(only(rows, "own_linger_ms"))
    for colour, (linger_ms, of) in zip(COLOURS, estimates.groupby("linger_ms"), strict=False):
        label = f"{float(str(linger_ms)):g}{' (yours)' if linger_ms == own_ms else ''}"
        band(axes, of["records_per_s"].tolist(), of, color=colour, label=label)
    axes.set_xlim(rows["records_per_s"].min() * 0.9, rows["records_per_s"].max() * 1.1)
    log_axis(axes, "x")
    log_axis(axes, "y")


def _overload(axes: Axes, rows: pd.DataFrame) -> None:
    """Crosses on top where points are overloaded, below each other for each linger."""
    axes.set_ymargin(0.25)
    axes.autoscale(axis="y")
    over, top = rows[rows["overloaded"]], axes.get_xaxis_transform()
    for down, (colour, linger_ms) in enumerate(
        zip(COLOURS, sorted(rows["linger_ms"].unique()), strict=False)
    ):
        loads = pick(over, linger_ms=linger_ms)["records_per_s"].unique()
        heights = np.full(len(loads), 0.97 - 0.035 * down)
        axes.plot(loads, heights, "x", color=colour, ms=5, transform=top)
    if len(over):
        at = over["records_per_s"].min() * 0.85
        text: dict[str, Any] = {"ha": "right", "va": "center", "size": 8, "color": FAINT}
        axes.text(at, 0.9, "overload: no latency", transform=top, **text)


def _smoke(levels: Levels) -> bool:
    return levels.get("records_per_s", 3_000) in (3_000, 30_000) and levels["linger_ms"] in (0, 5)


EXPERIMENT = Experiment(
    name="linger_load",
    question="linger.ms of 0, 5 or 100? When does waiting cut latency?",
    aliases=("linger",),
    points=points,
    measure=figures.row(
        "mean_ms",
        "p50_ms",
        "p99_ms",
        "requests_per_s",
        "records_per_request",
        "offered",
        "finished",
        "unfinished",
        "overloaded",
        "limit",
    ),
    replications=Replications(3, 6, Contrast("mean_ms", "linger_ms", 0), 0.05),
    answer=answer,
    draw=draw,
    tables=tables,
    assumption="records arrive independently of each other (Poisson), for one partition; the more"
    " partitions share the rate, the longer a batch takes to fill",
    rtt_ms=2,
    smoke=_smoke,
)
