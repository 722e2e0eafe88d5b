"""What the comparison says once it is stored: tables, ratios, charts, sections of the report."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from experiments.compare import copies as of_copies
from experiments.compare.contenders import FIVE, FIVE_PLAIN, LABELS, ONE
from experiments.compare.gains import changes_tables
from experiments.compare.offered import PERCENTILES, is_known
from experiments.kit.aside import Aside
from experiments.kit.estimates import CONFIDENCE, Interval, mean_of, only, pick, ratio
from experiments.kit.options import NEWEST_KAFKA
from experiments.kit.page import Block, Chart, Figures, Prose, Section
from experiments.kit.store import (
    Contents,
    Manifest,
    load_frame,
    read_manifest,
    read_svg,
    write,
)
from experiments.kit.tables import Cell, Column, Table, filled, markdown, numbers, words
from experiments.kit.windows import MOST_REQUESTS
from experiments.kit.words import count

INTERVAL = f"{100 * CONFIDENCE:g} % interval"
#: The frame that only a world with several copies has.
COPIES = "copies"
SVG, PNG = "svg", "png"
#: Chart to the frame that it is drawn from, its title, what it shows, and the sentence under it.
CHARTS: Mapping[str, tuple[str, str, str, str]] = {
    "space_time": (
        "requests",
        "One request in flight, and five",
        "Two space-time diagrams on one time axis, of one request in flight and of five.",
        "With one in flight each request waits for the ack of the one before. With five, five"
        " travel at once, and sequence numbers let the broker check that they arrive in order.",
    ),
    "gain": (
        COPIES,
        "What replicas take from the gain",
        "What five in flight carry over one by distance, with one copy and with all replicas.",
        "The broker reads nothing else from a connection until the followers have fetched a"
        " request: near the broker that wait is most of a round, and five share none of it.",
    ),
    "throughput": (
        "rows",
        "Records per second by distance",
        "Records per second of the three producers by distance, and what each cannot exceed.",
        "What one producer carries as fast as it can. Dotted: what it cannot exceed.",
    ),
    "latency": (
        "latencies",
        "Latency under the same load",
        "For each distance, the median and the 99th percentile of each producer as bars.",
        "How long records take when all producers are offered the same arrivals.",
    ),
    "in_flight": (
        "in_flight",
        "Requests in flight after a cold start",
        "The number of unanswered requests of each producer over the first round trips.",
        "One request at a time, or five: how many are unanswered at any moment.",
    ),
}


class Drawing:
    """Charts that are drawn while runs go on; nothing is written before all is known."""

    def __init__(self, folder: Path, aside: Aside, kinds: Sequence[str]) -> None:
        self._folder, self._aside, self._kinds = folder, aside, kinds
        self._drawn: dict[str, Callable[[], Contents]] = {}

    def begin(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Draw every chart that has rows, and was not begun before."""
        for name, (frame, *_) in CHARTS.items():
            if name not in self._drawn and len(frames.get(frame, ())):
                wanted = name, frames[frame], self._folder, self._kinds
                self._drawn[name] = self._aside.ask(_draw_one, wanted)

    def write(self) -> list[Path]:
        """Write what was drawn; the paths."""
        return [
            path for name in CHARTS if name in self._drawn for path in write(self._drawn[name]())
        ]


def _draw_one(wanted: "tuple[str, pd.DataFrame, Path, Sequence[str]]") -> Contents:
    from experiments.compare.charts import DRAWN_BY  # who only asks for charts needs none of it
    from experiments.kit.style import drawn

    name, frame, folder, kinds = wanted
    return drawn(DRAWN_BY[name](frame), folder, name, kinds)


def redraw(folder: Path) -> list[Path]:
    """Every chart again, from stored rows. Raises ConfigError where there are none."""
    frames = {frame: load_frame(folder, frame) for frame, *_ in CHARTS.values() if frame != COPIES}
    drawing = Drawing(folder, Aside((), alone=True), (SVG, PNG))
    drawing.begin({**frames, **stored_copies(folder)})
    return drawing.write()


def stored_copies(folder: Path) -> dict[str, pd.DataFrame]:
    """The frame of one copy beside several, by its name; empty where there is one copy alone."""
    has = f"{COPIES}.csv" in read_manifest(folder)["sha256"]
    return {COPIES: load_frame(folder, COPIES)} if has else {}


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


