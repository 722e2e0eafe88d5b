"""What rows of clients say: what each keeps in flight, what that is worth, and their tables."""

import pandas as pd

from experiments.kit.clients import FIVE, LOSSES, ONE, title
from experiments.kit.estimates import only, pick, ratio
from experiments.kit.tables import Cell, Column, Table, filled, numbers, words
from experiments.kit.words import count

NOTHING = "nothing"
#: Ours: who keeps nearly so many keeps them.
FULL = 0.85
CALM = ("records_per_s", "records_per_request", "in_flight_connection", "in_flight_partition")
BY = ["client", "idempotent"]


def is_full(number: float) -> bool:
    """Whether so many in flight are five."""
    return bool(number >= FULL * FIVE)


def deepest(rows: pd.DataFrame, lost: str = NOTHING) -> pd.DataFrame:
    """Rows of each client with as many in flight as it takes, idempotent or not."""
    rows = pick(rows, lost=lost)
    most = rows.groupby(BY)["in_flight"].transform("max")
    return rows[rows["in_flight"] == most]


def kept(rows: pd.DataFrame, idempotent: bool, partitions: int = ONE) -> dict[str, float]:
    """What each client keeps in flight far away: of one partition, or on a connection for more."""
    far = pick(deepest(rows), idempotent=idempotent, partitions=partitions)
    far = pick(far, rtt_ms=only(rows, "far_ms"))
    return by_client(far, "in_flight_partition" if partitions == ONE else "in_flight_connection")


def by_client(rows: pd.DataFrame, figure: str) -> dict[str, float]:
    """The mean of a figure by client, in the clients' order."""
    means = rows.groupby("client", sort=False)[figure].mean()
    return {str(client): float(value) for client, value in means.items()}


def producers(rows: pd.DataFrame) -> list[tuple[str, bool, pd.DataFrame]]:
    """Each client, idempotent or not, with its rows."""
    found = rows.groupby(BY, sort=False)
    return [(str(client), bool(safe), of) for (client, safe), of in found]


def gain(rows: pd.DataFrame, client: str, idempotent: bool, **where: object) -> float:
    """Records/s with as many as it takes over one in flight; NaN where it cannot be set.

    One in flight is not idempotent where the client has no such producer.
    """
    own = pick(rows, client=client, lost=NOTHING, **where)
    most = pick(deepest(own), idempotent=idempotent)
    same = pick(own, idempotent=idempotent, in_flight=ONE)
    one = same if len(same) else pick(own, idempotent=False, in_flight=ONE)
    if not len(most) or not len(one) or only(most, "in_flight") == ONE:
        return float("nan")
    return ratio(most, one).value


def matrix(rows: pd.DataFrame) -> Table:
    """A line for each client, idempotent and not."""
    far_ms, calm = only(rows, "far_ms"), pick(rows, lost=NOTHING)
    worlds = [
        {"rtt_ms": rtt_ms, "partitions": partitions}
        for rtt_ms in sorted(calm["rtt_ms"].unique())
        for partitions in sorted(calm["partitions"].unique())
    ]
    here = [where for where in worlds if where["rtt_ms"] == far_ms]
    heads = [*words("client", "idempotent"), Column("allowed")]
    heads += numbers(*(_topic(where) for where in here))
    heads += [
        Column(f"gain, {where['rtt_ms']:g} ms, {_topic(where)}", spec=".2f") for where in worlds
    ]
    heads += [Column(name, spec=".1f") for name in ("duplicates", "out of order")]
    lines = [
        [
            *(title(client), "yes" if safe else "no", _allowed(of)),
            *(_kept(pick(deepest(of), **where)) for where in here),
            *(gain(rows, client, safe, **where) for where in worlds),
            *(_each(of, "acks", "duplicates"), _each(of, "connection", "displaced")),
        ]
        for client, safe, of in producers(rows)
    ]
    caption = (
        f"Requests in flight at {far_ms:g} ms on a connection / of a partition; records each time"
        " that acks are lost with a connection (duplicates), or all that is on its way (out of"
        " order). Gain: five over one"
    )
    return filled(caption, heads, lines, wide=True)


def _topic(where: dict[str, float]) -> str:
    return count(where["partitions"], "partition")


def _allowed(of: pd.DataFrame) -> Cell:
    """The setting, and whether more are refused."""
    most = int(of["in_flight"].max())
    refused = (of["refuses"] != "none").any()
    return Cell(f"{most}", most, note="five are refused" if refused else "")


def _kept(of: pd.DataFrame) -> Cell:
    connection, partition = (of[name].mean() for name in CALM[2:])
    return Cell(f"{connection:.1f} / {partition:.1f}" if len(of) else "-", connection)


def _each(of: pd.DataFrame, lost: str, figure: str) -> float:
    found = deepest(of, lost)
    return float(found[figure].mean()) / LOSSES if len(found) else float("nan")


def rates(rows: pd.DataFrame) -> Table:
    """Records/s of every producer."""
    calm = pick(rows, lost=NOTHING)
    by = ["in_flight", "rtt_ms", "partitions"]
    heads = [*words("client", "idempotent"), Column("allowed", spec="g")]
    heads += [Column("round trip", spec="g", unit=" ms"), Column("partitions")]
    heads += [Column("records/s"), Column("records/request", spec=".1f")]
    lines = [
        [title(name), "yes" if safe else "no", *rest, *(of[figure].mean() for figure in CALM[:2])]
        for name, safe, own in producers(calm)
        for rest, of in own.groupby(by, sort=False)
    ]
    return filled("What each carries, as fast as it can", heads, lines, folded=True)
