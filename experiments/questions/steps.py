"""Why large requests move in steps: the flights of one request, and what lets each of them go.

Requests of one batch: alone, of many sizes; five at once; and some around a segment that was lost.
What is counted and drawn is a packet capture of the run, as :mod:`steps_captured` keeps it. Left
out: requests of several batches.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, whole
from experiments.kit.loads import (
    QUEUED_BATCHES,
    at_least,
    full_request,
    over_requests,
    short_queue,
    window_bytes,
    with_short_queue,
)
from experiments.kit.replications import Levels
from experiments.kit.tables import Column, Table, filled, numbers
from experiments.kit.words import count, listed, times
from experiments.kit.world import World
from experiments.questions.steps_captured import steps
from experiments.questions.steps_chart import steps_chart
from model import BrokerConfig, Saturating, Scenario
from model.config.cluster import send_buffer_bytes
from model.units import KIB, MIB
from model.wire.transmission import HeldBy

BATCHES_KIB = (16, 32, 64, 128, 192, 256, 320, 384, 512, 768, 1024)
#: To answer in seconds: those that take one, two and three windows, and the largest.
FEW_BATCHES_KIB = (64, 128, 256, 320, 1024)
LARGEST_KIB, SEVERAL_KIB = BATCHES_KIB[-1], 64
#: Sockets that hold the largest of them, on either side.
LARGE_BYTES = 4 * MIB
FIVE, LOST_PERCENT = 5, 0.1
CALM: dict[str, Any] = {"lost_percent": 0.0, "sockets": "yours"}
#: Ours: requests before the first that is kept, after which a connection has its stride, and some
#: more; of a run that loses segments as many as meet losses, and then surely another one.
BEFORE, LOOKED_AT = 10, 20
BEFORE_LOSS, UNTIL_LOSS = 100, 200
HELD = {
    HeldBy.RECEIVE_WINDOW.value: "no more may be on its way than the broker's socket has told of"
    " room for, and that tells of more only when the broker has read",
    HeldBy.SEND_BUFFER.value: "no more may be on its way than send.buffer.bytes holds until the"
    " broker has acknowledged it",
    HeldBy.CONGESTION_WINDOW.value: "no more may be on its way than TCP's congestion window lets",
}


def points(world: World) -> Iterator[Point]:
    """A request of each size, the largest with large sockets too; five at once; around a loss."""
    own_kib = whole(world.own.batch_size_bytes / KIB)
    sizes_kib = sorted({*(BATCHES_KIB if world.fine else FEW_BATCHES_KIB), own_kib})
    alone: Levels = {"in_flight": 1, "lost_percent": 0.0}
    cases: list[Levels] = [{"batch_kib": kib, "sockets": "yours", **alone} for kib in sizes_kib]
    cases.append({"batch_kib": LARGEST_KIB, "sockets": "large", **alone})
    several: Levels = {"batch_kib": SEVERAL_KIB, "sockets": "yours"}
    cases.append({**several, "in_flight": FIVE, "lost_percent": 0.0})
    cases.append({**several, "in_flight": 1, "lost_percent": LOST_PERCENT})
    for levels in cases:
        yield Point(
            levels=levels,
            beside={"rtt_ms": world.rtt_ms, "own_kib": own_kib},
            scenario=_scenario(world.with_topic(1, world.topic.brokers), levels),
            replications=1,
        )


def _scenario(world: World, levels: Levels) -> Scenario:
    """As fast as it can, for a few requests; or for enough to meet a loss."""
    size, is_large = round(float(levels["batch_kib"]) * KIB), levels["sockets"] == "large"
    own = world.in_flight(int(levels["in_flight"]), world.own.enable_idempotence)
    producer = replace(
        own,
        batch_size_bytes=size,
        buffer_memory_bytes=max(own.buffer_memory_bytes, QUEUED_BATCHES * size),
        max_request_size_bytes=max(own.max_request_size_bytes, size),
        send_buffer_bytes=LARGE_BYTES if is_large else own.send_buffer_bytes,
        acks="1" if own.acks == "0" else own.acks,
    )
    full = with_short_queue(world.scenario(short_queue(producer, 1), Saturating()))
    if is_large:
        full = replace(full, broker=BrokerConfig(socket_receive_buffer_bytes=LARGE_BYTES))
    if not levels["lost_percent"]:
        return _for_requests(full, BEFORE, LOOKED_AT)
    lossy = replace(full, path=replace(full.path, loss=float(levels["lost_percent"]) / 100))
    return _for_requests(lossy, BEFORE_LOSS, UNTIL_LOSS)


def _for_requests(scenario: Scenario, before: int, looked_at: int) -> Scenario:
    """The scenario for so many requests, each of which may take a round trip for each window."""
    window = window_bytes(scenario)
    fits = min(window, send_buffer_bytes(scenario.producer.send_buffer_bytes, window))
    request_s = scenario.path.rtt_s * (1 + full_request(scenario).size_bytes / fits)
    scenario = over_requests(scenario, before, looked_at)
    return at_least(scenario, before * request_s, looked_at * request_s)


def lone(rows: pd.DataFrame, **levels: object) -> pd.DataFrame:
    """The requests that are alone on a path that loses nothing, smallest first."""
    levels = {"sockets": "yours", **levels}
    alone = pick(rows, table="request", in_flight=1, lost_percent=0.0, **levels)
    return alone.sort_values("batch_kib").set_index("batch_kib")


def answer(rows: pd.DataFrame) -> str:
    """Why, up to which size not, what that is for one's own, and what ends it."""
    trips, own_kib = lone(rows)["round_trips"].astype(int), only(rows, "own_kib")
    why = HELD.get(_held_by(pick(rows, **CALM)), "nothing holds them back here")
    largest_kib = trips.index[-1]
    at_once = trips[trips == 1]
    up_to = f"a request of {at_once.index[-1]:g} KiB takes one round trip, " if len(at_once) else ""
    wide = int(lone(rows, sockets="large")["round_trips"].iloc[-1])
    return (
        f"Because {why}. At {only(rows, 'rtt_ms'):g} ms {up_to}one of"
        f" {largest_kib:,g} KiB takes {trips.iloc[-1]}. Yours, with batches of"
        f" {own_kib:g} KiB, take {count(trips[own_kib], 'round trip')}. With sockets of 4 MiB on"
        " both sides (send.buffer.bytes, and the broker's socket.receive.buffer.bytes) the largest"
        f" takes {count(wide, 'round trip')}. {_five(rows)} {_loss(rows)}"
    )