def ratio_lines(rows: pd.DataFrame, copies: pd.DataFrame | None = None) -> Iterator[str]:
    """What five in flight gain over one, and what idempotence costs at equal depth."""
    alone = {} if copies is None else dict(of_copies.by_distance(copies))
    for name, part in by_distance(rows):
        gain = f"five / one in flight = {five_to_one(part):.2f}"
        gain += f" (with one copy {of_copies.gain(alone[name], 1):.2f})" if alone else ""
        cost = f"with / without idempotence = {five_to_one(part, FIVE, FIVE_PLAIN):.3f}"
        yield f"{name}: {gain};  {cost}"


def tables(rows: pd.DataFrame) -> tuple[Table, Table]:
    """Capacity and latency of every producer at every distance."""
    producers = [
        ([Cell(name, float(part["rtt_ms"].iloc[0])), label], pick(part, producer=label))
        for name, part in by_distance(rows)
        for label in LABELS
    ]
    named = words("round trip", "producer")
    carried = [*numbers("records/s", "cannot exceed"), Column("MB/s", spec=".2f")]
    carried += [
        Column("in flight", spec=".2f"),
        Column("batches full", spec=".0%"),
    ]
    latency = [Column(name, spec=".3g") for name in ("mean", "p50", "p95", "p99")]
    return (
        filled(
            "As fast as the producer can: means over all runs, and what it cannot exceed;"
            " in flight on all connections",
            [*named, *carried, *words("limited by")],
            [[*names, *_carried(pick(part, phase="capacity"))] for names, part in producers],
        ),
        filled(
            f"Latency of records in ms, all producers offered the same; {INTERVAL}s in brackets",
            [*named, *numbers("offered/s"), *latency],
            [[*names, *_took(pick(part, phase="load"))] for names, part in producers],
        ),
    )


def _carried(capacity: pd.DataFrame) -> Sequence[object]:
    columns = ["records_per_s", "bound_records_per_s", "mb_per_s", "in_flight_mean", "batch_fill"]
    return [*capacity[columns].mean(), only(capacity, "limit")]


def _took(load: pd.DataFrame) -> Sequence[object]:
    """Percentiles of an overloaded producer would be those of the survivors: none are given."""
    offered = float(load["offered_records_per_s"].mean())
    first = Cell("closed loop", offered) if offered != offered else offered
    if load["overloaded"].any():
        return [first, *[Cell("overload", float("inf"))] * 4]
    mean, median, most, nearly_all = (
        mean_of(load, f"{name}_ms") for name in ("mean", "p50", "p95", "p99")
    )
    return [first, mean.value, _known(median), most.value, _known(nearly_all)]


def _known(time_ms: Interval) -> Cell:
    """A percentile with its interval, which ends at 0 at the latest."""
    low, high = max(0.0, time_ms.low), time_ms.high
    ends = "" if time_ms.exact or not time_ms.known else f" [{low:.3g}, {high:.3g}]"
    return Cell(f"{time_ms.value:.3g}{ends}", time_ms.value)


def unknown_lines(rows: pd.DataFrame) -> Iterator[str]:
    """A sentence that names percentiles which no window of an allowed length could tell well."""
    unknown = [
        f"{percentile.removesuffix('_ms')} of {label} at {name}"
        for name, part in by_distance(rows)
        for label in LABELS
        for percentile in PERCENTILES
        if not is_known(pick(part, phase="load", producer=label)[percentile].tolist())
    ]
    if unknown:
        yield (
            f"Not known well, whatever was simulated ({count(MOST_REQUESTS, 'request')} a run):"
            f" {', '.join(unknown)}"
        )


def sections(results: Path) -> list[Section]:
    """The headline, the picture, and the comparison in full. Raises ConfigError without results."""
    return sections_in(results / "compare")


def sections_in(folder: Path) -> list[Section]:
    """The same of the comparison in a folder."""
    manifest, rows = read_manifest(folder), load_frame(folder, "rows")
    copies = stored_copies(folder).get(COPIES)
    capacity, latency = tables(rows)
    charts = {name: read_svg(folder, name) for name in CHARTS}
    drawn: dict[str, list[Block]] = {
        name: [Chart(name, svg, *CHARTS[name][1:])] for name, svg in charts.items() if svg
    }
    picture = drawn.get("space_time", [Prose("Not drawn: no request was sent.")])
    gain = drawn.get("gain", []) if copies is not None else []
    full = [*gain, *drawn.get("throughput", []), capacity, *drawn.get("latency", []), latency]
    return [
        Section("answer", "The answer", "The answer", list(_answer(rows, manifest, copies))),
        Section("picture", "The picture", "What happens on the way", picture),
        Section("distances", "Distance", "By distance", [*full, *drawn.get("in_flight", [])]),
    ]


