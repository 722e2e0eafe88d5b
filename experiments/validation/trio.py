"""What was measured with three replicas, at the distances nearest to those of the headline.

The laboratory's brokers stand side by side (0.05 to 0.1 ms), not half a millisecond apart, and four
JVMs share two cores: most of these rows are unsteady, and near ones tell little more than a
direction. One partition, acks=all with and without idempotence, as fast as it can.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from experiments.kit.measured import PATH_FLOOR_MS
from experiments.kit.tables import Cell, Column, Table, filled, words
from experiments.kit.world import TYPICAL_MS
from experiments.validation.kinds import (
    IN_FLIGHT,
    SATURATING,
    is_noisy,
    load_of,
    numeric,
    setting_of,
)

ONE, FIVE = 1, 5
MEASURED, PREDICTED, LIMIT = "records_per_s", "model_records_per_s", "model_limit"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The runs of one and five at the measured round trip that is nearest to one asked about."""

    asked_ms: float
    measured_ms: float
    one: pd.DataFrame
    five: pd.DataFrame

    def ratio(self, column: str) -> float:
        """Five over one, of means over repeats."""
        return float(numeric(self.five, column).mean() / numeric(self.one, column).mean())

    def ends(self) -> tuple[float, float]:
        """The least and the most that two runs make of the measured ratio."""
        one, five = numeric(self.one, MEASURED), numeric(self.five, MEASURED)
        return float(five.min() / one.max()), float(five.max() / one.min())

    @property
    def steady(self) -> bool:
        """Whether every one of the runs counts."""
        return not (is_noisy(self.one).any() or is_noisy(self.five).any())


def nearest(rows: pd.DataFrame) -> Iterator[Nearest]:
    """For each distance of the headline, nearest by its logarithm."""
    of_trio = rows[(rows["cluster"] == "trio") & (load_of(rows) == SATURATING)]
    of_trio = of_trio[numeric(of_trio, "partitions") == 1]
    waits = setting_of(of_trio, "acks") == "all"
    of_trio = of_trio[waits | (setting_of(of_trio, "enable.idempotence") == "true")]
    away_ms = numeric(of_trio, "rtt_us") / 1e3
    for asked_ms in TYPICAL_MS.values() if len(of_trio) else ():
        found_ms = min(set(away_ms), key=lambda ms: abs(math.log(_floored(ms) / asked_ms)))
        here = of_trio[away_ms == found_ms]
        one, five = (here[setting_of(here, IN_FLIGHT) == str(depth)] for depth in (ONE, FIVE))
        yield Nearest(asked_ms, _floored(found_ms), one, five)


def _floored(rtt_ms: float) -> float:
    return max(rtt_ms, PATH_FLOOR_MS)


def table(rows: pd.DataFrame) -> list[Table]:
    """Records/s of one and five and their ratio, measured and predicted; none without such rows."""
    found = list(nearest(rows))
    if not found:
        return []
    heads = [Column(name, spec=".2g", unit=" ms") for name in ("nearest to", "round trip")]
    heads += [Column(name) for name in ("one, measured", "five, measured", "five / one")]
    heads.append(Column("predicted", spec=".2f"))
    caption = (
        "Measured with three brokers side by side and three replicas, acks=all: records/s of the"
        " laboratory's runs nearest to these distances, in brackets the range over pairs of runs"
        " (unsteady: four JVMs share two cores)"
    )
    return [filled(caption, [*heads, *words("then limited by", "runs")], map(_line, found))]


def _line(of: Nearest) -> list[object]:
    low, high = of.ends()
    both = [float(numeric(each, MEASURED).mean()) for each in (of.one, of.five)]
    measured = Cell(f"{of.ratio(MEASURED):.2f} [{low:.2f}, {high:.2f}]", of.ratio(MEASURED))
    limit = str(of.five[LIMIT].mode().iloc[0])
    steady = "steady" if of.steady else "unsteady"
    return [of.asked_ms, of.measured_ms, *both, measured, of.ratio(PREDICTED), limit, steady]
