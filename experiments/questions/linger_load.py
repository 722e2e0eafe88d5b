"""linger.ms against the offered load, as latency and as requests; all see the same arrivals.

Beside it an application that awaits each record before it sends the next: it pays every
millisecond of a linger, since no second record comes to fill the batch.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import bars, entitle, panels
from experiments.kit.estimates import mean_of, means, only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_seconds
from experiments.kit.looks import shades
from experiments.kit.replications import Contrast, Replications
from experiments.kit.words import latency_ms, plain
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
        lone = world.scenario(world.with_producer(linger_ms=linger_ms), ClosedLoop(1))
        round_s = (world.rtt_ms + linger_ms + 1) / 1e3
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


def answer(rows: pd.DataFrame) -> str:
    """Where a linger beats none, and what it costs at the user's rate and where records wait."""
    offered, own_ms = pick(rows, phase=OFFERED), float(only(rows, "own_linger_ms"))
    linger_ms = own_ms if own_ms > 0 else rows.loc[rows["linger_ms"] > 0, "linger_ms"].min()
    rate = float(only(rows, "own_rate_per_s")) or offered["records_per_s"].min()
    settings = [pick(rows, linger_ms=setting) for setting in (linger_ms, 0)]
    asked = [pick(of, phase=OFFERED, records_per_s=rate) for of in settings]
    p99 = [latency_ms(mean_of(of, "p99_ms")) for of in asked]
    sent = [plain(of["requests_per_s"].mean()) for of in asked]
    awaited = [latency_ms(mean_of(pick(of, phase=AWAITED), "p50_ms")) for of in settings]
    return (
        f"Only close to what the producer carries: {_wins(offered)}. At {plain(rate)} records/s"
        f" linger.ms={linger_ms:g} has a 99th percentile of {p99[0]} instead of {p99[1]} with 0,"
        f" and {sent[0]} requests a second instead of {sent[1]}. An application that awaits each"
        f" record pays all of it: {awaited[0]} a record instead of {awaited[1]}."
    )


def _wins(offered: pd.DataFrame) -> str:
    """From which load on the first linger has a shorter mean than none."""
    estimates = means(offered, "mean_ms", ["records_per_s", "linger_ms"])
    table = estimates.pivot(index="records_per_s", columns="linger_ms", values="value")
    for rate, of_rate in table.fillna(float("inf")).iterrows():
        if of_rate.min() < of_rate[0]:
            return (
                f"from {plain(float(str(rate)))} records/s on linger.ms={of_rate.idxmin():g}"
                " has a shorter mean latency than 0"
            )
    return "at no load looked at is mean latency shorter than with linger.ms=0"


def draw(rows: pd.DataFrame) -> Figure:
    """Latency at the user's load, or a calm one, and at the first load at which waiting gains."""
    offered, own_ms = pick(rows, phase=OFFERED), float(only(rows, "own_linger_ms"))
    busy, calm = _busy(offered), float(only(rows, "own_rate_per_s")) or _calm(offered)
    loads = sorted({calm} if busy is None else {calm, busy})
    chart, axes = panels("", len(loads))
    for panel, load in zip(axes, loads, strict=True):
        lingers = list(pick(offered, records_per_s=load).groupby("linger_ms"))
        names = [f"{at:g} ms{' (yours)' if at == own_ms else ''}" for at, _ in lingers]
        values = [mean_of(of, "mean_ms") for _, of in lingers]
        colours = [level.colour for level in shades(names)]
        bars(panel, list(zip(names, values, strict=True)), colours)
        panel.set_xlabel("mean latency in ms")
        panel.set_title(f"{plain(load)} records/s")
    axes[0].set_ylabel("linger.ms")
    note = f"{only(rows, 'rtt_ms'):g} ms round trip; lines on bars: 95 % intervals"
    entitle(chart, _title(offered, calm, busy), note)
    return chart


def _calm(offered: pd.DataFrame) -> float:
    """One of the lower loads looked at."""
    loads = sorted(offered["records_per_s"].unique())
    return float(loads[(len(loads) - 1) // 4])


def _busy(offered: pd.DataFrame) -> float | None:
    """The first load at which some linger has a shorter mean latency than none."""
    for load, of in offered.groupby("records_per_s"):
        found = of.groupby("linger_ms")["mean_ms"].mean()
        if found.min() < found[0]:
            return float(str(load))
    return None


def _title(offered: pd.DataFrame, calm: float, busy: float | None) -> str:
    """What the longest linger costs at a calm load, and where waiting gains."""
    found = pick(offered, records_per_s=calm).groupby("linger_ms")["mean_ms"].mean()
    longest = found.index.max()
    added = f"{found[longest] - found[0]:.2g} ms at {plain(calm)} records/s"
    where = "at no load looked at" if busy is None else f"only from {plain(busy)} records/s on"
    return f"linger.ms={longest:g} adds {added}; waiting shortens latency {where}"


EXPERIMENT = Experiment(
    name="linger_load",
    question="linger.ms of 0, 5 or 100? When does waiting cut latency?",
    aliases=("linger",),
    points=points,
    measure=figures.row(
        *("mean_ms", "p50_ms", "p99_ms", "requests_per_s", "records_per_request"),
        *("offered", "finished", "unfinished", "overloaded", "limit"),
    ),
    replications=Replications(3, 6, Contrast("mean_ms", "linger_ms", 0), 0.05),
    answer=answer,
    draw=draw,
    assumption="records arrive independently of each other (Poisson), for one partition; the more"
    " partitions share the rate, the longer a batch takes to fill",
    rtt_ms=2,
    smoke=lambda levels: (
        levels.get("records_per_s", 3_000) in (3_000, 30_000) and levels["linger_ms"] in (0, 5)
    ),
)
