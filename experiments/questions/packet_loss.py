"""What packet loss leaves of the gain of five requests in flight.

Segments are lost by themselves, both ways, at random and at one rate: what a congested or wireless
path does in bursts is left out. Measured points beside the lines are of a real Kafka, as
``experiments/validation/measured/README.md`` says.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import band, entitle, label_ends, log_axis, panels
from experiments.kit.estimates import only, pick, ratios
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import over_seconds
from experiments.kit.looks import shades
from experiments.kit.measured import number, read_rows, rows_of, settings_of
from experiments.kit.replications import Replications
from experiments.kit.style import INK
from experiments.kit.summaries import INTERVALS, estimate_of
from experiments.kit.tables import Column, Table, filled, numbers, words
from experiments.kit.words import as_much, limit_words, plain, share, times
from experiments.kit.world import World
from model import Scenario
from model.units import seconds

ONE, FIVE = 1, 5
DISTANCES_MS = (2.0, 10.0, 50.0)
LOST_PERCENT = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0)
#: Loss rates to answer in seconds, of the user's own distance alone.
FEW_LOST_PERCENT = (0.0, 0.1, 1.0)
HUNDREDTH = 1.0
#: Ours: round trips in which a lone producer meets enough losses, within reason.
ROUND_TRIPS_PER_LOSS, LEAST_ROUND_TRIPS, MOST_ROUND_TRIPS = 5, 400, 2_500
WARMUP_ROUND_TRIPS = 200
#: Where nothing is lost on a logarithmic axis, in percent.
NOTHING_AT = 0.05
MEASURED = Path(__file__).parents[1] / "validation" / "measured" / "loss_segments.csv"


def points(world: World) -> Iterator[Point]:
    """One and five in flight at every loss rate and distance, as fast as they can."""
    lost_percent = LOST_PERCENT if world.fine else FEW_LOST_PERCENT
    distances_ms = world.distances(DISTANCES_MS) if world.fine else [world.rtt_ms]
    for level in grid(rtt_ms=distances_ms, lost_percent=lost_percent, in_flight=(ONE, FIVE)):
        rtt_ms, depth = level["rtt_ms"], level["in_flight"]
        config = world.in_flight(depth, idempotent=depth == FIVE)
        yield Point(
            levels=level,
            beside={"yours": rtt_ms == world.rtt_ms},
            scenario=_lossy(world.at_full_load(config, rtt_ms), level["lost_percent"] / 100),
        )


def _lossy(scenario: Scenario, loss: float) -> Scenario:
    """The scenario over a path that loses so many packets, for long enough to meet them."""
    if not loss:
        return scenario
    round_trips = min(MOST_ROUND_TRIPS, max(LEAST_ROUND_TRIPS, ROUND_TRIPS_PER_LOSS / loss))
    rtt_s = seconds(scenario.path.rtt_ms)
    lossy = replace(scenario, path=replace(scenario.path, loss=loss))
    return over_seconds(lossy, WARMUP_ROUND_TRIPS * rtt_s, round_trips * rtt_s)


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Estimates of five over one at every distance and loss rate, paired by replication."""
    return ratios(rows, "records_per_s", "in_flight", ONE, ["rtt_ms", "lost_percent"])


@cache
def measured_gains() -> tuple[tuple[float, float, float], ...]:
    """Distance in ms, percent lost and gain of five over one, of a real Kafka."""
    rates: dict[tuple[float, float], dict[str, float]] = {}
    for row in rows_of(read_rows(MEASURED, ["rtt_us", "loss", "settings", "records_per_s"])):
        at = number(row, "rtt_us") / 1e3, 100 * number(row, "loss")
        depth = settings_of(row["settings"])["max.in.flight.requests.per.connection"]
        rates.setdefault(at, {})[depth] = number(row, "records_per_s")
    return tuple((*at, of["5"] / of["1"]) for at, of in sorted(rates.items()))


def answer(rows: pd.DataFrame) -> str:
    """What is left of the gain where one packet in a hundred is lost, and what both carry."""
    own = pick(rows, yours=True)
    gained = gains(own).set_index("lost_percent")["value"].sort_index()
    calm, lossy = gained.iloc[0], gained[HUNDREDTH]
    one, five = (_carried(own, depth) for depth in (ONE, FIVE))
    limit = limit_words(only(pick(own, in_flight=FIVE, lost_percent=HUNDREDTH), "limit"))
    return (
        f"Where one packet in a hundred is lost five in flight carry {as_much(lossy, 'one')},"
        f" and where none is {times(calm)}. At {only(own, 'rtt_ms'):g} ms five then carry"
        f" {plain(five[HUNDREDTH])} records/s,"
        f" {share(five[HUNDREDTH] / five.iloc[0])} of what they carry without a loss, and one"
        f" {plain(one[HUNDREDTH])}, {share(one[HUNDREDTH] / one.iloc[0])} of its own. Each loss"
        " takes three tenths of TCP's congestion window, which grows again by half a segment a"
        " round trip: it bounds the bytes on their way, in however many requests they are. What"
        f" limits five is {limit}."
    )


