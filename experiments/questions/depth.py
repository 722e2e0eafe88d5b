"""Requests in flight against the distance: how many are enough, and why not more than five.

More than five only without idempotence. What a broker would find again of so many batches that are
all sent again is asked of the rule of its log itself, batch by batch.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from experiments.kit import figures
from experiments.kit.charts import COLOURS, band, entitle, label_ends
from experiments.kit.estimates import pick, ratios
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.replications import Contrast, Levels, Replications
from experiments.kit.style import FAINT, figure, quiet_grid
from experiments.kit.world import World, refusal
from model import Run
from model.broker.unified_log import BATCHES_REMEMBERED, UnifiedLog
from model.wire.batches import Numbers

DISTANCES_MS = (0.2, 1, 2, 5, 10, 50)
DEPTHS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
#: Ours: what is within so much of the most that any depth carries is enough.
ENOUGH = 0.95
RECORD_BYTES = 1_000  # of the batches that are sent again; the rule does not look at it


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
    for numbers in sent:
        log.append(numbers, records=1, size_bytes=RECORD_BYTES)
    return sum(log.append(number, records=1, size_bytes=RECORD_BYTES).duplicate for number in sent)


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Each depth over one in flight, by distance; one itself is 1 by definition."""
    estimates = ratios(rows, "records_per_s", "depth", 1, ["rtt_ms"])
    one = pd.DataFrame({"rtt_ms": estimates["rtt_ms"].unique(), "depth": 1})
    one[["value", "low", "high"]] = 1.0
    return pd.concat([one, estimates]).sort_values(["rtt_ms", "depth"], ignore_index=True)


def enough(of_distance: pd.DataFrame) -> int:
    """The smallest depth that carries nearly the most."""
    most = of_distance["value"].max()
    return int(of_distance.loc[of_distance["value"] >= ENOUGH * most, "depth"].min())


def answer(rows: pd.DataFrame) -> str:
    """Which depth is enough where and what ends the gain; what a broker would no longer notice."""
    estimates, deepest = gains(rows), int(rows["depth"].max())
    parts = [_at(rows, float(str(rtt_ms)), of) for rtt_ms, of in estimates.groupby("rtt_ms")]
    sentence = (
        f"The fewest requests in flight that carry {100 * ENOUGH:.0f} % of the most that any of 1"
        f" to {deepest} carries, with their gain over one: {'; '.join(parts)}."
    )
    forgotten = pick(rows, depth=deepest).iloc[0]
    if deepest == forgotten["found_again"]:
        return sentence
    known = int(rows.loc[rows["found_again"] == rows["depth"], "depth"].max())
    return (
        f"Not more than {known}, because a broker remembers the last {known} batches of a producer"
        f" in a partition: of {deepest} that are sent again because their answers were lost it"
        f" would write {deepest - forgotten['found_again']} twice, and the client refuses it"
        f" ({forgotten['refusal']}). {sentence}"
    )


def _at(rows: pd.DataFrame, rtt_ms: float, of_distance: pd.DataFrame) -> str:
    """What is enough at one distance."""
    depth, deepest = enough(of_distance), of_distance["depth"].max()
    limit = pick(rows, rtt_ms=rtt_ms, depth=deepest)["limit"].mode().iloc[0]
    gain = pick(of_distance, depth=depth)["value"].iloc[0]
    end = f"then the {limit} limits" if depth < deepest else "and no end yet"
    return f"{depth} at {rtt_ms:g} ms ({gain:.1f} times, {end})"


def draw(rows: pd.DataFrame) -> Figure:
    """Gain over the depth, a line for each distance; beside it what a broker finds again."""
    chart = figure(11.6, 5.2)
    gained, found = chart.subplots(1, 2, width_ratios=(2.2, 1))
    _gains(gained, gains(rows))
    _found(found, rows.drop_duplicates("depth").sort_values("depth"))
    entitle(
        chart,
        "More in flight gains until something else limits; five is what a broker remembers",
        "circled: enough for 95 % of the most; dotted: in proportion; bands: 95 % intervals",
    )
    return chart


def _gains(axes: Axes, estimates: pd.DataFrame) -> None:
    quiet_grid(axes)
    deepest = float(estimates["depth"].max())
    for colour, (rtt_ms, of) in zip(COLOURS, estimates.groupby("rtt_ms"), strict=False):
        label = f"{float(str(rtt_ms)):g} ms"
        band(axes, of["depth"].tolist(), of, color=colour, label=label)
        best = pick(of, depth=enough(of)).iloc[0]
        axes.plot(best["depth"], best["value"], "o", ms=12, mfc="none", mec=colour, mew=1.6)
    axes.plot([1, deepest], [1, deepest], color=FAINT, lw=0.9, ls=":", scalex=False, scaley=False)
    axes.set_xlim(0.8, deepest)
    axes.set_ylim(0, float(estimates["high"].max()) * 1.05)
    axes.xaxis.set_major_locator(MultipleLocator(5 if deepest > 10 else 1))
    axes.set_xlabel("requests in flight on the connection")
    axes.set_ylabel("records per second, over one in flight")
    label_ends(axes, "round trip")


def _found(axes: Axes, rows: pd.DataFrame) -> None:
    """Of so many batches sent again, those found again and those written twice."""
    at = rows["depth"].astype(float)
    axes.bar(at, rows["found_again"], color=COLOURS[0], label="found again")
    twice = rows["depth"] - rows["found_again"]
    axes.bar(at, twice, bottom=rows["found_again"], color=COLOURS[1], label="written twice")
    axes.set_xlabel("batches in flight whose answers\nare lost, all sent again")
    axes.set_ylabel("batches")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, loc="upper left")


def _smoke(levels: Levels) -> bool:
    return levels["rtt_ms"] == DISTANCES_MS[0] and float(levels["depth"]) <= BATCHES_REMEMBERED


EXPERIMENT = Experiment(
    name="depth",
    question="How many requests in flight are enough, and why not more than 5?",
    aliases=("five", "more-than-five"),
    points=points,
    measure=figures.row(
        "records_per_s",
        "bound_records_per_s",
        "in_flight_mean",
        "request_latency_ms",
        "limit",
        found_again,
    ),
    replications=Replications(3, 12, Contrast("records_per_s", "depth", 1), 0.03),
    answer=answer,
    draw=draw,
    assumption="full batches and one partition; with more partitions a request carries more, and"
    " larger depths gain less before the connection's window or the broker ends it",
    rtt_ms=2.0,
    smoke=_smoke,
)
