"""What the comparison says once it is stored: tables, ratios, charts, sections of the report.

Everything is a function of its frames. Charts are drawn elsewhere, since drawing is slow to import.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments.compare.contenders import FIVE, FIVE_PLAIN, LABELS, ONE
from experiments.kit.estimates import CONFIDENCE, Interval, only, pick, ratio
from experiments.kit.page import Block, Chart, Figures, Prose, Section
from experiments.kit.pool import Workers
from experiments.kit.store import Manifest, load_frame, read_manifest, read_svg
from experiments.kit.tables import Cell, Table, markdown, number, numbers, text, words
from experiments.kit.words import count

INTERVAL = f"{100 * CONFIDENCE:g} % interval"
#: Chart to the frame that it is drawn from, its title, what it shows, and the sentence under it.
CHARTS: Mapping[str, tuple[str, str, str, str]] = {
    "space_time": (
        "requests",
        "One request in flight, and five",
        "Two space-time diagrams on one time axis. With one request in flight the producer waits a"
        " whole round trip for each ack. With five, five requests travel or queue at the broker at"
        " any time, and acks come back in order.",
        "The first milliseconds of two producers, drawn from a simulated run. Above, each request"
        " waits for the ack of the one before. Below, five travel at once; the broker still works"
        " on one at a time for each connection, which it mutes until the ack is written, and the"
        " sequence numbers let it check that they arrive in order.",
    ),
    "throughput": (
        "rows",
        "Records per second by distance",
        "Records per second against round-trip time, both on logarithmic axes, for the three"
        " producers, each with its closed-form bound.",
        "What one producer carries as fast as it can. Dotted: what it cannot exceed.",
    ),
    "latency": (
        "latencies",
        "Latency under the same load",
        "For each distance, the share of records that took longer than a time, for the three"
        " producers under the same arrivals.",
        "How long records take when all producers are offered the same. The share that took longer"
        " is on a logarithmic axis, so that the slowest records can be seen.",
    ),
    "in_flight": (
        "in_flight",
        "Requests in flight after a cold start",
        "For each distance, the number of unanswered requests over the first round trips.",
        "One request at a time, or five: how many are unanswered at any moment.",
    ),
}


def draw(frames: Mapping[str, pd.DataFrame], folder: Path, workers: Workers) -> list[Path]:
    """Draw every chart that has rows; the paths written."""
    wanted = [(name, frames[frame], folder) for name, (frame, *_) in CHARTS.items()]
    drawn = workers.map(_draw_one, [each for each in wanted if len(each[1])])
    return [path for paths in drawn for path in paths]


def _draw_one(wanted: tuple[str, pd.DataFrame, Path]) -> list[Path]:
    from experiments.compare.charts import DRAWN_BY  # who only asks for charts needs none of it
    from experiments.kit.style import save

    name, frame, folder = wanted
    return save(DRAWN_BY[name](frame), folder, name)


def redraw(folder: Path) -> list[Path]:
    """Every chart again, from stored rows. Raises ConfigError where there are none."""
    frames = {frame: load_frame(folder, frame) for frame, *_ in CHARTS.values()}
    return draw(frames, folder, Workers(1))


def by_distance(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each distance asked about, with its name."""
    asked = rows[rows["phase"] != "curve"]
    for (distance, rtt_ms), part in asked.groupby(["distance", "rtt_ms"], sort=False):
        rtt = f"{rtt_ms:g} ms"
        yield (rtt if distance == rtt else f"{distance}, {rtt}"), part


def five_to_one(part: pd.DataFrame, over: str = FIVE, under: str = ONE) -> Interval:
    """Records/s of five idempotent in flight over one, or of another pair, at one distance."""
    capacity = pick(part, phase="capacity")
    return ratio(pick(capacity, producer=over), pick(capacity, producer=under))


def ratio_lines(rows: pd.DataFrame) -> Iterator[str]:
    """What five in flight gain over one, and what idempotence costs at equal depth."""
    for name, part in by_distance(rows):
        gain, cost = five_to_one(part), five_to_one(part, FIVE, FIVE_PLAIN)
        yield (
            f"{name}: five / one in flight = {gain:.2f};  with / without idempotence = {cost:.3f}"
        )


def tables(rows: pd.DataFrame) -> tuple[Table, Table]:
    """Capacity and latency of every producer at every distance."""
    named = [
        (Cell(name, float(part["rtt_ms"].iloc[0])), label, pick(part, producer=label))
        for name, part in by_distance(rows)
        for label in LABELS
    ]
    capacity = numbers("records/s", "bound", "MB/s", "in flight", "batch fill")
    return (
        Table(
            "As fast as the producer can: means over the replications, and the closed-form bound",
            [*words("round trip", "producer"), *capacity, *words("limited by")],
            [[place, text(label), *_carried(part)] for place, label, part in named],
        ),
        Table(
            "Latency of records in ms, all producers offered the same",
            [*words("round trip", "producer"), *numbers("offered/s", "mean", "p50", "p95", "p99")],
            [[place, text(label), *_took(part)] for place, label, part in named],
        ),
    )