def _carried(rows: pd.DataFrame, depth: int) -> "pd.Series[float]":
    """Mean records/s of one depth by percent lost."""
    of_depth = pick(rows, in_flight=depth)
    return of_depth.groupby("lost_percent")["records_per_s"].mean().sort_index()


def tables(rows: pd.DataFrame) -> list[Table]:
    """Both depths and the gain at every distance and loss rate."""
    lines = []
    for _, gained in gains(rows).sort_values(["rtt_ms", "lost_percent"]).iterrows():
        at = {level: gained[level] for level in ("rtt_ms", "lost_percent")}
        of = pick(rows, **at)
        one, five = (pick(of, in_flight=depth) for depth in (ONE, FIVE))
        carried = [each["records_per_s"].mean() for each in (one, five)]
        gain = estimate_of(gained, ".2f")
        lines.append([*at.values(), *carried, gain, only(five, "limit")])
    heads = [Column("round trip", spec="g", unit=" ms"), Column("lost", spec="g", unit=" %")]
    heads += [*numbers("one", "five", "five / one"), *words("five limited by")]
    return [filled(f"Records/s of one and five in flight; {INTERVALS}", heads, lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """The gain over the loss rate, a line for each distance, and what was measured."""
    gained = gains(rows)
    chart, (axes,) = panels("", 1, width=7.4)
    distances_ms = sorted(gained["rtt_ms"].unique())
    looks = shades([f"{rtt_ms:g} ms" for rtt_ms in distances_ms])
    colours = {}
    for rtt_ms, look in zip(distances_ms, looks, strict=True):
        of = pick(gained, rtt_ms=rtt_ms).sort_values("lost_percent")
        at = of["lost_percent"].clip(lower=NOTHING_AT).tolist()
        band(axes, at, of, color=look.colour, marker=look.marker, label=look.name)
        colours[rtt_ms] = look.colour
    measured = measured_gains()
    rings = sorted({rtt_ms for rtt_ms, _, _ in measured}, reverse=True)  # nearer ones around them
    for rtt_ms, lost_percent, gain in measured:
        ring: dict[str, Any] = {
            "mfc": "none",
            "mec": colours.get(rtt_ms, INK),
            "mew": 2.2,
            "zorder": 6,
        }
        axes.plot(lost_percent, gain, "o", ms=11 + 6 * rings.index(rtt_ms), **ring)
    log_axis(axes, "x")
    axes.set_xticks(
        [NOTHING_AT, *LOST_PERCENT[1:]], ["none", *(f"{level:g}" for level in LOST_PERCENT[1:])]
    )
    axes.set(xlabel="packets lost, %, each way", ylim=(0, FIVE + 1.6))
    axes.set_ylabel("gain of five over one, times")
    label_ends(axes)
    entitle(chart, _title(rows), "rings: measured with a real Kafka, at 10 and 50 ms")
    return chart


def _title(rows: pd.DataFrame) -> str:
    """The gain at the user's distance without a loss and with the most."""
    own = pick(rows, yours=True)
    gained = gains(own).sort_values("lost_percent")
    first, last = gained.iloc[0], gained.iloc[-1]
    return (
        f"At {only(own, 'rtt_ms'):g} ms five in flight carry {first['value']:.1f} times what one"
        f" carries, and {last['value']:.1f} times where {last['lost_percent']:g} % of packets are"
        " lost"
    )


EXPERIMENT = Experiment(
    name="packet_loss",
    question="What does packet loss leave of the gain of five requests in flight?",
    aliases=("lossy", "congestion"),
    about="retransmission tcp congestion window cubic rto wan wireless network drops throughput",
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    replications=Replications(5, 5),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="what is asked is lost between the producer and the leader",
    assumption="the producer always has full batches to send; packets are lost one by one at"
    " random, as many on the way back, and none by congestion that the producer makes itself;"
    " both hosts run Linux with CUBIC",
    rtt_ms=10.0,
    smoke=lambda levels: levels["rtt_ms"] == 10.0 and levels["lost_percent"] in (0.0, 1.0),
    as_given=True,
)
