"""What each client keeps in flight, of what it is allowed, and what that is worth and does.

All are asked for the same: idempotent and not, one and five in flight, batches of 16 KiB; what they
keep is counted from their requests. Their rules are :mod:`model.clients`. Left out: what a client
carries with its own batches, which `inflight compare --clients` shows.
"""

from collections.abc import Iterator
from itertools import product

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, bar_panels, mark
from experiments.kit.clients import FIVE, LOST, ONE, Way, ways, with_losses
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.looks import Look, look
from experiments.kit.replications import Contrast, Level, Replications
from experiments.kit.tables import Table
from experiments.kit.words import about, as_much, listed
from experiments.kit.world import World
from experiments.questions.clients_kept import (
    CALM,
    FULL,
    NOTHING,
    by_client,
    deepest,
    gain,
    is_full,
    kept,
    matrix,
    producers,
    rates,
)
from experiments.questions.trouble import MOST_PER_S
from model.clients import PROFILES

DISTANCES_MS, PARTITIONS = (2.0, 50.0), (1, 12)
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
HARM = ("duplicates", "displaced", "inversions", "failed")


def points(world: World) -> Iterator[Point]:
    """Every client in every way; where it has as many in flight as it takes, also in trouble."""
    rate = world.calm_rate(MOST_PER_S)
    for client, idempotent in ((name, safe) for name in PROFILES for safe in (True, False)):
        found = list(ways(client, idempotent))
        for way in found:
            yield from _calm(world, way)
        for way, lost in product(found[-1:], LOST):
            yield _troubled(world, way, lost, rate)


def _calm(world: World, way: Way) -> Iterator[Point]:
    """As fast as it can, by distance and partitions."""
    distances_ms = DISTANCES_MS if world.fine else (world.rtt_ms,)
    partitions = {*PARTITIONS} if world.fine else {ONE, world.topic.partitions}
    for level in grid(rtt_ms=distances_ms, partitions=sorted(partitions)):
        brokers = min(world.topic.brokers, level["partitions"])
        asked = world.with_topic(level["partitions"], brokers)
        yield Point(
            levels=_levels(way, NOTHING, **level),
            beside={"far_ms": world.rtt_ms, "refuses": way.refuses or "none"},
            scenario=asked.at_full_load(way.producer, level["rtt_ms"]),
        )


def _troubled(world: World, way: Way, lost: str, rate_per_s: float) -> Point:
    """One partition at the world's distance, and a connection that goes again and again."""
    alone = world.with_topic(ONE, ONE)
    return Point(
        levels=_levels(way, lost, rtt_ms=world.rtt_ms, partitions=ONE),
        beside={"far_ms": world.rtt_ms, "refuses": way.refuses or "none"},
        scenario=with_losses(alone, way.producer, rate_per_s, lost),
        measure=figures.row(HARM),
        replications=1,
    )


def _levels(way: Way, lost: str, rtt_ms: float, partitions: int) -> dict[str, Level]:
    of_client: dict[str, Level] = {
        "client": way.client,
        "idempotent": way.idempotent,
        "in_flight": way.allowed,
    }
    return {**of_client, "rtt_ms": rtt_ms, "partitions": partitions, "lost": lost}


def answer(rows: pd.DataFrame) -> str:
    """Who keeps five with idempotence, who does without, and what that is worth."""
    far_ms, safe, plain = only(rows, "far_ms"), kept(rows, True), kept(rows, False)
    more = [name for name, now in plain.items() if is_full(now) > is_full(safe.get(name, 0.0))]
    here = f"of a partition's requests in flight at {far_ms:g} ms"
    sentences = [
        "The library decides, not the setting alone.",
        f"With idempotence {_groups(safe, here)}.",
        f"Without it {_names(more)} {_keep(more)} five too." if more else "",
        _worth(rows, far_ms, [name for name, now in safe.items() if is_full(now)]),
        *_with_more(rows),
        *_losses(rows),
    ]
    return " ".join(filter(None, sentences))


def _groups(found: dict[str, float], of_what: str) -> str:
    """For example ``java keeps five requests in flight, and sarama keeps one``."""
    groups: dict[str, list[str]] = {}
    for client in sorted(found, key=lambda name: -round(found[name])):
        groups.setdefault(_in_words(found[client]), []).append(client)
    parts = [f"{_names(names)} {_keep(names)} {number}" for number, names in groups.items()]
    return ", and ".join([f"{parts[0]} {of_what}", *parts[1:]])


