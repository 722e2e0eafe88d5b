"""Requests in flight against the distance: how many are enough, and why not more than five.

More than five only without idempotence. What a broker would find again of so many batches that are
all sent again is asked of the rule of its log itself, batch by batch.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from experiments.kit import figures
from experiments.kit.charts import annotate, band, label_ends, panels
from experiments.kit.estimates import only, pick, ratios
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.looks import BAD, GOOD, series_look, shades
from experiments.kit.replications import Contrast, Replications
from experiments.kit.style import INK
from experiments.kit.world import World, refusal
from model import Run
from model.broker.unified_log import BATCHES_REMEMBERED, UnifiedLog
from model.wire.batches import Numbers

DISTANCES_MS = (0.2, 1, 2, 5, 10, 50)
DEPTHS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
#: Ours: what is within so much of the most that any depth carries is enough.
ENOUGH = 0.95


def points(world: World) -> Iterator[Point]:
    """Every depth at every distance (one's own only, to answer in seconds), as fast as it can."""
    distances_ms = world.distances(DISTANCES_MS) if world.fine else [world.rtt_ms]
    for level in grid(rtt_ms=distances_ms, depth=DEPTHS):
        depth, idempotent = level["depth"], level["depth"] <= BATCHES_REMEMBERED
        yield Point(
            levels={**level, "idempotent": idempotent},
            beside={"refusal": "none" if idempotent else refusal(world.in_flight, depth, True)},
            scenario=world.at_capacity(world.in_flight(depth, idempotent), level["rtt_ms"]),
        )


def found_again(run: Run) -> int:
    """How many are known, of as many batches as may be in flight that are all sent again."""
    depth = run.scenario.producer.max_in_flight_requests_per_connection
    log, sent = UnifiedLog(), [Numbers(1, 0, number) for number in range(depth)]
    known = [log.append(batch, records=1, size_bytes=1_000).duplicate for batch in (*sent, *sent)]
    return sum(known)


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Each depth over one in flight, by distance; one itself is 1 by definition."""
    estimates = ratios(rows, "records_per_s", "depth", 1, ["rtt_ms"])
    one = estimates.drop_duplicates("rtt_ms").assign(depth=1, value=1.0, low=1.0, high=1.0)
    return pd.concat([one, estimates]).sort_values(["rtt_ms", "depth"], ignore_index=True)


def enough(of_distance: pd.DataFrame) -> int:
    """The smallest depth that carries nearly the most."""
    most = of_distance["value"].max()
    return int(of_distance.loc[of_distance["value"] >= ENOUGH * most, "depth"].min())


def answer(rows: pd.DataFrame) -> str:
    """What a broker would no longer notice; which depth is enough where, and what ends the gain."""
    parts = [_at(rows, float(str(rtt_ms)), of) for rtt_ms, of in gains(rows).groupby("rtt_ms")]
    forgotten = pick(rows, depth=rows["depth"].max()).iloc[0]
    return (
        f"Not more than {forgotten['found_again']}, because a broker remembers no more batches of a"
        f" producer in a partition: of {forgotten['depth']} that are sent again because their"
        " answers were lost it would write the others twice, and the client refuses it"
        f" ({forgotten['refusal']}). The fewest for {ENOUGH:.0%} of what any depth"
        f" carries: {'; '.join(parts)}."
    )


def _at(rows: pd.DataFrame, rtt_ms: float, of_distance: pd.DataFrame) -> str:
    """What is enough at one distance."""
    depth, deepest = enough(of_distance), of_distance["depth"].max()
    limit = only(pick(rows, rtt_ms=rtt_ms, depth=deepest), "limit")
    end = f"then the {limit} limits" if depth < deepest else "and no end yet"
    gain = only(pick(of_distance, depth=depth), "value")
    return f"{depth} at {rtt_ms:g} ms ({gain:.1f} times one in flight, {end})"


def draw(rows: pd.DataFrame) -> Figure:
    """Gain over the depth, a line for each distance; beside it what a broker finds again."""
    estimates = gains(rows)
    chart, (gained, found) = panels(_title(estimates), 2)
    distances = list(estimates.groupby("rtt_ms"))
    looks = shades([f"{float(str(rtt_ms)):g} ms" for rtt_ms, _ in distances])
    for (_, of), level in zip(distances, looks, strict=True):
        band(gained, of["depth"].tolist(), of, label=level.name, **series_look(level))
        best = pick(of, depth=enough(of))
        gained.plot(best["depth"], best["value"], "o", ms=12, mfc="none", mec=level.colour)
    gained.set_xlabel("requests in flight on the connection")
    gained.set_ylabel(f"records per second, times those of one;\ncircled: {ENOUGH:.0%} of the most")
    gained.set_ylim(bottom=0)
    _limit(gained, "idempotent up to here", 0.03)
    label_ends(gained, "round trip")
    found.bar(rows["depth"], rows["depth"], color=BAD, label="written twice")
    found.bar(rows["depth"], rows["found_again"], color=GOOD, label="found again")
    found.set(xlabel="batches in flight whose answers are lost, all sent again", ylabel="batches")
    _limit(found, "what a broker\nremembers", 0.6)
    found.legend(frameon=False, loc="upper left")
    for axis in (gained.xaxis, found.xaxis):
        axis.set_ticks(sorted(rows["depth"].unique()))
    found.yaxis.set_major_locator(MultipleLocator(BATCHES_REMEMBERED))
    return chart


def _limit(axes: Axes, words: str, height: float) -> None:
    """A line behind the last depth that may be idempotent, and what it is."""
    at = BATCHES_REMEMBERED + 0.5
    axes.axvline(at, ymax=0.78, color=INK, lw=1.8, zorder=4)
    where = {"xycoords": axes.get_xaxis_transform(), "weight": "bold", "va": "bottom"}
    annotate(axes, words, at, height, (5, 0), **where)


def _title(estimates: pd.DataFrame) -> str:
    """Where as many as may be idempotent are enough, and what more would carry elsewhere."""
    by_distance = estimates.groupby("rtt_ms")
    most, allowed = by_distance["value"].max(), pick(estimates, depth=BATCHES_REMEMBERED)
    more = most / allowed.set_index("rtt_ms")["value"]
    if more.max() * ENOUGH <= 1:
        return f"{BATCHES_REMEMBERED} in flight are enough, and all that idempotence allows"
    return (
        f"Idempotence allows {BATCHES_REMEMBERED} in flight, all that a broker remembers; at"
        f" {more.idxmax():g} ms more would carry {more.max():.1f} times as much"
    )


EXPERIMENT = Experiment(
    name="depth",
    question="How many requests in flight are enough, and why not more than 5?",
    aliases=("five", "more-than-five"),
    points=points,
    measure=figures.row(
        ("records_per_s", "bound_records_per_s", "in_flight_mean", "request_latency_ms", "limit"),
        found_again,
    ),
    replications=Replications(3, 12, Contrast("records_per_s", "depth", 1), 0.03),
    answer=answer,
    draw=draw,
    assumption="full batches and one partition; with more partitions a request carries more, and"
    " larger depths gain less before the connection's window or the broker ends it",
    rtt_ms=2.0,
    smoke=lambda levels: levels["rtt_ms"] == DISTANCES_MS[0] and float(levels["depth"]) <= 6,
)
