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
from experiments.kit.summaries import INTERVALS, estimate_of
from experiments.kit.tables import Column, Table, filled, numbers, words
from experiments.kit.words import limit_words, share, times
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
    remembered = pick(rows, depth=rows["depth"].max())["found_again"].iloc[0]
    return (
        f"Not more than {remembered}, because a broker remembers no more batches of a producer in"
        " each partition. What is older it would write twice when it is sent again, so a client"
        " with idempotence refuses to start."
        f" {_enough(rows)}"
    )


def _enough(rows: pd.DataFrame) -> str:
    """Where so many are enough, and where more would carry more."""
    found = {float(str(rtt_ms)): of for rtt_ms, of in gains(rows).groupby("rtt_ms")}
    near = {rtt_ms: enough(of) for rtt_ms, of in found.items() if enough(of) <= BATCHES_REMEMBERED}
    far = {rtt_ms: _beyond(of) for rtt_ms, of in found.items() if rtt_ms not in near}
    sentences = []
    if near:
        (rtt_ms, depth), deepest = next(iter(near.items())), rows["depth"].max()
        limit = limit_words(only(pick(rows, rtt_ms=rtt_ms, depth=deepest), "limit"))
        also = f", and {max(near.values())} up to {max(near):g} ms" if len(near) > 1 else ""
        sentences.append(f"At {rtt_ms:g} ms {depth} are enough{also}: what limits then is {limit}.")
    if far:
        onwards = "From {:g} ms on" if far.keys() != {max(found)} else "At {:g} ms"
        sentences.append(
            f"{onwards.format(min(far))} five are not enough: more would carry up to"
            f" {times(max(far.values()))} times as much, which idempotence does not allow. Make"
            " batches larger instead."
        )
    return " ".join(sentences)


def _beyond(of_distance: pd.DataFrame) -> float:
    """The most that any depth carries, over what the largest idempotent one does."""
    allowed = of_distance[of_distance["depth"] <= BATCHES_REMEMBERED]
    return float(of_distance["value"].max() / allowed["value"].max())


def tables(rows: pd.DataFrame) -> list[Table]:
    """What is enough at each distance, what it gains, and what any depth gains."""
    lines = []
    for rtt_ms, of in gains(rows).groupby("rtt_ms"):
        best = pick(of, depth=enough(of)).iloc[0]
        five = pick(of, depth=min(of["depth"].max(), BATCHES_REMEMBERED)).iloc[0]
        limit = only(pick(rows, rtt_ms=rtt_ms, depth=rows["depth"].max()), "limit")
        gained = (estimate_of(each, ".2f") for each in (best, five))
        lines.append([rtt_ms, best["depth"], *gained, of["value"].max(), limit])
    heads = [Column("round trip", spec="g", unit=" ms")]
    heads += numbers("enough", "gain of that", "gain of five")
    heads += [Column("most of any", spec=".2f"), *words("then limited by")]
    caption = f"The fewest in flight that carry {share(ENOUGH)} of what any number does, over one"
    return [filled(f"{caption}; {INTERVALS}", heads, lines)]


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
    about="five batches remembered sequence number pipelining throughput",
    points=points,
    measure=figures.row(
        ("records_per_s", "bound_records_per_s", "in_flight_mean", "request_latency_ms", "limit"),
        found_again,
    ),
    replications=Replications(3, 12, Contrast("records_per_s", "depth", 1), 0.03),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="full batches. With more partitions a request carries more, and more in flight"
    " gain less before the sockets or the broker end it",
    rtt_ms=2.0,
    smoke=lambda levels: levels["rtt_ms"] == DISTANCES_MS[0] and float(levels["depth"]) <= 6,
)
