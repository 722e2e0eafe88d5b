"""linger.ms against the offered load, as latency and as requests; all see the same arrivals.

Beside it an application that awaits each record before it sends the next: it pays every
millisecond of a linger, since no second record comes to fill the batch.
"""

import math
from collections.abc import Iterator, Sequence

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import bars, entitle, panels
from experiments.kit.estimates import Interval, mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_seconds
from experiments.kit.looks import shades
from experiments.kit.replications import Contrast, Replications
from experiments.kit.summaries import INTERVALS, estimate
from experiments.kit.tables import Column, Table, filled, numbers
from experiments.kit.words import ALIKE, ms, plain, share
from experiments.kit.world import World
from model import ClosedLoop, OpenLoop

RATES_PER_S = (100, 300, 1_000, 3_000, 6_000, 10_000, 15_000, 20_000, 25_000, 30_000)
#: Ours: of what the user's producer carries in full batches.
SHARES = (0.02, 0.1, 0.3, 0.6, 0.8, 0.9)
LINGERS_MS = (0, 1, 5, 20, 100)
#: Ours: requests for a tail at low load, and records for chance to be small at high load.
LEAST_S, RECORDS = 0.3, 1_500
#: Ours: from this share of the highest load that is carried on, a load is near the limit.
NEAR = 0.7
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
    offered, linger_ms = pick(rows, phase=OFFERED), compared_ms(rows)
    rate = float(only(rows, "own_rate_per_s")) or offered["records_per_s"].min()
    settings = [pick(rows, linger_ms=setting) for setting in (0, linger_ms)]
    asked = [pick(of, phase=OFFERED, records_per_s=rate) for of in settings]
    awaited = [pick(of, phase=AWAITED)["p50_ms"].mean() for of in settings]
    none, some = (of["requests_per_s"].mean() for of in asked)
    return (
        f"{_wins(offered, linger_ms)} At {plain(rate)} records/s, {only(rows, 'rtt_ms'):g} ms away,"
        f" {_tail(asked, linger_ms)}, and it makes {_fewer(some / none)}. An application that"
        f" awaits each record pays for it every time: {ms(awaited[1])} instead of {ms(awaited[0])}."
    )


def compared_ms(rows: pd.DataFrame) -> float:
    """The linger that is held against none: the user's own, or the shortest."""
    own_ms = float(only(rows, "own_linger_ms"))
    return own_ms if own_ms > 0 else float(rows.loc[rows["linger_ms"] > 0, "linger_ms"].min())


def _fewer(part: float) -> str:
    """How many requests a linger makes, of those without it."""
    if part >= 1 - ALIKE:
        return "as many requests"
    return f"{share(1 - part)} fewer requests"


def _tail(asked: Sequence[pd.DataFrame], linger_ms: float) -> str:
    """What a linger does to the 99th percentile at one rate."""
    none_ms, with_ms = (mean_of(of, "p99_ms").value for of in asked)
    name = f"linger.ms={linger_ms:g}"
    if none_ms == none_ms and with_ms == with_ms:
        way = "costs" if with_ms > none_ms else "saves"
        return f"{name} {way} {ms(abs(with_ms - none_ms))} in the 99th percentile"
    if with_ms == with_ms:
        return f"only {name} keeps up with the load"
    return f"{name} does not keep up with the load"


def _wins(offered: pd.DataFrame, linger_ms: float) -> str:
    """Where a linger is known to have a shorter mean than none, or a longer one is not known."""
    if gained := gains_from(offered):
        rate, waited_ms = gained
        near = rate >= NEAR * known_loads(offered, waited_ms)[-1]
        told = f"{'only near the limit: ' if near else ''}from {plain(rate)} records/s on. There"
        return (
            f"{told[0].upper()}{told[1:]} linger.ms={waited_ms:g} has a shorter mean latency than"
            " none."
        )
    if not known_loads(offered, linger_ms):
        return "At no load, for each that was looked at is more than it carries."
    costless = costless_from(offered, linger_ms)
    if costless is None:
        return f"At no load: linger.ms={linger_ms:g} costs latency wherever was looked."
    return (
        f"It cuts latency at no load that was tried. Below {plain(costless)} records/s"
        f" linger.ms={linger_ms:g} costs some, and from there on none that could be told."
    )


def gains_from(offered: pd.DataFrame) -> tuple[float, float] | None:
    """The first load, and linger, known to have a shorter mean latency than none."""
    lingers_ms = sorted(offered["linger_ms"].unique())[1:]
    for rate in sorted(offered["records_per_s"].unique()):
        for waited_ms in lingers_ms:
            if against_none(offered, rate, waited_ms).high < 1:
                return rate, waited_ms
    return None


