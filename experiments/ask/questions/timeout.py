"""Question 19: request.timeout.ms too short for the link, or for the queue at a slow broker.

For a while the broker takes as long for a request as the round trip: a request that is the last of
five in flight then takes six times as long as the path.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, mark, panels
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MOST_PER_S
from experiments.ask.words import ms, plain, share, within
from experiments.kit.horizon import full_request
from model import Fault, OpenLoop, Run

#: request.timeout.ms in round trips of a lone request.
TIMEOUTS = (0.8, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0)
SLOW_FROM_S, SPAN_S, AFTER_S = 0.5, 2.0, 3.0
REPLICATIONS = 3
#: Ours: the least that a slow broker's time for a request is, in ms.
LEAST_MS = 1.0
#: Ours: with fewer of the records acknowledged nothing works.
ALIVE = 0.5


def tasks(base: Base) -> Iterator[Simulated]:
    """Every timeout, at the user's depth, idempotent and not."""
    rate = base.calm_rate(MOST_PER_S)
    depth = min(5, base.own.max_in_flight_requests_per_connection)
    sends = OpenLoop(rate, base.arrivals, max(1, round(rate * SPAN_S)))
    round_ms, slow = _round_ms(base), _slow_broker(base)
    for times in TIMEOUTS:
        timeout_ms = times * round_ms
        for idempotent in (True, False):
            config = replace(base.in_flight(depth, idempotent), request_timeout_ms=timeout_ms)
            scenario = base.in_trouble(config, (slow,), sends, SPAN_S + AFTER_S)
            point = {"timeout_ms": timeout_ms, "rounds": times, "idempotent": idempotent}
            point |= {"rtt_ms": base.rtt_ms, "rate_per_s": rate, "round_ms": round_ms}
            point |= {"own_ms": base.own.request_timeout_ms, "in_flight": depth}
            point["queue_ms"] = base.rtt_ms + depth * _slow_ms(base)
            yield from base.replicated(point, scenario, retried, REPLICATIONS)


def _round_ms(base: Base) -> float:
    """Closed form: round trip, work of broker and client, the longest wake-up."""
    scenario, machine = base.at_full_load(base.own, base.rtt_ms), base.machine
    wake_s = machine.wake_s(scenario.path.rtt_s)
    work_s = full_request(scenario).service_s + machine.client_request_us / 1e6
    return (scenario.path.rtt_s + work_s + wake_s) * 1e3


def _slow_ms(base: Base) -> float:
    """What the slow broker takes for a request."""
    return max(LEAST_MS, base.rtt_ms)


def _slow_broker(base: Base) -> Fault:
    scenario = base.at_full_load(base.own, base.rtt_ms)
    times = max(1.01, _slow_ms(base) / 1e3 / full_request(scenario).service_s)
    for_s = SPAN_S - SLOW_FROM_S
    return Fault(what="slow-broker", at_s=SLOW_FROM_S, for_s=for_s, times=times)


def retried(run: Run) -> list[Row]:
    """Requests given up, records acknowledged, copies written."""
    row, ledger = books(run), run.guarantees
    requests = len(run.lost) + len(run.requests)
    return [
        {
            **row,
            "given_up": len(run.lost),
            "given_up_percent": len(run.lost) / max(1, requests) * 100,
            "acked_share": ledger.acked / ledger.sent,
            "copies": ledger.in_log / ledger.sent,
        }
    ]


def answer(rows: pd.DataFrame) -> str:
    """From which timeout on all goes well, what shorter ones do, and where nothing works."""
    safe, plain_rows = (pick(rows, idempotent=one) for one in (True, False))
    by_timeout = safe.groupby("timeout_ms").mean(numeric_only=True)
    calm = by_timeout[by_timeout["given_up"] == 0]
    alive = by_timeout["acked_share"] >= ALIVE
    dead = by_timeout[~alive]
    looked_at = by_timeout[alive] if alive.any() else by_timeout
    worst_ms = float(looked_at.index[int(looked_at["given_up"].argmax())])
    storms = mean_of(pick(plain_rows, timeout_ms=worst_ms), "given_up_percent")
    storm, numbered = (pick(one, timeout_ms=worst_ms) for one in (plain_rows, safe))
    enough = f"From {ms(float(calm.index[0]))} on" if len(calm) else "At no timeout looked at"
    return (
        f"{enough} no request is given up, at {plain(only(rows, 'rate_per_s'))} records/s over"
        f" {only(rows, 'rtt_ms'):g} ms, while a slow broker makes a request that is last of"
        f" {only(rows, 'in_flight')} take {ms(only(rows, 'queue_ms'))}. With {ms(worst_ms)}"
        f" there is a retry storm: {within(storms, 0)} % of the requests are given up"
        f" while the broker has them, and without idempotence each record is in the log"
        f" {within(mean_of(storm, 'copies'))} times, with it"
        f" {within(mean_of(numbered, 'copies'))} times.{_never(dead, rows)} Yours is"
        f" {ms(only(rows, 'own_ms'))}."
    )


def _never(dead: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What is said of timeouts that are shorter than any round."""
    if dead.empty:
        return ""
    return (
        f" {ms(float(dead.index[-1]))}, against a round of {ms(only(rows, 'round_ms'))}, lets"
        f" {share(dead['acked_share'].iloc[-1])} of the records be acknowledged."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Requests given up, records acknowledged and copies in the log over the timeout."""
    chart, axes = panels("request.timeout.ms against the round trip", 3, 4.7)
    percent = rows.assign(acked_percent=rows["acked_share"] * 100)
    told = (
        ("given_up_percent", "requests given up, %"),
        ("acked_percent", "records acknowledged in the end, %"),
        ("copies", "copies in the log for each record"),
    )
    for one, (column, label) in zip(axes, told, strict=True):
        for place, idempotent in enumerate((True, False)):
            name = "idempotent" if idempotent else "not idempotent"
            line(one, pick(percent, idempotent=idempotent), "timeout_ms", column, place, name)
        log_axis(one, "x")
        one.set_ylim(bottom=0)
        one.set_xlabel("request.timeout.ms")
        one.set_ylabel(label)
        mark(one, float(rows["round_ms"].iloc[0]), "one round")
        mark(one, float(rows["queue_ms"].iloc[0]), "queue")
    label_ends(axes[-1])
    return chart


QUESTION = Question(
    number=19,
    text="request.timeout.ms too short for the link: what happens?",
    aliases=("request-timeout", "timeout"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the broker is slow for a while, as long for a request as the round trip; the round"
    " trip itself does not vary, and where it does, its longest values count",
)