def _held_by(rows: pd.DataFrame) -> str:
    """What held most flights back; nothing if none was."""
    held = rows["held_by"].replace("", None).dropna()
    return str(held.mode().iloc[0]) if len(held) else ""


def _five(rows: pd.DataFrame) -> str:
    """When each of five is at the broker, and one alone."""
    five = _arrive(pick(rows, table="request", in_flight=FIVE)).mean()
    alone = _arrive(lone(rows, batch_kib=SEVERAL_KIB)).mean()
    return (
        f"Five in flight share what one has: of {SEVERAL_KIB} KiB each is at the broker after"
        f" {times(five)} times the round trip, where one alone is there after {times(alone)}."
    )


def _arrive(requests: pd.DataFrame) -> "pd.Series[float]":
    """After how many times the round trip all of each is at the broker."""
    return (requests["arrived_ms"] - requests["sent_ms"]) / requests["rtt_ms"]


def _loss(rows: pd.DataFrame) -> str:
    """What a lost segment did to the request that it hit, and to the next ones."""
    around = around_loss(rows)
    hit = around[around["lost"] > 0]
    if hit.empty:
        return "No segment was lost here."
    trips = around["round_trips"].astype(int)
    after = trips[around["place"] > hit["place"].iloc[0]]
    return (
        f"Where one segment in a thousand is lost, a request of {SEVERAL_KIB} KiB that lost one"
        f" took {trips[hit.index[0]]}, the one before it {trips.iloc[0]}, and those after it"
        f" {listed([str(number) for number in sorted(set(after))])}."
    )


def around_loss(rows: pd.DataFrame) -> pd.DataFrame:
    """The requests around the first that lost a segment, in order."""
    return pick(rows, table="request", lost_percent=LOST_PERCENT).sort_values("place")


