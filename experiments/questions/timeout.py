"""request.timeout.ms too short for the link, or for the queue at a slow broker.

For a while the broker takes as long for a request as the round trip: a request that is the last of
five in flight then takes six times as long as the path.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import entitle, label_ends, line, log_axis, mark, panels
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import full_request
from experiments.kit.replications import Levels
from experiments.kit.style import look
from experiments.kit.words import ms, plain, share, within
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S
from model import Fault, OpenLoop, Run

#: request.timeout.ms in round trips of a lone request.
TIMEOUTS = (0.8, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0)
SLOW_FROM_S, SPAN_S, AFTER_S = 0.5, 2.0, 3.0
#: Ours: the least that a slow broker's time for a request is, in ms.
LEAST_MS = 1.0
#: Ours: with fewer of the records acknowledged nothing works.
ALIVE = 0.5


def points(world: World) -> Iterator[Point]:
    """Every timeout, at the user's depth, idempotent and not."""
    rate = world.calm_rate(MOST_PER_S)
    depth = min(5, world.own.max_in_flight_requests_per_connection)
    sends = OpenLoop(rate, world.arrivals, max(1, round(rate * SPAN_S)))
    round_ms, slow_ms = _round_ms(world), max(LEAST_MS, world.rtt_ms)
    for level in grid(rounds=TIMEOUTS, idempotent=(True, False)):
        timeout_ms = level["rounds"] * round_ms
        config = replace(world.in_flight(depth, level["idempotent"]), request_timeout_ms=timeout_ms)
        yield Point(
            levels=level,
            beside={
                "timeout_ms": timeout_ms,
                "rtt_ms": world.rtt_ms,
                "rate_per_s": rate,
                "round_ms": round_ms,
                "own_ms": world.own.request_timeout_ms,
                "in_flight": depth,
                "queue_ms": world.rtt_ms + depth * slow_ms,
            },
            scenario=world.in_trouble(
                config, (_slow_broker(world, slow_ms),), sends, SPAN_S + AFTER_S
            ),
        )


def _round_ms(world: World) -> float:
    """Closed form: round trip, work of broker and client, the longest wake-up."""
    scenario, machine = world.at_full_load(world.own), world.machine
    wake_s = machine.wake_s(scenario.path.rtt_s)
    work_s = full_request(scenario).service_s + machine.client_request_us / 1e6
    return (scenario.path.rtt_s + work_s + wake_s) * 1e3


def _slow_broker(world: World, slow_ms: float) -> Fault:
    """A broker that takes so long for a full request."""
    times = max(1.01, slow_ms / 1e3 / full_request(world.at_full_load(world.own)).service_s)
    return Fault(what="slow-broker", at_s=SLOW_FROM_S, for_s=SPAN_S - SLOW_FROM_S, times=times)


def given_up_percent(run: Run) -> float:
    """Requests that the producer gave up, of all that it made."""
    return len(run.lost) / max(1, len(run.lost) + len(run.requests)) * 100


def acked_percent(run: Run) -> float:
    """Records acknowledged in the end, of all that were sent."""
    return run.guarantees.acked / run.guarantees.sent * 100


def copies(run: Run) -> float:
    """Records in the log for each that was sent."""
    return run.guarantees.in_log / run.guarantees.sent


PANELS = (
    (given_up_percent, "requests given up, %"),
    (acked_percent, "records acknowledged in the end, %"),
    (copies, "copies in the log for each record"),
)


def answer(rows: pd.DataFrame) -> str:
    """From which timeout on all goes well, what shorter ones do, and where nothing works."""
    safe, unsafe = (pick(rows, idempotent=idempotent) for idempotent in (True, False))
    by_timeout = safe.groupby("timeout_ms").mean(numeric_only=True)
    calm = by_timeout[by_timeout["retried_requests"] == 0]
    alive = by_timeout["acked_percent"] >= 100 * ALIVE
    looked_at = by_timeout[alive] if alive.any() else by_timeout
    worst_ms = float(looked_at.index[int(looked_at["retried_requests"].argmax())])
    storm, numbered = (pick(producer, timeout_ms=worst_ms) for producer in (unsafe, safe))
    enough = f"From {ms(float(calm.index[0]))} on" if len(calm) else "At no timeout looked at"
    return (
        f"{enough} no request is given up, at {plain(only(rows, 'rate_per_s'))} records/s over"
        f" {only(rows, 'rtt_ms'):g} ms, while a slow broker makes a request that is last of"
        f" {only(rows, 'in_flight')} take {ms(only(rows, 'queue_ms'))}. With {ms(worst_ms)}"
        f" there is a retry storm: {within(mean_of(storm, 'given_up_percent'), 0)} % of the"
        f" requests are given up while the broker has them, and without idempotence each record is"
        f" in the log {within(mean_of(storm, 'copies'))} times, with it"
        f" {within(mean_of(numbered, 'copies'))} times.{_never(by_timeout[~alive], rows)} Yours is"
        f" {ms(only(rows, 'own_ms'))}."
    )


def _never(dead: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What is said of timeouts that are shorter than any round."""
    if dead.empty:
        return ""
    return (
        f" {ms(float(dead.index[-1]))}, against a round of {ms(only(rows, 'round_ms'))}, lets"
        f" {share(dead['acked_percent'].iloc[-1] / 100)} of the records be acknowledged."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Requests given up, records acknowledged and copies in the log over the timeout."""
    chart, axes_of = panels("", 3, 4.7)
    depth = int(only(rows, "in_flight"))
    for axes, (figure, label) in zip(axes_of, PANELS, strict=True):
        for idempotent in (True, False):
            of_producer, colour = pick(rows, idempotent=idempotent), look(5, idempotent)
            name = "idempotent" if idempotent else "not idempotent"
            line(axes, of_producer, "timeout_ms", figure.__name__, colour, name)
        log_axis(axes, "x")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("request.timeout.ms")
        axes.set_ylabel(label)
        mark(axes, float(rows["round_ms"].iloc[0]), "one round")
        mark(axes, float(rows["queue_ms"].iloc[0]), "queue")
    label_ends(axes_of[-1])
    entitle(
        chart,
        "A request.timeout.ms shorter than the queue at a slow broker makes a retry storm",
        f"{depth} in flight, {only(rows, 'rtt_ms'):g} ms round trip, broker as slow as that for"
        f" {SPAN_S - SLOW_FROM_S:g} s; queue: what the last of {depth} takes then",
    )
    return chart


def _smoke(levels: Levels) -> bool:
    return levels["rounds"] in (TIMEOUTS[0], TIMEOUTS[3], TIMEOUTS[-1])


EXPERIMENT = Experiment(
    name="timeout",
    question="request.timeout.ms too short for the link: what happens?",
    aliases=("request-timeout",),
    points=points,
    measure=figures.row(figures.BOOKS, given_up_percent, acked_percent, copies),
    answer=answer,
    draw=draw,
    assumption="the broker is slow for a while, as long for a request as the round trip; the round"
    " trip itself does not vary, and where it does, its longest values count",
    smoke=_smoke,
)
