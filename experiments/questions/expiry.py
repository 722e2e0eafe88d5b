"""Expiring records: when delivery.timeout.ms strikes.

The law beside it: of the records that are sent in an outage of length L, those expire that are sent
more than delivery.timeout.ms before deliveries go on.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import LAW, entitle, label_ends, line, panels
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.words import ms, plain, share
from experiments.kit.world import World
from model import Fault, OpenLoop, ProducerConfig, Run

#: Outages in units of the user's delivery.timeout.ms; and the timeouts, in the same.
OUTAGES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
TIMEOUTS = (1.0, 0.5, 0.25)
BEFORE_S = 2.0
#: Sent in a delivery timeout, whatever the user's rate: the share that expires is the same.
RECORDS = 400


def points(world: World) -> Iterator[Point]:
    """Outages of every length with every timeout, and what a full buffer takes to be sent."""
    timeout_ms = world.own.delivery_timeout_ms
    rate = float(f"{RECORDS / (timeout_ms / 1e3):.3g}")
    own = {"own_ms": timeout_ms, "rtt_ms": world.rtt_ms, "rate_per_s": rate}
    for level in grid(timeout=TIMEOUTS, outage=OUTAGES):
        config = _with_timeout(world.own, level["timeout"] * timeout_ms)
        outage_s = level["outage"] * timeout_ms / 1e3
        fault = Fault(what="black-hole", at_s=BEFORE_S, for_s=outage_s)
        sends = OpenLoop(rate, world.arrivals, max(1, round(rate * (BEFORE_S + outage_s))))
        horizon_s = BEFORE_S + outage_s + 2 * timeout_ms / 1e3 + world.rtt_ms / 1e3
        timeout_s = config.delivery_timeout_ms / 1e3
        yield Point(
            levels={"phase": "outage", "timeout_s": timeout_s, "outage_s": outage_s},
            beside=own,
            scenario=world.in_trouble(config, (fault,), sends, horizon_s),
        )
    full = world.at_full_load(world.own)
    memory = world.own.buffer_memory_bytes // world.own.batch_size_bytes * full.packing.records
    yield Point(
        levels={"phase": "overload"},
        beside={**own, "buffered_records": memory},
        scenario=full,
        measure=figures.row("records_per_s"),
    )


def _with_timeout(config: ProducerConfig, delivery_ms: float) -> ProducerConfig:
    """A shorter delivery timeout, with a request timeout that fits into it."""
    request_ms = min(config.request_timeout_ms, max(0.0, delivery_ms - config.linger_ms))
    return replace(
        config,
        delivery_timeout_ms=delivery_ms,
        request_timeout_ms=request_ms,
        linger_ms=min(config.linger_ms, delivery_ms),
    )


def expired_share(run: Run) -> float:
    """Of the records that were sent in the outage the share that expired."""
    outage, arrival = run.scenario.faults[0], run.scenario.workload.arrival
    assert isinstance(arrival, OpenLoop)
    return min(1.0, run.guarantees.failed / (arrival.records_per_s * outage.for_s))


def answer(rows: pd.DataFrame) -> str:
    """From which outage on records expire, how many, and whether overload can do it."""
    outages, overload = pick(rows, phase="outage"), pick(rows, phase="overload")
    own_s = float(rows["own_ms"].iloc[0]) / 1e3
    own = pick(outages, timeout_s=own_s).groupby("outage_s")["expired_share"].mean()
    text = (
        f"When a record has waited delivery.timeout.ms ({ms(own_s * 1e3)}) from send() on, retries"
        f" included: {_outages(own)}."
    )
    if overload.empty:
        return text
    rate = overload["records_per_s"].mean()
    full_s = overload["buffered_records"].mean() / rate
    return (
        f"{text} Overload alone makes a record wait as long as a full buffer.memory takes to be"
        f" sent: {ms(full_s * 1e3)} at {only(rows, 'rtt_ms'):g} ms ({plain(rate)} records/s),"
        f" {'longer' if full_s > own_s else 'shorter'} than the timeout."
    )


def _outages(shares: "pd.Series[float]") -> str:
    """The shortest and the longest outage that cost records, and the longest that did not."""
    hit, none = shares[shares > 0], shares[shares == 0]
    calm = f"; up to {ms(float(none.index[-1]) * 1e3)} none" if len(none) else ""
    if hit.empty:
        return f"none of the outages looked at makes a record expire{calm}"
    first, last = (ms(float(hit.index[end]) * 1e3) for end in (0, -1))
    return (
        f"after {first} of no connection {share(hit.iloc[0])} of the records sent meanwhile have"
        f" expired, after {last} {share(hit.iloc[-1])}{calm}"
    )


def draw(rows: pd.DataFrame) -> Figure:
    """The share that expires over the outage, a line for each timeout, and the law."""
    chart, (axes,) = panels("", 1, 7.4)
    outages = pick(rows, phase="outage")
    for index, (timeout_s, of_timeout) in enumerate(outages.groupby("timeout_s", sort=False)):
        percent = of_timeout.assign(percent=of_timeout["expired_share"] * 100)
        line(axes, percent, "outage_s", "percent", index, f"{float(str(timeout_s)):g} s")
        at = of_timeout["outage_s"].drop_duplicates()
        law = (100 * (1 - float(str(timeout_s)) / at)).clip(lower=0)
        axes.plot(at, law, **LAW)
    axes.set_ylim(-2, 100)
    axes.set_xlabel("length of the outage in s")
    axes.set_ylabel("of the records sent meanwhile, % expired")
    label_ends(axes, "delivery timeout")
    entitle(
        chart,
        "Records expire that were sent a delivery timeout before deliveries go on",
        "dashed: 1 - timeout / outage; what is above it is the time until a producer notices the"
        " end of the outage",
    )
    return chart


EXPERIMENT = Experiment(
    name="expiry",
    question='"Expiring N record(s) ... ms has passed since batch creation": when does'
    " delivery.timeout.ms strike?",
    aliases=("delivery-timeout",),
    points=points,
    measure=figures.row(figures.BOOKS, expired_share),
    answer=answer,
    draw=draw,
    assumption="nothing gets through in the outage, the buffer does not fill up (ask for"
    " `buffer`), and deliveries go on when the producer has noticed the end of it, by up to its"
    " backoffs and request.timeout.ms later",
)
