"""Where five requests in flight pay: the round trip against the time in the broker.

The broker's constants keep the proportions that were fitted, so also how much of them is random.
The law beside it is 1 + Z/S with Z the round-trip time alone: whatever else a round takes outside
the broker (the client's work, waking up) makes five in flight pay earlier.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.ndimage import zoom

from experiments.kit import figures
from experiments.kit.charts import entitle, log_axis, mark
from experiments.kit.estimates import only, pick, ratios, widest
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import full_request
from experiments.kit.looks import MORE
from experiments.kit.replications import Contrast, Replications
from experiments.kit.style import INK, figure
from experiments.kit.summaries import INTERVALS, estimate_of
from experiments.kit.tables import Column, Table, filled, numbers
from experiments.kit.words import as_much
from experiments.kit.world import TYPICAL_MS, World
from model import MachineConfig

ONE, FIVE = 1, 5
DISTANCES_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
IN_BROKER_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
#: A map with fewer levels, to answer in seconds.
FEW_DISTANCES_MS, FEW_IN_BROKER_MS = (0.1, 1, 10, 100), (0.1, 1, 10)
GAINS = (1.05, 1.5, 2.0, 4.0)
HALF_MORE, TWICE = GAINS[1], GAINS[2]
FINER = 8


def points(world: World) -> Iterator[Point]:
    """One and five in flight at every distance and time in the broker, as fast as they can."""
    fitted_ms = full_request(world.at_capacity(world.in_flight(FIVE, True))).service_s * 1e3
    own_ms = float(f"{fitted_ms:.2g}")
    in_broker_ms = IN_BROKER_MS if world.fine else sorted({*FEW_IN_BROKER_MS, own_ms})
    distances_ms = world.distances(DISTANCES_MS if world.fine else FEW_DISTANCES_MS)
    for level in grid(rtt_ms=distances_ms, in_broker_ms=in_broker_ms, depth=(ONE, FIVE)):
        machine = slower_broker(world.machine, level["in_broker_ms"] / fitted_ms)
        config = world.in_flight(level["depth"], world.own.enable_idempotence)
        yield Point(
            levels=level,
            beside={"own_rtt_ms": world.rtt_ms, "own_in_broker_ms": own_ms},
            scenario=replace(world, machine=machine).at_capacity(config, level["rtt_ms"]),
        )


def slower_broker(machine: MachineConfig, times: float) -> MachineConfig:
    """The machine with a broker that takes so many times as long."""
    costs = (f"broker_{part}_us" for part in ("request", "batch", "byte", "tail", "stall"))
    return replace(machine, **{cost: getattr(machine, cost) * times for cost in costs})


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Five in flight over one, everywhere, with intervals."""
    return ratios(rows, "records_per_s", "depth", ONE, ["rtt_ms", "in_broker_ms"])


def answer(rows: pd.DataFrame) -> str:
    """How short the broker's time has to be for five to pay, and what they gain by distance."""
    of_broker = like_own(rows)
    near, far = (of_broker.iloc[place] for place in (0, -1))
    return (
        f"{_where(gains(rows))} Five overlap the way, and never the broker's work on one"
        f" connection. Your full requests take {only(rows, 'own_in_broker_ms'):g} ms there; with"
        f" {near['in_broker_ms']:g}, the nearest that was looked at, five carry"
        f" {as_much(near['value'], 'one')} even at {near['rtt_ms']:g} ms. At {far['rtt_ms']:g} ms"
        f" they carry {as_much(far['value'], 'one')}."
    )


def _where(estimates: pd.DataFrame) -> str:
    """Where five carry half as much again."""
    worked = (estimates["in_broker_ms"] / estimates["rtt_ms"]).round(6)
    least = estimates["value"].groupby(worked).min().sort_index()
    everywhere = least[(least >= HALF_MORE).cummin()]
    if everywhere.empty:
        return "Nowhere that was looked at do they always carry half as much again."
    return (
        "Where the broker's work on a request takes at most"
        f" {float(str(everywhere.index[-1])):.2g} times the round trip: there five carry at least"
        " half as much again as one. Very near they do with longer work too, for the client's own"
        " work is overlapped as the way is."
    )


def like_own(rows: pd.DataFrame) -> pd.DataFrame:
    """The gains at every distance, of the broker that is most like the user's."""
    estimates, own_ms = gains(rows), float(only(rows, "own_in_broker_ms"))
    in_broker_ms = min(estimates["in_broker_ms"], key=lambda ms: abs(float(ms) - own_ms))
    return pick(estimates, in_broker_ms=in_broker_ms).sort_values("rtt_ms")


