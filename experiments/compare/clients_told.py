"""What the clients side by side say once they ran: tables, a sentence for each, the picture."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.compare.clients import ALIKE, CHANGED, COMES, LOAD, Clients
from experiments.compare.space_time import space_time_chart
from experiments.kit.clients import LOSSES, title
from experiments.kit.estimates import only, pick, ratio, summarised
from experiments.kit.looks import look
from experiments.kit.properties import describe
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.kit.words import about, as_much, limit_words, plain, times, worthwhile

PICTURE = "space_time"
SAME = "The same, idempotent and with five allowed where they can be, batches of 16 KiB"
#: Its title, what it shows, and the sentence under it.
SHOWS = (
    "What happens on the way, client by client",
    "Space-time diagrams of the first requests of each client on one time axis.",
    "All idempotent, with batches of 16 KiB and five in flight where the client takes them.",
)


def tables(rows: pd.DataFrame) -> list[Table]:
    """As they come, all alike, under one load and with losses, and what changes carry."""
    rtt_ms = only(rows, "rtt_ms")
    return [
        _capacity(
            f"As each client comes, as fast as it can, {rtt_ms:g} ms away; requests in flight",
            rows,
            COMES,
        ),
        _capacity(SAME, rows, ALIKE),
        _in_use(rows),
        _changes(rows),
    ]


def _capacity(caption: str, rows: pd.DataFrame, phase: str) -> Table:
    heads = [*words("client", "idempotent"), Column("allowed")]
    heads += [Column(f"per {of}", spec=".1f") for of in ("connection", "partition")]
    heads += [Column("records/request", spec=",.1f"), Column("records/s")]
    heads += [Column("request latency", unit=" ms"), *words("limited by")]
    lines = [
        [
            *(client, "yes" if of["idempotent"].all() else "no", of["allowed"].iloc[0]),
            *of[["in_flight_connection", "in_flight_partition", "records_per_request"]].mean(),
            *(of["records_per_s"].mean(), of["request_latency_ms"].mean(), only(of, "limit")),
        ]
        for client, of in _of_clients(pick(rows, phase=phase))
    ]
    return filled(caption, heads, lines)


def _in_use(rows: pd.DataFrame) -> Table:
    """Latency of records, and what is doubled, moved and failed by losses."""
    heads = [*words("client"), Column("p50", unit=" ms"), Column("p99", unit=" ms")]
    heads += [Column(name, spec=",.1f") for name in ("duplicates", "out of order", "failed")]
    lines = []
    for client, of in _of_clients(rows):
        load, acks, all_ = (pick(of, phase=phase) for phase in (LOAD, "acks", "connection"))
        late = load["overloaded"].astype(bool).any()
        times = (
            [Cell("overload", float("inf"))] * 2 if late else [*load[["p50_ms", "p99_ms"]].mean()]
        )
        harm = acks["duplicates"].mean(), all_["displaced"].mean(), all_["failed"].mean()
        lines.append([client, *times, *(float(each) / LOSSES for each in harm)])
    caption = (
        f"As each comes, all offered {plain(only(rows, 'rate_per_s'))} records/s: latency of"
        " records; duplicates each time that acks are lost with the connection; out of order and"
        " failed each time that all on its way is"
    )
    return filled(caption, heads, lines)


def _changes(rows: pd.DataFrame) -> Table:
    lines = [
        [client, change, gain, rate, limit]
        for client, of in _of_clients(rows)
        for change, gain, rate, limit in gains(of)
    ]
    heads = [*words("client", "with"), Column("times as much", spec=".2f")]
    return filled(
        "One thing changed, as each comes",
        [*heads, *numbers("records/s"), *words("limited by")],
        lines,
    )


def gains(of_client: pd.DataFrame) -> list[tuple[str, float, float, str]]:
    """Each change of a client's: what it is, how many times as much it carries, records/s, limit.

    In the order in which they were tried.
    """
    base, tried = pick(of_client, phase=COMES), pick(of_client, phase=CHANGED)
    return [
        (str(change), ratio(of, base).value, float(of["records_per_s"].mean()), only(of, "limit"))
        for change, of in tried.groupby("change", sort=False)
    ]


def advice(rows: pd.DataFrame) -> list[str]:
    """A sentence or two for each client: what it carries, what limits it, and what helps most."""
    return [f"{title(client)}: {_advice(of)}" for client, of in _of_clients(rows)]


def _advice(of: pd.DataFrame) -> str:
    base = pick(of, phase=COMES)
    keeps, rate = base["in_flight_partition"].mean(), base["records_per_s"].mean()
    now = (
        f"{about(rate)} records/s, {keeps:.1f} requests of a partition in flight; limited by"
        f" {limit_words(only(base, 'limit'))}."
    )
    helps = sorted((each for each in gains(of) if worthwhile(each[1])), key=lambda it: -it[1])
    if not helps:
        return f"{now} None of the changes tried carries more."
    first, *others = helps
    beside = [f"with {change} {times(factor)} times" for change, factor, *_ in others]
    carried = f"With {first[0]} it carries {times(first[1])} times as much"
    return f"{now} {', '.join([carried, *beside])}."


def answer(rows: pd.DataFrame) -> str:
    """Who carries most and least as they come, and who most and least with the same batches."""
    parts = []
    for phase, where in ((COMES, "As they come"), (ALIKE, "Idempotent with batches of 16 KiB")):
        rates = {
            name: of["records_per_s"].mean() for name, of in _of_clients(pick(rows, phase=phase))
        }
        most, least = (end(rates, key=lambda name: rates[name]) for end in (max, min))
        parts.append(
            f"{where}, {most} carries {as_much(rates[most] / rates[least], least)}"
            f" at {only(rows, 'rtt_ms'):g} ms."
        )
    return " ".join(parts)


def _of_clients(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for client, of in rows.groupby("client", sort=False):
        yield str(client), of


def picture(rows: pd.DataFrame, requests: pd.DataFrame) -> Figure:
    """A space-time diagram of each client's first requests, all alike, on one time axis."""
    looks = {
        client: look(max(1, round(of["in_flight_connection"].mean())), True)
        for client, of in _of_clients(pick(rows, phase=ALIKE))
    }
    return space_time_chart(requests, {name: each.colour for name, each in looks.items()})


def told(
    asked: Clients, frames: Mapping[str, pd.DataFrame], files: Iterable[Path]
) -> dict[str, Any]:
    """What was found, as fields of JSON."""
    rows = frames["rows"]
    return {
        "command": "compare",
        "answer": answer(rows),
        "advice": advice(rows),
        "assumed": asked.assumed(),
        "notes": describe(asked.world.resolved),
        "figures": summarised(rows.drop(columns="idempotent"), ["client", "phase", "change"]),
        "world": asked.world.manifest(),
        "files": list(files),
    }