def _carried(of_label: pd.DataFrame) -> Sequence[Cell]:
    capacity = pick(of_label, phase="capacity")
    mean = capacity.mean(numeric_only=True)
    return [
        number(mean["records_per_s"]),
        number(mean["bound_records_per_s"]),
        number(mean["mb_per_s"], ".2f"),
        number(mean["in_flight_mean"], ".2f"),
        number(mean["batch_fill"], ".0%"),
        text(only(capacity, "limit")),
    ]


def _took(of_label: pd.DataFrame) -> Sequence[Cell]:
    """Percentiles of an overloaded producer would be those of the survivors: none are given."""
    load = pick(of_label, phase="load")
    mean = load.mean(numeric_only=True)
    offered = float(mean["offered_records_per_s"])
    first = Cell("closed loop", offered) if offered != offered else number(offered)
    latencies = mean[["mean_ms", "p50_ms", "p95_ms", "p99_ms"]]
    if load["overloaded"].any():
        return [first, *[Cell("overload", float("inf"))] * len(latencies)]
    return [first, *(number(value, ".3g") for value in latencies)]


def sections(results: Path) -> list[Section]:
    """The headline, the picture, and the comparison in full. Raises ConfigError without results."""
    folder = results / "compare"
    manifest, rows = read_manifest(folder), load_frame(folder, "rows")
    capacity, latency = tables(rows)
    picture = _chart(folder, "space_time") or [Prose("Not drawn: no request was sent.")]
    full = [
        *(*_chart(folder, "throughput"), capacity),
        *(*_chart(folder, "latency"), latency),
        *_chart(folder, "in_flight"),
    ]
    return [
        Section("answer", "The answer", "The answer", list(_answer(rows, manifest))),
        Section("picture", "The picture", "What happens on the way", picture),
        Section("distances", "Distance", "By distance", full),
    ]


def _chart(folder: Path, name: str) -> list[Block]:
    svg = read_svg(folder, name)
    return [] if svg is None else [Chart(name, svg, *CHARTS[name][1:])]


def _answer(rows: pd.DataFrame, manifest: Manifest) -> Iterator[Block]:
    """What five in flight gain at each distance, and what idempotence costs."""
    gains = {name: five_to_one(part) for name, part in by_distance(rows)}
    span = " to ".join(
        dict.fromkeys(f"{end(g.value for g in gains.values()):.2f}" for end in (min, max))
    )
    yield Prose(
        f"Five idempotent requests in flight carry {span} times the records per second of one,"
        f" depending on the distance to the broker. {_idempotence(rows)}",
        lead=True,
    )
    yield Figures(
        tuple(
            (f"\N{MULTIPLICATION SIGN} {gain.value:.2f}", name, _certainty(gain))
            for name, gain in gains.items()
        )
    )
    topic = manifest["topic"]
    yield Prose(
        "Records per second of five in flight over one, as fast as a producer can: settings of"
        f" Kafka {manifest['kafka']}, records of {manifest['value_bytes']:,} bytes,"
        f" {count(topic['partitions'], 'partition')} on {count(topic['brokers'], 'broker')},"
        f" {count(manifest['producer_count'], 'producer')};"
        f" {count(manifest['replications'], 'replication')} under common random numbers."
    )


def _certainty(gain: Interval) -> str:
    return "exact" if gain.exact else f"{INTERVAL} {gain.low:.2f} to {gain.high:.2f}"


def _idempotence(rows: pd.DataFrame) -> str:
    costs = [five_to_one(part, FIVE_PLAIN, FIVE).value for _, part in by_distance(rows)]
    low, high = min(costs), max(costs)
    if low == high == 1:
        return "Idempotence costs nothing at that depth: with and without it the rows are the same."
    return f"Without idempotence that depth carries {low:.3f} to {high:.3f} times as much."


def excerpts(results: Path) -> dict[str, str]:
    """Records/s of each producer and the gain of five with its interval, by distance."""
    rows = load_frame(results / "compare", "rows")
    table = Table(
        "",
        [*words("round trip"), *numbers(*LABELS, f"five / one ({INTERVAL})")],
        [
            [
                text(name),
                *(
                    number(
                        pick(part, phase="capacity", producer=label)["records_per_s"].mean(),
                        ",.0f",
                        " records/s",
                    )
                    for label in LABELS
                ),
                Cell(f"{five_to_one(part):.2f}", strong=True),
            ]
            for name, part in by_distance(rows)
        ],
    )
    sentence = (
        "Kafka 4.1's defaults, records of 1,000 bytes, one partition, as fast as the producer can."
        f" {_idempotence(rows)}"
    )
    return {"headline": f"{markdown(table)}\n\n{sentence}"}
