"""Question 17: "Expiring N record(s)": when does delivery.timeout.ms strike?

The law beside it: of the records that are sent in an outage of length L, those expire that are sent
more than delivery.timeout.ms before deliveries go on.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import LAW, label_ends, line, panels
from experiments.ask.frames import only, pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.words import ms, plain, share
from experiments.faults.harm import ack_times_s
from model import Fault, OpenLoop, ProducerConfig, Run

#: Outages in units of the user's delivery.timeout.ms; and the timeouts, in the same.
OUTAGES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
TIMEOUTS = (0.25, 0.5, 1.0)
BEFORE_S = 2.0
#: Sent in a delivery timeout, whatever the user's rate: the share that expires is the same.
RECORDS = 400


def tasks(base: Base) -> Iterator[Simulated]:
    """Outages of every length with every timeout, and what a full buffer takes to be sent."""
    timeout_ms = base.own.delivery_timeout_ms
    rate = float(f"{RECORDS / (timeout_ms / 1e3):.3g}")
    point: Row = {"own_ms": timeout_ms, "rtt_ms": base.rtt_ms, "rate_per_s": rate}
    for part in TIMEOUTS:
        config = _with_timeout(base.own, part * timeout_ms)
        for length in OUTAGES:
            outage_s = length * timeout_ms / 1e3
            fault = Fault(what="black-hole", at_s=BEFORE_S, for_s=outage_s)
            sends = OpenLoop(rate, base.arrivals, max(1, round(rate * (BEFORE_S + outage_s))))
            horizon_s = BEFORE_S + outage_s + 2 * timeout_ms / 1e3 + base.rtt_ms / 1e3
            scenario = base.in_trouble(config, (fault,), sends, horizon_s)
            place = {**point, "phase": "outage", "outage_s": outage_s}
            place["timeout_s"] = config.delivery_timeout_ms / 1e3
            yield from base.replicated(place, scenario, expired)
    full = base.at_full_load(base.own, base.rtt_ms)
    memory = base.own.buffer_memory_bytes // base.own.batch_size_bytes * full.packing.records
    place = {**point, "phase": "overload", "buffered_records": memory}
    yield from base.replicated(place, full, drained)


def _with_timeout(config: ProducerConfig, delivery_ms: float) -> ProducerConfig:
    """A shorter delivery timeout, with a request timeout that fits into it."""
    request_ms = min(config.request_timeout_ms, max(0.0, delivery_ms - config.linger_ms))
    return replace(
        config,
        delivery_timeout_ms=delivery_ms,
        request_timeout_ms=request_ms,
        linger_ms=min(config.linger_ms, delivery_ms),
    )


def expired(run: Run) -> list[Row]:
    """Of the records that were sent in the outage the share that expired; when it went on."""
    outage = run.scenario.faults[0]
    arrival = run.scenario.workload.arrival
    assert isinstance(arrival, OpenLoop)
    in_outage = arrival.records_per_s * outage.for_s
    after = ack_times_s(run)
    after = after[after > outage.until_s]
    resumed_s = float(after[0]) - outage.at_s if len(after) else float("nan")
    return [
        {**books(run), "share": min(1.0, run.guarantees.failed / in_outage), "resumed_s": resumed_s}
    ]


def drained(run: Run) -> list[Row]:
    """The rate at which an overloaded producer's buffer empties."""
    return [{"records_per_s": run.records_per_s}]


def answer(rows: pd.DataFrame) -> str:
    """From which outage on records expire, how many, and whether overload can do it."""
    outages, overload = pick(rows, phase="outage"), pick(rows, phase="overload")
    own_s = float(rows["own_ms"].iloc[0]) / 1e3
    own = pick(outages, timeout_s=own_s).groupby("outage_s").mean(numeric_only=True)
    hit = own[own["share"] > 0]
    calm = own[own["share"] == 0]
    full_s = overload["buffered_records"].mean() / overload["records_per_s"].mean()
    overloaded = "longer" if full_s > own_s else "shorter"
    first = (
        f"after {ms(float(hit.index[0]) * 1e3)} of no connection {share(hit['share'].iloc[0])} of"
        f" the records sent meanwhile have expired, after {ms(float(hit.index[-1]) * 1e3)}"
        f" {share(hit['share'].iloc[-1])}"
        if len(hit)
        else "none of the outages looked at makes a record expire"
    )
    none = f"; up to {ms(float(calm.index[-1]) * 1e3)} none" if len(calm) else ""
    return (
        f"When a record has waited delivery.timeout.ms ({ms(own_s * 1e3)}) from send() on, retries"
        f" included: {first}{none}. Overload alone makes a record wait as long as a full"
        f" buffer.memory takes to be sent: {ms(full_s * 1e3)} at {only(rows, 'rtt_ms'):g} ms"
        f" ({plain(overload['records_per_s'].mean())} records/s), {overloaded} than the timeout."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """The share that expires over the outage, a line for each timeout, and the law."""
    chart, (axes,) = panels("How many records an outage makes expire", 1, 7.4)
    outages = pick(rows, phase="outage")
    for place, (timeout_s, of_timeout) in enumerate(outages.groupby("timeout_s", sort=False)):
        percent = of_timeout.assign(percent=of_timeout["share"] * 100)
        line(axes, percent, "outage_s", "percent", place, f"{float(str(timeout_s)):g} s timeout")
        at = of_timeout["outage_s"].drop_duplicates()
        law = (100 * (1 - float(str(timeout_s)) / at)).clip(lower=0)
        axes.plot(at, law, **LAW)
    axes.set_ylim(-2, 100)
    axes.set_xlabel("length of the outage in s")
    axes.set_ylabel("of the records sent meanwhile, % expired;\ndashed: 1 - timeout / outage")
    label_ends(axes)
    return chart


QUESTION = Question(
    number=17,
    text='"Expiring N record(s) ... ms has passed since batch creation": when does'
    " delivery.timeout.ms strike?",
    aliases=("expiry", "delivery-timeout"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="nothing gets through in the outage, the buffer does not fill up (question 18),"
    " and deliveries go on when the producer has noticed the end of it, by up to its backoffs and"
    " request.timeout.ms later",
)