def costless_from(offered: pd.DataFrame, linger_ms: float) -> float | None:
    """The first load at which a linger is not known to have a longer mean latency than none."""
    loads = known_loads(offered, linger_ms)
    return next((rate for rate in loads if against_none(offered, rate, linger_ms).low <= 1), None)


def known_loads(offered: pd.DataFrame, linger_ms: float) -> list[float]:
    """The loads that are carried both with this linger and without."""
    loads = sorted(offered["records_per_s"].unique())
    return [rate for rate in loads if math.isfinite(against_none(offered, rate, linger_ms).value)]


def against_none(offered: pd.DataFrame, rate: float, linger_ms: float) -> Interval:
    """Mean latency with a linger over that without; NaN where either is overloaded."""
    waited, none = (pick(offered, records_per_s=rate, linger_ms=each) for each in (linger_ms, 0))
    if waited["mean_ms"].isna().any() or none["mean_ms"].isna().any():
        return Interval(math.nan, math.nan, math.nan)
    return ratio(waited, none, "mean_ms")


def tables(rows: pd.DataFrame) -> list[Table]:
    """Without a linger and with one, at every load."""
    linger_ms, offered, heads = compared_ms(rows), pick(rows, phase=OFFERED), [Column("records/s")]
    settings = [pick(offered, linger_ms=setting) for setting in (0, linger_ms)]
    figures_of = {"mean_ms": ("mean", ".1f"), "p99_ms": ("p99", ".1f")}
    figures_of |= {"requests_per_s": ("requests/s", ",.0f")}
    for name, _ in figures_of.values():
        heads += numbers(f"{name}, linger 0", f"{name}, linger {linger_ms:g}")
    lines = [
        [rate]
        + [
            estimate(mean_of(pick(of, records_per_s=rate), column), spec)
            for column, (_, spec) in figures_of.items()
            for of in settings
        ]
        for rate in sorted(offered["records_per_s"].unique())
    ]
    caption = "Latency in ms by offered load; a dash: not carried in every run"
    return [filled(f"{caption}; {INTERVALS}", heads, lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """Latency at the user's load, or a calm one, and at the first at which waiting is free."""
    offered, own_ms = pick(rows, phase=OFFERED), float(only(rows, "own_linger_ms"))
    calm, gained = float(only(rows, "own_rate_per_s")) or _calm(offered), gains_from(offered)
    busy = gained[0] if gained else costless_from(offered, compared_ms(rows))
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
    entitle(chart, _title(rows, calm), note)
    return chart


def _calm(offered: pd.DataFrame) -> float:
    """One of the lower loads looked at."""
    loads = sorted(offered["records_per_s"].unique())
    return float(loads[(len(loads) - 1) // 4])


def _title(rows: pd.DataFrame, calm: float) -> str:
    """What the longest linger does at a calm load; where waiting gains, as the answer has it."""
    offered, linger_ms = pick(rows, phase=OFFERED), compared_ms(rows)
    found = pick(offered, records_per_s=calm).groupby("linger_ms")["mean_ms"].mean()
    longest = found.index.max()
    added_ms = found[longest] - found[0]
    did = f"{'adds' if added_ms >= 0 else 'saves'} {ms(abs(added_ms))} at {plain(calm)} records/s"
    costless, told = costless_from(offered, linger_ms), "waiting shortens latency at no load"
    if gained := gains_from(offered):
        told = f"waiting shortens latency from {plain(gained[0])} records/s on"
    elif costless is not None:
        told += f" for certain, {linger_ms:g} ms cost none from {plain(costless)} records/s on"
    return f"linger.ms={longest:g} {did}; {told}"


EXPERIMENT = Experiment(
    name="linger_load",
    question="linger.ms of 0, 5 or 100? When does waiting cut latency?",
    aliases=("linger",),
    about="latency throughput batching percentile p99 delay",
    points=points,
    measure=figures.row(
        *("mean_ms", "p50_ms", "p99_ms", "requests_per_s", "records_per_request"),
        *("offered", "finished", "unfinished", "overloaded", "limit"),
    ),
    replications=Replications(3, 6, Contrast("mean_ms", "linger_ms", 0), 0.05),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="records would wait for replicas whatever they lingered",
    assumption="records that arrive independently of each other, unless you say otherwise; the"
    " more partitions share the rate, the longer a batch takes to fill",
    rtt_ms=2,
    smoke=lambda levels: (
        levels.get("records_per_s", 3_000) in (3_000, 30_000) and levels["linger_ms"] in (0, 5)
    ),
)