def tables(rows: pd.DataFrame) -> list[Table]:
    """The gain by distance, of the broker that is most like the user's."""
    of_broker = like_own(rows)
    lines = [[row["rtt_ms"], estimate_of(row, ".2f")] for _, row in of_broker.iterrows()]
    heads = [Column("round trip", spec="g", unit=" ms"), *numbers("five / one")]
    caption = f"With {of_broker['in_broker_ms'].iloc[0]:g} ms in the broker for a request"
    return [filled(f"{caption}; {INTERVALS}", heads, lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """The map on logarithmic axes: contours of the gain, and the law's beside them."""
    estimates = gains(rows)
    rtt_ms, in_broker_ms, gain = _smooth(estimates)
    chart = figure(8.4, 6.2)
    axes = chart.subplots()
    edges = [min(0.9, gain.min()), *GAINS, max(6.0, gain.max())]
    axes.contourf(rtt_ms, in_broker_ms, gain, levels=edges, colors=MORE)
    for least in GAINS:  # where 1 + RTT/S is this gain
        axes.plot(rtt_ms, rtt_ms / (least - 1), color=INK, lw=1.1, ls=":")
    contours = axes.contour(rtt_ms, in_broker_ms, gain, levels=GAINS, colors=[INK], linewidths=1.6)
    axes.set(xlim=rtt_ms[[0, -1]], ylim=in_broker_ms[[0, -1]])
    for which in "xy":
        log_axis(axes, which)
    axes.clabel(contours, fmt={least: f"+{100 * (least - 1):.0f} %" for least in GAINS})
    for name, at_ms in TYPICAL_MS.items():
        if rtt_ms.min() <= at_ms <= rtt_ms.max():
            mark(axes, at_ms, name)
    own = float(only(rows, "own_rtt_ms")), float(only(rows, "own_in_broker_ms"))
    axes.plot(*own, "o", color=INK, ms=8, mec="white", clip_on=False)
    axes.annotate("yours", own, (8, 7), textcoords="offset points", weight="bold")
    for words, place in (("no gain", (0.03, 0.96)), (_most(estimates), (0.97, 0.05))):
        sides: dict[str, Any] = {
            "ha": "left" if place[0] < 0.5 else "right",
            "va": "center",
            "weight": "bold",
        }
        axes.text(*place, words, transform=axes.transAxes, size=13, **sides)
    axes.set_xlabel("RTT: round-trip time in ms")
    axes.set_ylabel("S: time of a request in the broker in ms")
    known = f"known to ±{100 * widest(estimates):.1f} % or better (95 %)"
    entitle(chart, _title(estimates, own), f"solid: simulated; dotted: the law 1 + RTT/S; {known}")
    return chart


def _most(estimates: pd.DataFrame) -> str:
    """What five in flight gain where they gain most, in words where it is a whole number."""
    most = estimates["value"].max()
    return "five times" if round(most, 1) == FIVE else f"{most:.1f} times"


def _title(estimates: pd.DataFrame, own: tuple[float, float]) -> str:
    """From which distance on five gain much, for a broker like the user's."""
    near = min(estimates["in_broker_ms"], key=lambda at_ms: abs(math.log(float(at_ms) / own[1])))
    paying = pick(estimates, in_broker_ms=near)
    twice_ms = paying.loc[paying["value"] >= TWICE, "rtt_ms"].min()
    if math.isnan(twice_ms):
        return "Five in flight nowhere carry twice what one carries: the broker's work takes longer"
    return (
        f"With {near:g} ms in the broker five in flight carry twice as much as one from"
        f" {twice_ms:g} ms on: the longer the way, the more they gain"
    )


def _smooth(estimates: pd.DataFrame) -> list[np.ndarray]:
    """The gains on a finer grid: contours are straight where gains are, on logarithmic axes."""
    table = estimates.pivot(index="in_broker_ms", columns="rtt_ms", values="value")
    logs = [np.log(of.to_numpy(dtype=float)) for of in (table.columns, table.index, table)]
    return [np.exp(zoom(of, FINER, order=1)) for of in logs]


EXPERIMENT = Experiment(
    name="breakeven",
    question="Where do five requests in flight pay, by round-trip time and time in the broker?",
    aliases=("map",),
    about="latency throughput distance rtt near lan",
    points=points,
    measure=figures.row(
        "records_per_s", "bound_records_per_s", "service_ms", "request_latency_ms", "limit"
    ),
    replications=Replications(3, 9, Contrast("records_per_s", "depth", ONE), 0.05),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="time in the broker is what is varied, and waiting for replicas is such time",
    assumption="full batches on one connection, on which the broker works on one request after"
    " the other; its time for one is as random as it was measured",
    rtt_ms=2,
    smoke=lambda levels: {levels["rtt_ms"], levels["in_broker_ms"]} <= {0.2, 2},
)