def tables(rows: pd.DataFrame) -> list[Table]:
    """Every size alone, and the requests around a loss."""
    heads = [Column("batch.size", spec="g", unit=" KiB"), *numbers("request, bytes")]
    heads += [*numbers("segments in a piece", "flights", "round trips")]
    heads += [Column(name, spec=".1f", unit=" ms") for name in ("at the broker", "its ack")]
    counted = ["size_bytes", "piece_segments", "flights", "round_trips"]
    lines = [[kib, *of[counted], *_after_ms(of)] for kib, of in lone(rows).iterrows()]
    lossy = [
        [of["place"] + 1, *of[["flights", "lost", "round_trips"]], *_after_ms(of)]
        for _, of in around_loss(rows).iterrows()
    ]
    in_turn = [*numbers("request", "flights", "segments lost", "round trips"), *heads[-2:]]
    caption = f"Requests of {SEVERAL_KIB} KiB in turn, around a lost segment"
    return [
        filled("One request in flight, nothing lost", heads, lines),
        filled(caption, in_turn, lossy),
    ]


def _after_ms(request: "pd.Series[float]") -> list[float]:
    """When it is at the broker, and its ack at the client, since it was sent."""
    return [float(request[at] - request["sent_ms"]) for at in ("arrived_ms", "received_ms")]


def draw(rows: pd.DataFrame) -> Figure:
    """The flights of requests that take one, two and three round trips, of five, around a loss."""
    trips = lone(rows)["round_trips"].astype(int)
    shown = [_largest_kib(trips, number) for number in sorted(set(trips))[:3]]
    alone = pick(rows, in_flight=1, lost_percent=0.0, sockets="yours")
    flights = lone(rows)["flights"].astype(int)
    panels = {
        f"{kib:,g} KiB: {count(flights[kib], 'flight')}, {count(trips[kib], 'round trip')}": pick(
            alone, batch_kib=kib
        )
        for kib in shown
    }
    five, lossy = pick(rows, in_flight=FIVE), pick(rows, lost_percent=LOST_PERCENT)
    below = {_five_title(rows): five, _loss_title(rows): lossy}
    held = f"held back by the {_held_by(pick(rows, **CALM)) or 'client'};"
    held += f"\nin the last panel by the {_held_by(lossy) or 'client'}"
    return steps_chart(panels, below, _title(rows), held)


def _title(rows: pd.DataFrame) -> str:
    """How many round trips the requests take that are drawn."""
    trips = lone(rows)["round_trips"].astype(int)
    fewest, *others = sorted(set(trips))[:3]
    said = [
        f"a request of {_largest_kib(trips, fewest):,g} KiB takes {count(fewest, 'round trip')}",
        *(f"one of {_largest_kib(trips, number):,g} KiB takes {number}" for number in others),
    ]
    return f"At {only(rows, 'rtt_ms'):g} ms {listed(said)}"


def _largest_kib(trips: "pd.Series[int]", number: int) -> float:
    """Of the requests that take so many round trips."""
    return float(max(trips.index[trips == number]))


def _five_title(rows: pd.DataFrame) -> str:
    after = _arrive(pick(rows, table="request", in_flight=FIVE))
    span = f"{after.min():.1f} to {after.max():.1f}"
    return f"Five of {SEVERAL_KIB} KiB in flight: there after {span} round trips"


def _loss_title(rows: pd.DataFrame) -> str:
    around = around_loss(rows)
    lost = count(around["lost"].sum(), "segment")
    trips = listed([f"{trips:.0f}" for trips in around["round_trips"]])
    return f"{SEVERAL_KIB} KiB in turn, {lost} lost: {trips} round trips"


EXPERIMENT = Experiment(
    name="steps",
    question="Why do large requests move in steps?",
    aliases=("flights", "window"),
    about="round trips receive window segments tcp capture socket.receive.buffer.bytes"
    " send.buffer.bytes batch.size large requests",
    points=points,
    measure=steps,
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="a request has one batch, which is full, and gets an ack; the link is no limit;"
    " TCP's congestion window has grown out of the way, unless one segment in a thousand is lost",
    rtt_ms=50.0,
    as_given=True,
    smoke=lambda levels: levels["batch_kib"] in (16, 64, 256, LARGEST_KIB),
)
