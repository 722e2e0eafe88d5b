"""How cost grows: CPU time and peak memory against records, partitions and producers.

Along each axis the work grows with it: more of it means proportionally more records. So an exponent
of 1 in records says that a record costs the same wherever it is, and that partitions and producers
add nothing beside their own records. Units: seconds, bytes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit
from scipy.stats import linregress

from experiments.kit.estimates import CONFIDENCE, Interval

RECORDS, PARTITIONS, PRODUCERS = "records", "partitions", "producers"
#: Records for each partition, and for each producer.
OF_A_PARTITION, OF_A_PRODUCER = 10_000, 30_000
SIZES: Mapping[str, Sequence[int]] = {
    RECORDS: (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000),
    PARTITIONS: (1, 3, 10, 30, 100, 300, 1_000),
    PRODUCERS: (1, 3, 10, 30, 100),
}
LARGE = 100_000_000
QUICK: Mapping[str, Sequence[int]] = {
    RECORDS: (3_000, 10_000, 30_000),
    PARTITIONS: (1, 2, 4),
    PRODUCERS: (1, 2, 4),
}
COST, MEMORY = "cpu_s", "added_bytes"


@dataclass(frozen=True, slots=True)
class Point:
    """One run: ``size`` is where it is on the axis that it is on."""

    along: str
    size: int

    @property
    def amounts(self) -> dict[str, int]:
        """What the process that measures it is to simulate."""
        alone = {PARTITIONS: 1, PRODUCERS: 1}
        if self.along == RECORDS:
            return {RECORDS: self.size, **alone}
        each = OF_A_PARTITION if self.along == PARTITIONS else OF_A_PRODUCER
        return {**alone, RECORDS: each * self.size, self.along: self.size}


def points(sizes: Mapping[str, Sequence[int]], large: bool) -> list[Point]:
    """Every point; ``large`` adds one of 10^8 records."""
    extra = [Point(RECORDS, LARGE)] if large else []
    return [Point(along, size) for along in sizes for size in sizes[along]] + extra


def growth_rows(points: Sequence[Point], repetitions: int) -> Iterator[dict[str, object]]:
    """A row for each run, one repetition of all points after the other."""
    for repetition in range(repetitions):
        for point in points:
            measured = _measure(point)
            added_bytes = measured["peak_bytes"] - measured["before_bytes"]
            named = {"along": point.along, "size": point.size, "repetition": repetition}
            yield {**named, **measured, MEMORY: added_bytes}


def _measure(point: Point) -> dict[str, float]:
    """Ask a fresh process."""
    done = subprocess.run(  # -P: the model that this process has, not the one of this folder
        [sys.executable, "-P", "-m", "experiments.bench.growth_point", json.dumps(point.amounts)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def exponents(growth: pd.DataFrame) -> dict[tuple[str, str], Interval]:
    """(axis, figure) to the exponent in records, with its interval."""
    return {
        (str(along), figure): exponent(_upper_half(rows)["acked"], _upper_half(rows)[figure])
        for along, rows in growth.groupby("along", sort=False)
        for figure in (COST, MEMORY)
    }


def _upper_half(rows: pd.DataFrame) -> pd.DataFrame:
    """All runs of the larger sizes of an axis: below, a run is mostly its own start and end."""
    sizes = sorted(rows["size"].unique())
    larger: pd.DataFrame = rows[rows["size"] >= sizes[(len(sizes) - 1) // 2]]
    return larger


def medians(rows: pd.DataFrame) -> pd.DataFrame:
    """One axis: the medians of all repetitions, by size."""
    return rows.groupby("size").median(numeric_only=True)


def exponent(sizes: "pd.Series[float]", costs: "pd.Series[float]") -> Interval:
    """The slope of a straight line through the logarithms; runs without any cost are left out."""
    some = costs > 0
    if some.sum() < 3:  # two have no interval
        return Interval(float("nan"), float("nan"), float("nan"))
    fit = linregress(np.log10(sizes[some]), np.log10(costs[some]))
    half_width = float(stdtrit(some.sum() - 2, (1 + CONFIDENCE) / 2)) * float(fit.stderr)
    return Interval(float(fit.slope), float(fit.slope) - half_width, float(fit.slope) + half_width)
