"""What errors do to order, duplicates and goodput, by depth and idempotence.

``error`` "nack": a request is answered NOT_LEADER_OR_FOLLOWER and not appended. "reset": the
connection is torn down with whatever is on its way. The times are drawn at random; ``schedule``
numbers the draw, and all producers meet the same times.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import binomtest

from experiments.kit import figures
from experiments.kit.charts import bars, entitle
from experiments.kit.estimates import CONFIDENCE, Interval, mean_of, only, pick
from experiments.kit.experiment import Experiment, Point, grid, whole
from experiments.kit.loads import short_queue
from experiments.kit.looks import look, look_of
from experiments.kit.replications import Replications
from experiments.kit.style import figure, quiet_grid
from experiments.kit.summaries import INTERVALS, estimate
from experiments.kit.tables import Table, filled, numbers, words
from experiments.kit.words import ALIKE, about, or_no, plain, share
from experiments.kit.world import World
from experiments.questions import trouble
from model import Fault, OpenLoop, ProducerConfig, Run, Saturating, Scenario
from model.streams import stream

SPAN_S = 20.0
#: Ours: one error is over before the next comes, or they would not add up.
APART_S = 0.3
#: Errors a minute and draws: in a sweep, and to answer in seconds.
RATES, SCHEDULES = (0, 6, 20, 60, 120), (1, 2, 3, 4, 5)
FEW_RATES, FEW_SCHEDULES = (0, 60), (1, 2)
#: Kinds of error, and what the chart calls them.
KINDS = {
    "nack": (trouble.request_refused, "a request is refused"),
    "reset": (trouble.connection_reset, "the connection is reset"),
}
#: Ours: so often is always.
CERTAIN = 0.995
PRODUCERS = trouble.PRODUCERS
ROOM = 1.2  # for the figure at the end of the longest bar
#: What is drawn, a panel each.
PANELS = {
    "displaced_each": "records out of order for each error",
    "duplicates_each": "duplicates for each error",
    "left": "rate that is left, % of that without errors",
}


def points(world: World) -> Iterator[Point]:
    """Every producer at every rate of errors; without errors all schedules are the same."""
    rates, schedules = (RATES, SCHEDULES) if world.fine else (FEW_RATES, FEW_SCHEDULES)
    errors_of = {"error": tuple(KINDS), "errors_per_minute": rates, "schedule": schedules}
    axes = grid(rtt_ms=(whole(world.rtt_ms),), **errors_of)
    for level, (depth, idempotent) in itertools.product(axes, PRODUCERS):
        rate, schedule = level["errors_per_minute"], level["schedule"]
        if rate or schedule == schedules[0]:
            draw, count = stream(world.seed - 1 + schedule, "errors"), round(rate * SPAN_S / 60)
            kind = KINDS[level["error"]][0]
            faults = trouble.faults_at_random(kind, draw, count, SPAN_S, APART_S)
            yield Point(
                levels={**level, "depth": depth, "idempotent": idempotent},
                scenario=_scenario(world, world.in_flight(depth, idempotent), faults),
            )


def _scenario(world: World, config: ProducerConfig, faults: tuple[Fault, ...]) -> Scenario:
    """A sweep is as fast as the producer can, an answer at the user's rate."""
    if world.fine:
        queue = short_queue(config, world.topic.partitions, config.max_request_size_bytes)
        busy = world.scenario(queue, Saturating())
    else:
        rate = world.calm_rate(trouble.MOST_PER_S)
        busy = world.scenario(config, OpenLoop(rate, world.arrivals))
    return replace(busy, faults=faults, warmup_s=trouble.BEFORE_S, measured_s=SPAN_S)


def errors(run: Run) -> int:
    """How many times something went wrong."""
    return len(run.scenario.faults)


def reordering_errors(run: Run) -> int:
    """After so many of them, and before the next, records came out of order."""
    times_s = [fault.at_s for fault in run.scenario.faults]
    return len({bisect_right(times_s, at_s) for at_s in _late_s(run)})


def _late_s(run: Run) -> Iterator[float]:
    """When records were first written after a higher number of their producer and partition."""
    highest: dict[tuple[int, int], int] = {}
    written: set[tuple[int, int, int]] = set()
    for row in run.appends:
        log = row.producer, row.partition
        last, before = row.first_record + row.records - 1, highest.get(log, -1)
        if last < before and (*log, last) not in written:
            yield row.appended_s
        highest[log] = max(last, before)
        written.add((*log, last))


