"""request.timeout.ms too short for the link, or for the queue at a slow broker.

For a while the broker takes as long for a request as the round trip: a request that is the last of
five in flight then takes six times as long as the path.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves, mark
from experiments.kit.estimates import mean_of, only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import full_request
from experiments.kit.looks import look
from experiments.kit.words import ms, within
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S
from model import Fault, OpenLoop, Run

#: request.timeout.ms in round trips of a lone request.
TIMEOUTS = (0.8, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0)
SLOW_FROM_S, SPAN_S, AFTER_S = 0.5, 2.0, 3.0
#: Ours: the least that a slow broker's time for a request is, in ms.
LEAST_MS = 1.0


def points(world: World) -> Iterator[Point]:
    """Every timeout, at the user's depth, idempotent and not."""
    rate = world.calm_rate(MOST_PER_S)
    depth = min(5, world.own.max_in_flight_requests_per_connection)
    sends = OpenLoop(rate, world.arrivals, max(1, round(rate * SPAN_S)))
    rtt_s, service_s = world.rtt_ms / 1e3, full_request(world.at_full_load(world.own)).service_s
    # closed form: the work of client and broker, and the longest wake-up
    work_s = service_s + world.machine.client_request_us / 1e6 + world.machine.wake_s(rtt_s)
    round_ms, slow_ms = (rtt_s + work_s) * 1e3, max(LEAST_MS, world.rtt_ms)
    times = max(1.01, slow_ms / 1e3 / service_s)
    slow = Fault(what="slow-broker", at_s=SLOW_FROM_S, for_s=SPAN_S - SLOW_FROM_S, times=times)
    beside = {"own_ms": world.own.request_timeout_ms, "rtt_ms": world.rtt_ms, "in_flight": depth}
    beside |= {"round_ms": round_ms, "queue_ms": world.rtt_ms + depth * slow_ms}
    for level in grid(rounds=TIMEOUTS, idempotent=(True, False)):
        timeout_ms = level["rounds"] * round_ms
        config = replace(world.in_flight(depth, level["idempotent"]), request_timeout_ms=timeout_ms)
        yield Point(
            levels=level,
            beside={**beside, "timeout_ms": timeout_ms},
            scenario=world.in_trouble(config, (slow,), sends, SPAN_S + AFTER_S),
        )


def given_up_percent(run: Run) -> float:
    """Requests that the producer gave up, of all that it made."""
    return len(run.lost) / max(1, len(run.lost) + len(run.requests)) * 100


def copies(run: Run) -> float:
    """Records in the log for each that was sent."""
    return run.guarantees.in_log / run.guarantees.sent


def answer(rows: pd.DataFrame) -> str:
    """From which timeout on all goes well, and what the worst of the shorter ones does."""
    by_timeout = pick(rows, idempotent=True).groupby("timeout_ms").mean(numeric_only=True)
    given_up = by_timeout["retried_requests"]
    # ours: with less than half of the records acknowledged nothing works
    calm, alive = given_up[given_up == 0], by_timeout["acked"] >= by_timeout["sent"] / 2
    worst_ms = given_up.where(alive, -1).idxmax()
    enough = f"From {ms(calm.index[0])} on" if len(calm) else "At no timeout looked at"
    storm, numbered = (pick(rows, timeout_ms=worst_ms, idempotent=is_on) for is_on in (False, True))
    return (
        f"{enough} no request is given up: a slow broker makes the last of"
        f" {only(rows, 'in_flight')} in flight take {ms(only(rows, 'queue_ms'))}. With"
        f" {ms(float(str(worst_ms)))} there is a retry storm:"
        f" {within(mean_of(storm, 'given_up_percent'), 0)} % of the requests are given up while the"
        f" broker has them, and each record is in the log {within(mean_of(storm, 'copies'))} times,"
        f" with idempotence {within(mean_of(numbered, 'copies'))} times."
        f" Yours is {ms(only(rows, 'own_ms'))}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Requests given up, records acknowledged and copies in the log over the timeout."""
    depth = int(only(rows, "in_flight"))
    chart, axes_of = curves(
        f"Under {ms(only(rows, 'queue_ms'))} request.timeout.ms gives up requests that the slow"
        " broker still has: they are sent and written again",
        [
            Series(look(depth, safe).name, pick(rows, idempotent=safe), look(depth, safe))
            for safe in (True, False)
        ],
        ("timeout_ms", "request.timeout.ms"),
        {
            "given_up_percent": "requests given up, %",
            "acked": "records acknowledged",
            "copies": "copies in the log of each record",
        },
        note=f"{only(rows, 'rtt_ms'):g} ms round trip, broker as slow as that for"
        f" {SPAN_S - SLOW_FROM_S:g} s; queue: what the last of {depth} in flight takes then",
    )
    for axes in axes_of:
        mark(axes, float(only(rows, "round_ms")), "one round")
        mark(axes, float(only(rows, "queue_ms")), "queue")
    return chart


EXPERIMENT = Experiment(
    name="timeout",
    question="request.timeout.ms too short for the link: what happens?",
    aliases=("request-timeout",),
    points=points,
    measure=figures.row(figures.BOOKS, given_up_percent, copies),
    answer=answer,
    draw=draw,
    assumption="the broker is slow for a while, as long for a request as the round trip; the round"
    " trip itself does not vary, and where it does, its longest values count",
)
