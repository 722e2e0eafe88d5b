"""Codecs against the distance: more records in each request, for work at both ends.

A batch is filled by what the client expects the codec to make of it, so that a request of the same
size carries more records; where requests in flight are what is scarce that is all gain. Near, the
work counts: the application's thread compresses, and the broker decompresses to look at each record
while the connection is muted.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, bar_panels, curves, mark
from experiments.kit.estimates import only, pick, ratio
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.replications import Contrast, Replications
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import ALIKE, as_much, limit_words, listed, plain, times, worthwhile
from experiments.kit.world import World
from model import ProducerConfig
from model.config.compression import CODECS, NO_CODEC, CodecName

DISTANCES_MS, DEPTHS = (0.2, 1, 5, 20, 100), (1, 5)
ONE, FIVE = DEPTHS
#: What a reader calls no codec.
UNCOMPRESSED = "uncompressed"


def points(world: World) -> Iterator[Point]:
    """Every codec and depth, at full load."""
    known = codecs(world)
    for level in grid(
        rtt_ms=world.distances(DISTANCES_MS) if world.fine else [world.rtt_ms],
        codec=[UNCOMPRESSED if codec == NO_CODEC else codec for codec in known],
        depth=DEPTHS,
    ):
        config = with_codec(world, level["codec"], level["depth"])
        scenario = world.at_full_load(config, level["rtt_ms"])
        about = scenario.compressibility.ratio if scenario.compresses else 1.0
        yield Point(
            levels=level,
            beside={"ratio": about, "yours": level["rtt_ms"] == world.rtt_ms},
            scenario=scenario,
        )


def codecs(world: World) -> tuple[str, ...]:
    """All of them; but what a user's records shrink to is known of their own codec alone."""
    own = world.own.compression_type
    if world.compressibility is not None and own != NO_CODEC:
        return NO_CODEC, own
    return NO_CODEC, *CODECS


def with_codec(world: World, named: str, depth: int) -> ProducerConfig:
    """The user's producer with a codec, at the user's level if it is theirs, and a depth."""
    codec = cast(CodecName, NO_CODEC if named == UNCOMPRESSED else named)
    own = world.own
    level = own.compression_level if codec == own.compression_type else None
    producer = world.in_flight(depth, own.enable_idempotence)
    return replace(producer, compression_type=codec, compression_level=level)


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """By codec, at the user's distance: five in flight over uncompressed, records, limit."""
    own = pick(rows, yours=True, depth=FIVE)
    plain_rows = pick(own, codec=UNCOMPRESSED)
    found = [
        (
            codec,
            ratio(of, plain_rows).value,
            of["records_per_request"].mean(),
            of["records_per_s"].mean(),
            of["service_ms"].mean(),
            only(of, "limit"),
        )
        for codec, of in own.groupby("codec", sort=False)
    ]
    names = ["codec", "gain", "records", "records_per_s", "service_ms", "limit"]
    return pd.DataFrame(found, columns=names).set_index("codec")


def best_of(found: pd.DataFrame) -> str:
    """The codec that carries most; of those that carry alike, the one with least work."""
    packed = found.drop(UNCOMPRESSED)
    near = packed[packed["gain"] * (1 + ALIKE) >= packed["gain"].max()]
    return str(near["service_ms"].idxmin())


def answer(rows: pd.DataFrame) -> str:
    """What the best codec gains and why, what becomes of five over one, and who gains less."""
    found = gains(rows)
    packed, best = found.drop(UNCOMPRESSED), best_of(found)
    rtt_ms = only(pick(rows, yours=True), "rtt_ms")
    gain = float(found["gain"][best])
    records = [about_records(found["records"][name]) for name in (best, UNCOMPRESSED)]
    lead = "More records in each request" if worthwhile(gain) else "More records, and no more speed"
    return (
        f"{lead}: at {rtt_ms:g} ms five in flight carry {as_much(gain, 'uncompressed')} with"
        f" {best}. Its requests hold {records[0]} records instead of {records[1]}, and what limits"
        f" them is {limit_words(found['limit'][best])}. {_of_depth(rows, best)}"
        f"{_others(packed, best)}"
    )


def about_records(number: float) -> str:
    """Records of a mean request, whole."""
    return plain(round(number))