def probability(rows: pd.DataFrame) -> Interval:
    """Of an error to put records out of order, with Wilson's interval."""
    hits, tried = int(rows["reordering_errors"].sum()), int(rows["errors"].sum())
    found = binomtest(hits, tried).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(hits / tried, float(found.low), float(found.high))


def answer(rows: pd.DataFrame) -> str:
    """How likely a refused request breaks order, who keeps it, and what errors cost in speed."""
    most = pick(rows, errors_per_minute=rows["errors_per_minute"].max())
    one, five, safe = (
        pick(most, error="nack", depth=depth, idempotent=idempotent)
        for depth, idempotent in ((1, False), (5, False), (5, True))
    )
    torn = pick(most, error="reset", depth=5, idempotent=False)
    chance, moved = probability(five).value, (five["displaced"] / five["errors"]).mean()
    return (
        f"{_how_likely(chance, moved)} {_torn(probability(torn).value)}"
        f" {_kept_by(probability(one).value, probability(safe).value)}"
        f" {_doubled(most)} {_speed(rows, only(most, 'errors_per_minute'))}"
    )


def _how_likely(chance: float, moved: float) -> str:
    """Of a refused request with five in flight and no idempotence."""
    if not chance:
        return "Not at all here: no refused request put records out of order."
    often = "practically always" if chance >= CERTAIN else f"in {share(chance)} of the cases"
    return (
        "It depends on the error: with five in flight and no idempotence a refused request puts"
        f" records out of order {often}, {about(moved)} each time."
    )


def _torn(chance: float) -> str:
    """Of a connection that is reset: what was on its way still arrives."""
    if chance:
        return f"A connection that is reset does so in {share(chance)} of the cases."
    return (
        "A connection that is reset never does: requests on their way still arrive and are written,"
        " so sending them again only duplicates. Where requests are lost before it goes, order"
        " breaks too (ask for `likelihood`)."
    )


def _kept_by(one: float, safe: float) -> str:
    """Who keeps order all the same."""
    names = {"one in flight": one, "idempotence": safe}
    keep = [name for name, chance in names.items() if not chance]
    lose = [f"{name} loses it in {share(chance)}" for name, chance in names.items() if chance]
    kept = f"Order is kept by {' and by '.join(keep)}" if keep else "Nobody keeps order always"
    return f"{'; '.join([kept, *lose])}."


def _doubled(most: pd.DataFrame) -> str:
    """The duplicates that errors make, with idempotence and without."""
    doubled = most.groupby(["idempotent", "error", "depth"])["duplicates_per_million"].mean()
    without, safe = doubled[False].max(), doubled[True].max()
    if not without:
        return "No error of these makes a duplicate."
    left = f"{or_no(safe)} with it" if safe else "none with it"
    rate = only(most, "errors_per_minute")
    return (
        f"Without idempotence {rate} errors a minute leave up to {plain(without)} duplicates in a"
        f" million records, {left}."
    )


