"""What replicas take from the gain of five: one copy of each partition beside several.

A connection stays muted until every follower in sync has fetched a request, so the wait for them is
time in the broker, which requests of one connection never share.
"""

from collections.abc import Iterator

import pandas as pd

from experiments.compare.contenders import FIVE, ONE
from experiments.kit.estimates import CONFIDENCE, Interval, only, pick, ratio
from experiments.kit.tables import Cell, Column, Table, filled, words
from experiments.kit.words import ALIKE, listed

NUMERALS = {2: "two", 3: "three", 4: "four", 5: "five"}


def replicas_of(copies: pd.DataFrame) -> int:
    """How many there are where there is not one."""
    return int(copies["replicas"].max())


def with_replicas(copies: pd.DataFrame) -> str:
    """For example ``three replicas``."""
    replicas = replicas_of(copies)
    return f"{NUMERALS.get(replicas, f'{replicas:,}')} replicas"


def gain(rows: pd.DataFrame, replicas: int) -> Interval:
    """Records/s of five over one with so many copies, of rows of one distance."""
    mine = pick(rows, replicas=replicas)
    return ratio(pick(mine, producer=FIVE), pick(mine, producer=ONE))


def limit(rows: pd.DataFrame, replicas: int) -> str:
    """What limits five in flight with so many copies."""
    return str(only(pick(rows, replicas=replicas, producer=FIVE), "limit"))


def by_distance(copies: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each distance asked about, with its name."""
    for (distance, rtt_ms), part in pick(copies, phase="capacity").groupby(
        ["distance", "rtt_ms"], sort=False
    ):
        rtt = f"{rtt_ms:g} ms"
        yield (rtt if distance == rtt else f"{distance}, {rtt}"), part


def copies_table(copies: pd.DataFrame, caption: str = "") -> Table:
    """Records/s of one and five and their ratio, with one copy and with all, by distance."""
    replicas, lines = replicas_of(copies), []
    for name, part in by_distance(copies):
        line: list[object] = [name]
        for of in (1, replicas):
            carried = pick(part, replicas=of).groupby("producer")["records_per_s"].mean()
            line += [*carried[[ONE, FIVE]], Cell(f"{gain(part, of):.2f}", strong=True)]
        lines.append([*line, limit(part, replicas)])
    heads = [
        Column(name)
        for which in ("one copy", f"{replicas} replicas")
        for name in (f"{which}: one", "five", "five / one")
    ]
    return filled(caption, [*words("round trip"), *heads, *words("five limited by")], lines)


def caption(copies: pd.DataFrame) -> str:
    """Of the table, where nothing else says what stands in it."""
    return (
        f"Records/s as fast as the producer can, with one copy of each partition and with"
        f" {with_replicas(copies)}; {100 * CONFIDENCE:g} % intervals in brackets"
    )


def headline(copies: pd.DataFrame) -> str:
    """What five carry over one with several copies and with one, and where that is less, why."""
    found = dict(by_distance(copies))
    replicas, rtts_ms = replicas_of(copies), [part["rtt_ms"].iloc[0] for part in found.values()]
    alone, several = ([gain(part, of).value for part in found.values()] for of in (1, replicas))
    opening = (
        f"With {with_replicas(copies)} and acks=all five idempotent requests in flight carry"
        f" {_ends(several)} times the records per second of one. With one copy of each partition"
        f" they carry {_ends(alone)} times as much."
    )
    less = [
        f"{rtt_ms:g} ms"
        for rtt_ms, with_one, with_all in zip(rtts_ms, alone, several, strict=True)
        if with_all * (1 + ALIKE) < with_one
    ]
    if not less:
        return f"{opening} Replicas take nothing of the gain here."
    return (
        f"{opening} Replicas take from the gain at {listed(less)}, because the broker reads nothing"
        " else from a connection until the followers have fetched a request, and of that wait five"
        " share nothing."
    )


def _ends(values: list[float]) -> str:
    return " to ".join(dict.fromkeys(f"{end(values):.2f}" for end in (min, max)))
