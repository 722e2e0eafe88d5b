"""How much is lost with one request in flight, over the round-trip time.

The law beside it: min(5, 1 + Z/S), with S the time that a request keeps its connection muted, the
wait for replicas included, and Z everything else of a lone request's round, both read off the runs.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import band, entitle, label_ends, line, log_axis, mark, panels
from experiments.kit.estimates import Interval, only, pick, ratio, ratios
from experiments.kit.experiment import Experiment, Point
from experiments.kit.looks import LAW, carrying
from experiments.kit.style import INK
from experiments.kit.summaries import INTERVALS, estimate
from experiments.kit.tables import Column, Table, filled, numbers, words
from experiments.kit.words import as_much, limit_words, plain, share, times, worthwhile
from experiments.kit.world import World

ONE, FIVE = 1, 5
DISTANCES_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


def points(world: World) -> Iterator[Point]:
    """One and five in flight, as fast as they can, over the curve and at the user's distance."""
    for rtt_ms in world.distances(DISTANCES_MS):
        for depth in (ONE, FIVE):
            config = world.in_flight(depth, idempotent=depth == FIVE)
            yield Point(
                levels={"rtt_ms": rtt_ms, "in_flight": depth},
                beside={"yours": rtt_ms == world.rtt_ms},
                scenario=world.at_full_load(config, rtt_ms),
            )


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Estimates of five over one at every distance, paired by replication."""
    return ratios(rows, "records_per_s", "in_flight", ONE, ["rtt_ms"]).set_index("rtt_ms")


def law(rows: pd.DataFrame) -> "pd.Series[float]":
    """What five cannot exceed over the distance: their time in the broker beside a lone round.

    A lone request may wait longer for followers, which sleep deeper between two of them: then five
    in flight can be worth a little more than five.
    """
    lone, five = (
        pick(rows, in_flight=depth).groupby("rtt_ms").mean(numeric_only=True)
        for depth in (ONE, FIVE)
    )
    round_ms = 1e3 / lone["requests_per_s"]
    overlapped = FIVE * round_ms / (round_ms - lone["muted_ms"] + five["muted_ms"])
    shared = round_ms / five["muted_ms"]
    return overlapped.where(overlapped < shared, shared)


def answer(rows: pd.DataFrame) -> str:
    """What one loses at the user's distance, why, and what five could gain at most."""
    own = pick(rows, yours=True)
    one, five = pick(own, in_flight=ONE), pick(own, in_flight=FIVE)
    slow, fast = (plain(of["records_per_s"].mean()) for of in (one, five))
    rtt_ms, gain = only(own, "rtt_ms"), ratio(five, one).value
    lost, why = share(1 - 1 / gain), "with one each request waits for the ack of the one before"
    if not worthwhile(gain):
        lost, why = "hardly any", f"five are limited by {limit_words(only(five, 'limit'))}"
    return (
        f"At {rtt_ms:g} ms you lose {lost} of it. Five in flight carry {as_much(gain, 'one')},"
        f" {fast} records/s against {slow}: {why}. More than {times(law(rows)[rtt_ms])} times"
        " cannot be gained there: five requests share the way, and none of the time in the broker."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """Both depths, the gain and what it cannot exceed, at every distance."""
    gained, most, lines = gains(rows), law(rows), []
    for rtt_ms, of in rows.groupby("rtt_ms"):
        one, five = (pick(of, in_flight=depth) for depth in (ONE, FIVE))
        carried = [each["records_per_s"].mean() for each in (one, five)]
        gain = Interval(*gained.loc[rtt_ms, ["value", "low", "high"]])
        lines.append([rtt_ms, *carried, estimate(gain, ".2f"), most[rtt_ms], only(five, "limit")])
    heads = [Column("round trip", spec="g", unit=" ms"), *numbers("one", "five", "five / one")]
    heads += [Column("cannot exceed", spec=".2f"), *words("five limited by")]
    return [filled(f"Records/s of one and five in flight; {INTERVALS}", heads, lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """Records/s and their ratio over the distance."""
    gained, bound = gains(rows), law(rows)
    chart, (rates, times) = panels("", 2)
    for depth, producer in ((ONE, carrying(ONE)), (FIVE, carrying(FIVE))):
        of_depth = pick(rows, in_flight=depth)
        line(rates, of_depth, "rtt_ms", "records_per_s", producer, producer.name)
    log_axis(rates, "y")
    rates.set_ylabel("records per second, acknowledged")
    times.plot(bound.index, bound.to_numpy(), **LAW)
    band(times, gained.index.tolist(), gained, color=INK, label="gain of five")
    times.set(ylabel="gain of five over one, times", ylim=(0, FIVE + 0.6))
    for axes in (rates, times):
        log_axis(axes, "x")
        axes.set_xlabel("round-trip time in ms")
        mark(axes, only(pick(rows, yours=True), "rtt_ms"), "yours")
        label_ends(axes)
    note = "dashed: what the way and the time in the broker leave room for"
    entitle(chart, _title(gained["value"].sort_index()), note)
    return chart


def _title(gained: "pd.Series[float]") -> str:
    """What five gain nearest, and from where on they gain no less than farthest."""
    most = float(f"{gained.iloc[-1]:.1f}")
    near_ms, far_ms = gained.index[0], gained.index[gained.round(1) >= most][0]
    near = f"{gained[near_ms]:.1f} times at {near_ms:g} ms and " if far_ms > near_ms else ""
    far = f"{most:.1f} times from {far_ms:g} ms on"
    return f"Five in flight carry what one carries {near}{far}"


EXPERIMENT = Experiment(
    name="loss",
    question="How much throughput do I lose with max.in.flight.requests.per.connection=1?",
    aliases=("one-or-five",),
    about="latency round trip distance rtt pipelining speed rate records per second",
    points=points,
    measure=figures.row(figures.THROUGHPUT, "muted_ms"),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="the producer always has full batches to send, the path's delay does not vary, and"
    " all replicas stay in sync. With half-empty batches or a slow application one in flight loses"
    " less",
    smoke=lambda levels: float(levels["rtt_ms"]) in (1.0, 20.0),
)