def _speed(rows: pd.DataFrame, rate: int) -> str:
    """What is left of the rate of five in flight when so many requests a minute are refused."""
    refused = pick(rows, error="nack", depth=5)
    by = refused.groupby(["idempotent", "errors_per_minute"])["goodput_records_per_s"].mean()
    left = [by[idempotent, rate] / by[idempotent, 0] for idempotent in (True, False)]
    if min(left) >= 1 - ALIKE:
        return "Speed does not suffer: the rate stays what it is without errors."
    with_it, without = map(share, left)
    why = ", for what is behind a refused batch is refused too" if left[0] < left[1] else ""
    return (
        f"It costs speed: {with_it} of the rate is left with idempotence, {without} without"
        f" it{why}."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """What the most errors do to each producer."""
    most, lines = pick(rows, errors_per_minute=rows["errors_per_minute"].max()), []
    for (kind, depth, idempotent), of in most.groupby(["error", "depth", "idempotent"], sort=False):
        figures_of = (*trouble.HARM, "goodput_records_per_s")
        harm = (estimate(mean_of(of, column)) for column in figures_of)
        chance = estimate(probability(of), ".2f")
        lines.append([KINDS[str(kind)][1], depth, "yes" if idempotent else "no", chance, *harm])
    heads = [*words("error"), *numbers("in flight"), *words("idempotent")]
    heads += numbers("share that breaks order", "duplicates per million", "out of order")
    caption = f"At {only(most, 'errors_per_minute')} errors a minute"
    return [filled(f"{caption}; {INTERVALS}", [*heads, *numbers("acknowledged/s")], lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """A row for each kind of error: harm for each error, and the rate that is left."""
    found, kinds = per_error(rows), list(rows["error"].unique())
    chart = figure(14.0, 1.4 + 2.3 * len(kinds))
    axes_of = chart.subplots(len(kinds), len(PANELS), sharex="col", squeeze=False)
    for across, kind in zip(axes_of, kinds, strict=True):
        for axes, column in zip(across, PANELS, strict=True):
            quiet_grid(axes)
            values = [
                (look(*who).name, mean_of(of, column))
                for who in PRODUCERS
                if len(of := pick(found, error=kind, depth=who[0], idempotent=who[1]))
            ]
            bars(axes, values, [look_of(name).colour for name, _ in values])
            if axes is not across[0]:
                axes.set_yticklabels([])
        across[0].set_title(f"each time {KINDS[kind][1]}")
    for axes, (column, label) in zip(axes_of[-1], PANELS.items(), strict=True):
        axes.set_xlabel(label)
        axes.set_xlim(0, ROOM * max(1.0, found[column].max()))
    entitle(chart, _title(found), _note(rows))
    return chart


def per_error(rows: pd.DataFrame) -> pd.DataFrame:
    """Where errors are most frequent: harm for each, and the rate in % of that without errors."""
    producer = ["error", "depth", "idempotent"]
    calm = pick(rows, errors_per_minute=0).groupby(producer)["goodput_records_per_s"].mean()
    often = pick(rows, errors_per_minute=rows["errors_per_minute"].max())
    often = often.join(calm.rename("calm"), on=producer)
    return often.assign(
        displaced_each=often["displaced"] / often["errors"],
        duplicates_each=often["duplicates"] / often["errors"],
        left=100 * often["goodput_records_per_s"] / often["calm"],
    )


def _title(found: pd.DataFrame) -> str:
    """What idempotence takes away, and what it costs where it costs most."""
    safe, plain_five = (pick(found, depth=5, idempotent=is_on) for is_on in (True, False))
    left, without = (of.groupby("error")["left"].mean() for of in (safe, plain_five))
    kind = str(left.idxmin())
    harm = ["displaced_each", "duplicates_each"]
    moved, doubled = pick(found, idempotent=False)[harm].max()
    takes = "most of it" if safe[harm].any(axis=None) else "all of it"
    return (
        f"An error puts up to {moved:.0f} records out of order or doubles up to {doubled:.0f};"
        f" idempotence takes {takes} away and leaves {left[kind]:.0f} % of the rate instead of"
        f" {without[kind]:.0f} %"
    )


def _note(rows: pd.DataFrame) -> str:
    """At which distance and rate of errors, and why harm is told for each of them."""
    two, five = (
        pick(rows, error="nack", depth=depth, idempotent=False)["displaced_per_million"].mean()
        for depth in (2, 5)
    )
    where = (
        f"{only(rows, 'rtt_ms'):g} ms round trip, {rows['errors_per_minute'].max()} errors a minute"
    )
    slower = (
        ". Of a million records two in flight put more out of order than five, as they carry fewer"
        " records from one error to the next"
    )
    return where + (slower if two > five else "")


EXPERIMENT = Experiment(
    name="errors",
    question="How likely is reordering with 5 in flight, and what do errors do besides?",
    aliases=("reordering",),
    about="order ordering not_leader_or_follower retriable disconnect reset retry",
    points=points,
    measure=figures.row(
        *(*trouble.HARM, "goodput_records_per_s", "duplicates", "displaced", "failed"),
        *("records_per_request", errors, reordering_errors),
    ),
    # the schedules are the replications
    replications=Replications(fewest=1, most=1),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="what a retry does is decided by the leader alone",
    assumption="errors come one at a time, at random, while requests are in flight: in a sweep"
    " those of a producer as fast as it can, otherwise what your rate, distance and linger put"
    " there",
    smoke=lambda at: at["schedule"] == 1 and at["errors_per_minute"] in (0, RATES[-1]),
)
