"""Question 19: request.timeout.ms too short for the link."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, log_axis, mark, panels
from experiments.ask.frames import only, pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MOST_PER_S
from experiments.ask.words import ms, plain, share
from experiments.kit.horizon import full_request
from model import OpenLoop, Run

#: request.timeout.ms in round trips of a lone request.
TIMEOUTS = (0.5, 0.8, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0)
SPAN_S, AFTER_S = 3.0, 3.0
REPLICATIONS = 2


def tasks(base: Base) -> Iterator[Simulated]:
    """Every timeout, at the user's depth, idempotent and not."""
    rate = base.calm_rate(MOST_PER_S)
    depth = min(5, base.own.max_in_flight_requests_per_connection)
    sends = OpenLoop(rate, base.arrivals, max(1, round(rate * SPAN_S)))
    round_ms = _round_ms(base)
    for times in TIMEOUTS:
        timeout_ms = times * round_ms
        for idempotent in (True, False):
            config = replace(base.in_flight(depth, idempotent), request_timeout_ms=timeout_ms)
            scenario = base.in_trouble(config, (), sends, SPAN_S + AFTER_S)
            point = {"timeout_ms": timeout_ms, "rounds": times, "idempotent": idempotent}
            point |= {"rtt_ms": base.rtt_ms, "rate_per_s": rate, "round_ms": round_ms}
            point["own_ms"] = base.own.request_timeout_ms
            yield from base.replicated(point, scenario, retried, REPLICATIONS)


def _round_ms(base: Base) -> float:
    """Closed form: round trip, work of broker and client, the longest wake-up."""
    scenario, machine = base.at_full_load(base.own, base.rtt_ms), base.machine
    wake_s = machine.wake_s(scenario.path.rtt_s)
    work_s = full_request(scenario).service_s + machine.client_request_us / 1e6
    return (scenario.path.rtt_s + work_s + wake_s) * 1e3


def retried(run: Run) -> list[Row]:
    """Requests given up, records acknowledged, copies written."""
    row, ledger = books(run), run.guarantees
    requests = len(run.lost) + len(run.requests)
    return [
        {
            **row,
            "given_up": len(run.lost) / max(1, requests),
            "acked_share": ledger.acked / ledger.sent,
            "copies": ledger.in_log / ledger.sent,
        }
    ]


def answer(rows: pd.DataFrame) -> str:
    """From which timeout on all goes well, and what a shorter one does."""
    by_timeout = rows.groupby("timeout_ms").mean(numeric_only=True)
    calm = by_timeout[by_timeout["given_up"] == 0]
    safe, plain_rows = (pick(rows, idempotent=one) for one in (True, False))
    short = rows["timeout_ms"].min()
    worst, doubled = pick(safe, timeout_ms=short), pick(plain_rows, timeout_ms=short)
    enough = f"From {ms(float(calm.index[0]))} on" if len(calm) else "At no timeout looked at"
    return (
        f"{enough}, where a round takes {ms(only(rows, 'round_ms'))} at"
        f" {plain(only(rows, 'rate_per_s'))} records/s, no request is given up. With {ms(short)},"
        f" {share(worst['given_up'].mean())} of the requests are given up and their connections"
        f" with them, though the broker wrote them: {share(worst['acked_share'].mean())} of the"
        f" records are acknowledged within {AFTER_S:g} s after the last one, and without"
        f" idempotence each record is in the log {doubled['copies'].mean():.1f} times. Yours is"
        f" {ms(only(rows, 'own_ms'))}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Requests given up, records acknowledged and copies in the log over the timeout."""
    chart, axes = panels("request.timeout.ms against the round trip", 3, 4.7)
    percent = rows.assign(given_up=rows["given_up"] * 100, acked_share=rows["acked_share"] * 100)
    told = (
        ("given_up", "requests given up, %"),
        ("acked_share", "records acknowledged in the end, %"),
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
    label_ends(axes[-1])
    return chart


QUESTION = Question(
    number=19,
    text="request.timeout.ms too short for the link: what happens?",
    aliases=("request-timeout", "timeout"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the round trip does not vary; where it does, its longest values count, and so does"
    " every queue at the broker",
)