def _of_depth(rows: pd.DataFrame, best: str) -> str:
    """Five over one, with the codec and without."""
    own = pick(rows, yours=True)
    with_it, without = (
        ratio(pick(own, codec=codec, depth=FIVE), pick(own, codec=codec, depth=ONE)).value
        for codec in (best, UNCOMPRESSED)
    )
    if abs(with_it / without - 1) <= ALIKE:
        return f"One in flight gains alike: five carry {times(with_it)} times as much either way."
    return (
        f"Five carry {times(with_it)} times as much as one with it, and {times(without)} times"
        " uncompressed."
    )


def _others(packed: pd.DataFrame, best: str) -> str:
    """Codecs that gain nothing, if there are any."""
    lost = [str(codec) for codec, gain in packed["gain"].items() if not worthwhile(gain)]
    lost = [codec for codec in lost if codec != best]
    if not lost:
        return ""
    named = listed(lost)
    return f" {named[0].upper()}{named[1:]} gain{'s' * (len(lost) == 1)} nothing here."


def tables(rows: pd.DataFrame) -> list[Table]:
    """Every codec at the user's distance."""
    own = pick(rows, yours=True)
    shown = (
        Shown("ratio", "given ratio", ".2f"),
        Shown("records_per_request", "records/request", ".1f"),
        Shown("records_per_s", "records/s"),
        Shown("service_ms", "in the broker, ms", ".2f"),
        Shown("limit", "limited by"),
    )
    names = {"codec": "codec", "depth": "in flight"}
    return [summary(f"At {only(own, 'rtt_ms'):g} ms, as fast as it can", own, names, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """Five in flight: how much more each codec carries, by distance; bars where there is one."""
    five = pick(rows, depth=FIVE)
    names = list(dict.fromkeys(five["codec"]))
    if five["rtt_ms"].nunique() == 1:
        series = [Series(name, pick(five, codec=name), _colour(name)) for name in names]
        panels = {"records_per_request": "records in a request", "records_per_s": "records/s"}
        return bar_panels(_title(rows), series, panels)[0]
    base = pick(five, codec=UNCOMPRESSED).set_index(["rtt_ms", "replication"])["records_per_s"]
    places = pd.MultiIndex.from_frame(five[["rtt_ms", "replication"]])
    five = five.assign(times=five["records_per_s"].to_numpy() / base.reindex(places).to_numpy())
    chart, axes = curves(
        _title(rows),
        [Series(name, pick(five, codec=name), _colour(name)) for name in names],
        ("rtt_ms", "round-trip time in ms"),
        {
            "records_per_request": "records in a request",
            "times": "records/s, uncompressed: 1",
        },
        note="Five in flight, as fast as they can.",
    )
    for panel in axes:
        mark(panel, only(pick(rows, yours=True), "rtt_ms"), "yours")
    return chart


def _colour(codec: str) -> int:
    """The number of its series: a codec keeps its colour, and no codec is grey."""
    return (*CODECS, "", UNCOMPRESSED).index(codec)


def _title(rows: pd.DataFrame) -> str:
    """What the best codec gains at the user's distance, and why."""
    found = gains(rows)
    best = best_of(found)
    records = [about_records(found["records"][name]) for name in (best, UNCOMPRESSED)]
    return (
        f"With {best} a request holds {records[0]} records instead of {records[1]}, and five in"
        f" flight carry {times(found['gain'][best])} times as much"
        f" at {only(pick(rows, yours=True), 'rtt_ms'):g} ms"
    )


EXPERIMENT = Experiment(
    name="compression",
    question="What does compression.type change: how full requests are, and how much they carry?",
    aliases=("codec", "zstd", "lz4", "gzip", "snappy"),
    about="compress ratio throughput batch cpu",
    points=points,
    measure=figures.row(figures.THROUGHPUT),
    replications=Replications(2, 5, Contrast("records_per_s", "codec", UNCOMPRESSED), 0.03),
    answer=answer,
    tables=tables,
    draw=draw,
    assumption="the client knows by now how far its batches shrink, which takes it a hundred"
    " batches, and the topic keeps the producer's codec. Unless a ratio or a sample is given,"
    " records shrink like log lines in JSON",
    smoke=lambda levels: (
        levels["rtt_ms"] in (0.2, 20) and levels["codec"] in (UNCOMPRESSED, "zstd")
    ),
)