def own_sections(folder: Path, advice: str, assumed: str) -> list[Section]:
    """One's own comparison: what to change first, what it assumes, what was tried, the tables."""
    answer, picture, distances = sections_in(folder)
    tried = changes_tables(load_frame(folder, "changes"), read_manifest(folder)["rtt_ms"])
    first, _, rest = advice.partition(". ")
    lead = Prose(f"{first}." if rest else first, lead=True)
    blocks: list[Block] = [lead, *([Prose(rest)] if rest else []), Prose(assumed), *tried]
    gains, figures, *others = answer.blocks
    assert isinstance(gains, Prose)
    copies = [block for block in others if isinstance(block, Table)]
    beside = [replace(gains, lead=False), figures, *copies, *distances.blocks]
    compared = replace(distances, blocks=beside)
    return [replace(answer, blocks=blocks), compared, picture]


def _answer(rows: pd.DataFrame, manifest: Manifest, copies: pd.DataFrame | None) -> Iterator[Block]:
    gains = {name: five_to_one(part) for name, part in by_distance(rows)}
    opening = _opening(gains) if copies is None else of_copies.headline(copies)
    yield Prose(f"{opening} {_idempotence(rows, manifest)}", lead=True)
    times = "\N{MULTIPLICATION SIGN}"
    found = [(f"{times} {g.value:.2f}", name, f"{INTERVAL}: {g:.2f}") for name, g in gains.items()]
    yield Figures(tuple(found))
    if copies is not None:
        yield of_copies.copies_table(copies, of_copies.caption(copies))
    topic = manifest["topic"]
    apart = f" {manifest['replica_rtt_ms']:g} ms apart" if topic["replicas"] > 1 else ""
    yield Prose(
        f"Settings of Kafka {manifest['kafka']}, records of {manifest['value_bytes']:,} bytes,"
        f" {count(topic['partitions'], 'partition')} on {count(topic['brokers'], 'broker')},"
        f" {count(topic['replicas'], 'replica')}{apart},"
        f" {count(manifest['producer_count'], 'producer')};"
        f" {count(manifest['replications'], 'run')} each, with the same arrivals for all."
    )


def _opening(gains: Mapping[str, Interval]) -> str:
    ends = (f"{end(g.value for g in gains.values()):.2f}" for end in (min, max))
    depending = ", depending on the distance to the broker" if len(gains) > 1 else ""
    return (
        f"Five idempotent requests in flight carry {' to '.join(dict.fromkeys(ends))} times the"
        f" records per second of one{depending}."
    )


def _idempotence(rows: pd.DataFrame, manifest: Manifest) -> str:
    costs = [five_to_one(part, FIVE_PLAIN, FIVE).value for _, part in by_distance(rows)]
    low, high = min(costs), max(costs)
    if low == high == 1:
        return "Idempotence costs nothing at that depth: with and without it the rows are the same."
    acks, plain = (manifest["producers"][label]["acks"] for label in (FIVE, FIVE_PLAIN))
    other = "" if acks == plain else f", and with acks={plain} instead of acks={acks},"
    return f"Without idempotence{other} that depth carries {low:.3f} to {high:.3f} times as much."


def excerpts(results: Path) -> dict[str, str]:
    """Records/s of one and five and the gain with its interval, with one copy and with several."""
    folder = results / "compare"
    manifest, rows = read_manifest(folder), load_frame(folder, "rows")
    copies = stored_copies(folder)[COPIES]
    world = (
        f"Kafka {NEWEST_KAFKA}'s defaults, records of 1,000 bytes, one partition,"
        f" {of_copies.with_replicas(copies)} {manifest['replica_rtt_ms']:g} ms apart (round trip),"
        " as fast as the producer can."
    )
    sentences = f"{of_copies.headline(copies)} {world} {_idempotence(rows, manifest)}"
    return {"headline": f"{markdown(of_copies.copies_table(copies))}\n\n{sentences}"}
