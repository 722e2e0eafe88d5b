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
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.loads import full_request
from experiments.kit.looks import look
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import ms, share, times
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
            # the storm of a timeout that is too short lasts for delivery.timeout.ms
            scenario=replace(
                world.in_trouble(config, (slow,), sends, SPAN_S + AFTER_S), until_settled=False
            ),
        )


def given_up_percent(run: Run) -> float:
    """Requests that the producer gave up, of all that it made."""
    return len(run.lost) / max(1, len(run.lost) + len(run.requests)) * 100


def copies(run: Run) -> float:
    """Records in the log for each that was sent."""
    return run.guarantees.in_log / run.guarantees.sent


def answer(rows: pd.DataFrame) -> str:
    """What a short timeout does, from which one on all goes well, and whether the user's does."""
    by_timeout = pick(rows, idempotent=True).groupby("timeout_ms").mean(numeric_only=True)
    given_up = by_timeout["retried_requests"]
    # ours: with less than half of the records acknowledged nothing works
    calm, alive = given_up[given_up == 0], by_timeout["acked"] >= by_timeout["sent"] / 2
    worst_ms = float(str(given_up.where(alive, -1).idxmax()))
    storm, numbered = (pick(rows, timeout_ms=worst_ms, idempotent=is_on) for is_on in (False, True))
    return (
        "The client gives up requests that the broker still has, and sends them again. With"
        f" {ms(worst_ms)} it gives up {share(storm['given_up_percent'].mean() / 100)} of them,"
        f" because at a slow broker {only(rows, 'rtt_ms'):g} ms away the last of those in flight"
        f" takes {ms(only(rows, 'queue_ms'))}. {_copies(storm, numbered)}"
        f" {_enough(calm.index.tolist(), only(rows, 'own_ms'))}"
    )


def _enough(calm_ms: list[float], own_ms: float) -> str:
    """From which timeout on nothing is given up, and whether the user's is one of these."""
    if not calm_ms:
        return "No timeout looked at is long enough."
    yours = "is long enough" if own_ms >= calm_ms[0] else "is too short"
    return f"From {ms(calm_ms[0])} on none is given up: yours, {ms(own_ms)}, {yours}."


def _copies(storm: pd.DataFrame, numbered: pd.DataFrame) -> str:
    """How often each record is in the log, without idempotence and with it."""
    without, with_it = (of["copies"].mean() for of in (storm, numbered))
    if without <= 1:
        return "No record is in the log twice, with idempotence or without."
    safe = "once" if with_it <= 1 else f"{times(with_it)} times"
    return f"Each record is then in the log {times(without)} times, with idempotence {safe}."


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each timeout does, with idempotence and without."""
    shown = (
        Shown("given_up_percent", "requests given up", ".0f", " %"),
        Shown("acked", "acknowledged"),
        Shown("sent", "of"),
        Shown("copies", "copies of each", ".2f", least=1.0),  # where all are in the log
    )
    by = {"timeout_ms": "request.timeout.ms", "idempotent": "idempotent"}
    in_order = rows.sort_values(["timeout_ms", "idempotent"], kind="stable")
    return [summary("By request.timeout.ms", in_order.round({"timeout_ms": 0}), by, shown)]


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
    about="slow broker duplicate retry retries networkexception disconnect latency",
    points=points,
    measure=figures.row(figures.BOOKS, given_up_percent, copies),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="a wait of half a millisecond for replicas is nothing to these timeouts",
    assumption="the broker is slow for a while, as long for a request as the round trip takes."
    " The round trip itself does not vary; where it does, its longest values count",
)