def _in_words(number: float) -> str:
    whole = round(number)
    return NUMBERS.get(whole, str(whole)) if _is(number, whole) else about(number)


def _is(number: float, whole: int) -> bool:
    return abs(number - whole) <= (1 - FULL) * whole


def _names(clients: list[str]) -> str:
    return listed([PROFILES[client].name for client in clients])


def _keep(clients: list[str]) -> str:
    return "keep" if len(clients) > 1 else "keeps"


def _worth(rows: pd.DataFrame, far_ms: float, full: list[str]) -> str:
    """How much more the best of those carries that keep five."""
    gains = {name: gain(rows, name, True, rtt_ms=far_ms, partitions=ONE) for name in full}
    known = {name: value for name, value in gains.items() if value == value}
    if not known:
        return ""
    return f"There five carry up to {as_much(max(known.values()), 'one')}."


def _with_more(rows: pd.DataFrame) -> Iterator[str]:
    """Who fills a connection with several partitions only."""
    most = rows["partitions"].max()
    if most > ONE:
        alone, together = kept(rows, True), kept(rows, True, most)
        names = [
            name for name, now in together.items() if is_full(now) > is_full(alone.get(name, 0.0))
        ]
        if names:
            yield (
                f"With {most} partitions {_names(names)} {_keep(names)} five on a connection, each"
                " for another partition."
            )


def _losses(rows: pd.DataFrame) -> Iterator[str]:
    """What losses leave without idempotence, and with it."""
    lost = deepest(rows, "connection")
    if len(lost):
        moved = by_client(pick(lost, idempotent=False), "displaced")
        names = [client for client, records in moved.items() if records]
        safe = pick(lost, idempotent=True)[["duplicates", "displaced"]].to_numpy().sum()
        yield (
            f"When a connection is lost, {_names(names) or 'no client'} without idempotence"
            f" {'write' if len(names) > 1 else 'writes'} records out of order;"
            f" with it {'some are doubled or moved' if safe else 'none is doubled or moved'}."
        )


def tables(rows: pd.DataFrame) -> list[Table]:
    """What is allowed, kept and gained by client, and what losses leave; then the figures."""
    return [matrix(rows), rates(rows)]


def draw(rows: pd.DataFrame) -> Figure:
    """What each client keeps in flight, of a partition and on a connection, and what it carries."""
    far_ms, far = only(rows, "far_ms"), deepest(rows)
    alone = pick(far, partitions=ONE, rtt_ms=far_ms)
    looks = [(client, of, _look(of, safe)) for client, safe, of in producers(alone)]
    safe = kept(rows, True)
    full = [name for name, now in safe.items() if is_full(now)]
    chart, axes = bar_panels(
        f"Of {len(safe)} idempotent clients {len(full) or 'none'} {_keep(full)} five requests of a"
        f" partition in flight{': ' * bool(full)}{_names(full)}",
        [Series(f"{client}: {each.name}", of, each) for client, of, each in looks],
        {
            "in_flight_partition": f"in flight, mean; one partition, {far_ms:g} ms",
            "records_per_s": "records/s in batches of 16 KiB",
        },
    )
    mark(axes[0], FIVE, "five allowed, or as many as it takes")
    return chart


def _look(of: pd.DataFrame, idempotent: bool) -> Look:
    return look(max(ONE, round(of["in_flight_partition"].mean())), idempotent)


EXPERIMENT = Experiment(
    name="clients",
    question="Does my client keep five in flight?",
    aliases=("client", "library"),
    about="librdkafka franz-go sarama kafka-python aiokafka go python confluent golang why does my"
    " client not reach the number of requests that i set",
    points=points,
    measure=figures.row(CALM),
    replications=Replications(2, 4, Contrast("records_per_s", "in_flight", 1), 0.03),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="how many are in flight is decided before anybody answers",
    assumption="the newest release of each client that is known, batches of 16 KiB, and all else as"
    " the client comes. Where a client refuses five, it has what it takes; franz-go has no setting"
    " for it when it is idempotent, nor has aiokafka",
    rtt_ms=50.0,
    smoke=lambda levels: levels["rtt_ms"] == DISTANCES_MS[-1] and levels["partitions"] == ONE,
    as_given=True,
)
