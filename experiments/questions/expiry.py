"""Expiring records: when delivery.timeout.ms strikes.

The law beside it: of the records that are sent in an outage of length L, those expire that are sent
more than delivery.timeout.ms before deliveries go on. A client that starts again from its bootstrap
list takes none meanwhile, so that fewer expire.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, curves
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.looks import LAW, shades
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import ms, share
from experiments.kit.world import World
from experiments.questions.trouble import rate_per_s
from model import Fault, OpenLoop, Run

#: Outages in units of the user's delivery.timeout.ms; and the timeouts, in the same.
OUTAGES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
TIMEOUTS = (1.0, 0.5, 0.25)
BEFORE_S = 2.0
#: Read: metadata.recovery.strategy=rebootstrap (KIP-899), the default since Kafka 4.0.
SEND_WAITS = (
    " Later ones are not taken at all: a client that has lost every broker starts again from"
    " bootstrap.servers, and send() waits until one answers, for max.block.ms at most."
)
#: Sent in a delivery timeout, whatever the user's rate: the share that expires is the same.
RECORDS = 400


def points(world: World) -> Iterator[Point]:
    """Outages of every length with every timeout; closed form: how long a full buffer lasts."""
    own = world.own
    rate = float(f"{RECORDS / (own.delivery_timeout_ms / 1e3):.3g}")
    batches = own.buffer_memory_bytes // own.batch_size_bytes
    full_s = batches * world.at_full_load(own).packing.records / world.carries(own)
    beside = {
        **{"own_s": own.delivery_timeout_ms / 1e3, "rtt_ms": world.rtt_ms, "full_s": full_s},
        "starts_again": own.metadata_recovery_strategy == "rebootstrap",
    }
    for level in grid(timeout=TIMEOUTS, outage=OUTAGES):
        timeout_ms = level["timeout"] * own.delivery_timeout_ms
        linger_ms = min(own.linger_ms, timeout_ms)
        config = world.with_producer(
            delivery_timeout_ms=timeout_ms,
            request_timeout_ms=min(own.request_timeout_ms, timeout_ms - linger_ms),
            linger_ms=linger_ms,
        )
        outage_s = level["outage"] * own.delivery_timeout_ms / 1e3
        fault = Fault(what="black-hole", at_s=BEFORE_S, for_s=outage_s)
        sends = OpenLoop(rate, world.arrivals, max(1, round(rate * (BEFORE_S + outage_s))))
        horizon_s = BEFORE_S + outage_s + (2 * own.delivery_timeout_ms + world.rtt_ms) / 1e3
        yield Point(
            levels={"timeout_s": timeout_ms / 1e3, "outage_s": outage_s},
            beside=beside,
            scenario=world.in_trouble(config, (fault,), sends, horizon_s),
        )


def expired_share(run: Run) -> float:
    """Of the records that were sent in the outage the share that expired."""
    return min(1.0, run.guarantees.failed / (rate_per_s(run) * run.scenario.faults[0].for_s))


def answer(rows: pd.DataFrame) -> str:
    """From which outage on records expire, how many, and whether overload can do it."""
    own_s, full_s = float(only(rows, "own_s")), float(only(rows, "full_s"))
    own = pick(rows, timeout_s=own_s).groupby("outage_s")["expired_share"].mean()
    overload = "does not do it" if full_s <= own_s else "does it too"
    waits = SEND_WAITS if bool(only(rows, "starts_again")) and falls(own) else ""
    return (
        "When a record has waited for delivery.timeout.ms from send() on, retries included:"
        f" {ms(own_s * 1e3)} here. {_costly(own)}{waits} Overload alone {overload}: at"
        f" {only(rows, 'rtt_ms'):g} ms a full buffer.memory is sent in about {ms(full_s * 1e3)}."
    )


def falls(share_by_outage: "pd.Series[float]") -> bool:
    """Whether of the longest outage's records a smaller share expires than of another's."""
    return bool(share_by_outage.iloc[-1] < share_by_outage.max())


def _costly(own: "pd.Series[float]") -> str:
    """Which of the outages make records expire."""
    costly = own[own > 0]
    if costly.empty:
        return f"No outage of up to {ms(own.index[-1] * 1e3)} does that to any record."
    return (
        f"Outages of {ms(costly.index[0] * 1e3)} and more do that, and the longest that was tried"
        f" to {share(own.iloc[-1])} of the records sent in it."
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """What expires in outages of each length, with each timeout."""
    percent = Shown("expired_share", "of those sent in it", ".0f", share=True)
    by = {"timeout_s": "delivery.timeout in s", "outage_s": "outage in s"}
    shown = (Shown("sent", "sent"), Shown("failed", "expired"), percent)
    return [summary("Records that expire", rows, by, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """The share that expires over the outage, a line for each timeout, and the law."""
    by_timeout = rows.assign(percent=100 * rows["expired_share"]).groupby("timeout_s")
    looks = shades([f"timeout {float(str(at)):g} s" for at, _ in by_timeout])
    own = pick(rows, timeout_s=only(rows, "own_s")).groupby("outage_s")["expired_share"].mean()
    more = "but send() waits once no broker is left" if falls(own) else "the longer the more"
    chart, (axes,) = curves(
        f"An outage beyond delivery.timeout.ms makes records expire, {more}",
        [Series(level.name, of, level) for level, (_, of) in zip(looks, by_timeout, strict=True)],
        ("outage_s", "length of the outage in s"),
        {"percent": "expired, of those sent in it, %"},
        log="",
        note="dashed: the part of the outage beyond the timeout; above it: the producer"
        " has yet to notice the end" + "; below it: send() waits" * falls(own),
    )
    for _, of in by_timeout:
        law = 100 * (1 - of["timeout_s"] / of["outage_s"]).clip(lower=0)
        axes.plot(of["outage_s"].unique(), law.groupby(of["outage_s"]).first(), **LAW)
    return chart


EXPERIMENT = Experiment(
    name="expiry",
    question='"Expiring N record(s) ... ms has passed since batch creation": when does'
    " delivery.timeout.ms strike?",
    aliases=("delivery-timeout",),
    about="timeoutexception outage lost records retries loss",
    points=points,
    measure=figures.row(figures.BOOKS, expired_share),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="in an outage nothing reaches a replica either",
    assumption="nothing gets through in the outage, and the buffer does not fill up (ask for"
    " `buffer`). Deliveries go on when the producer has noticed the end of it, by up to its"
    " backoffs and request.timeout.ms later",
)
