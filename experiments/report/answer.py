"""The headline answer and the space-time picture, from the comparison's rows."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.compare.contenders import FIVE, FIVE_PLAIN
from experiments.compare.report import five_to_one, ratio
from experiments.kit.stats import CONFIDENCE
from experiments.report.blocks import Block, Chart, Figures, Prose, Section
from experiments.report.stored import Manifest, read_svg

SHOWS = (
    "Two space-time diagrams on one time axis. With one request in flight the producer waits a"
    " whole round trip for each ack. With five, five requests travel or queue at the broker at any"
    " time, and acks come back in order."
)
SENTENCE = (
    "The first milliseconds of two producers, drawn from a simulated run. Above, each request waits"
    " for the ack of the one before. Below, five travel at once; the broker still works on one at a"
    " time for each connection, which it mutes until the ack is written, and the sequence numbers"
    " let it check that they arrive in order."
)


def answer(rows: pd.DataFrame, manifest: Manifest, risk: str) -> Section:
    """What five in flight gain at each distance, what idempotence costs, and what is risked."""
    gains = [(place, five_to_one(part)) for place, part in by_distance(rows)]
    low, high = (f"{end(gain.value for _, gain in gains):.2f}" for end in (min, max))
    span = f"{low} to {high}" if low != high else low
    figures = tuple(
        (
            f"\N{MULTIPLICATION SIGN} {gain.value:.2f}",
            place,
            "exact"
            if gain.exact
            else f"{CONFIDENCE:.0%} interval {gain.low:.2f} to {gain.high:.2f}",
        )
        for place, gain in gains
    )
    sentence = f"Five idempotent requests in flight carry {span} times the records per second of"
    sentence += f" one, depending on the distance to the broker. {_idempotence(rows)}"
    blocks: list[Block] = [Prose(sentence, lead=True), Figures(figures), Prose(_asked(manifest))]
    if risk:
        blocks.append(Prose(risk))
    return Section("answer", "The answer", "The answer", blocks)


def _idempotence(rows: pd.DataFrame) -> str:
    costs = [ratio(part, FIVE_PLAIN, FIVE) for _, part in by_distance(rows)]
    low, high = min(cost.value for cost in costs), max(cost.value for cost in costs)
    if low == high == 1:
        return "Idempotence costs nothing at that depth: with and without it the rows are the same."
    return f"Without idempotence that depth carries {low:.3f} to {high:.3f} times as much."


def _asked(manifest: Manifest) -> str:
    topic = manifest["topic"]
    return (
        "Records per second of five in flight over one, as fast as a producer can: settings of"
        f" Kafka {manifest['kafka']}, records of {manifest['value_bytes']:,} bytes,"
        f" {_count(topic['partitions'], 'partition')} on {_count(topic['brokers'], 'broker')},"
        f" {_count(manifest['producer_count'], 'producer')};"
        f" {_count(manifest['replications'], 'replication')} under common random numbers."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def by_distance(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each distance asked about, with its name."""
    asked = rows[rows["phase"] != "curve"]
    for (distance, rtt_ms), part in asked.groupby(["distance", "rtt_ms"], sort=False):
        rtt = f"{rtt_ms:g} ms"
        yield (rtt if distance == rtt else f"{distance}, {rtt}"), part


def picture(folder: Path) -> Section:
    """The space-time picture, if it was drawn."""
    svg = read_svg(folder, "space_time")
    block: Block = Prose("Not drawn: no request was sent.")
    if svg is not None:
        block = Chart("space_time", svg, "One request in flight, and five", SHOWS, SENTENCE)
    return Section("picture", "The picture", "What happens on the way", [block])
