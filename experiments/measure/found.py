"""What a reader found in one output: figures by the column of measured rows, and what to doubt.

A figure that is doubted is not written: the row leaves its cell empty and says which, and why.
Units are those of the columns: records/s, ms, bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from experiments.kit.words import listed

#: What a run's latencies are called in rows.
PERCENTILES = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms")
LATENCIES = ("mean_ms", *PERCENTILES)
TAIL = ("p99_ms", "p999_ms", "max_ms")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Columns that are not trusted, and why; without columns it is about the whole run."""

    why: str
    columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One run. ``says`` are cells that the output itself tells of its circumstances.

    ``steady``: whether its figures may count at all; ``java``: whether the client is the Java
    client, which alone constants may be fitted to.
    """

    tool: str
    figures: Mapping[str, float]
    says: Mapping[str, str] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()
    steady: bool = True
    java: bool = True

    @property
    def trusted(self) -> dict[str, float]:
        """The figures that there are and that nobody doubts."""
        doubted = {column for doubt in self.doubts for column in doubt.columns}
        return {
            column: value
            for column, value in self.figures.items()
            if isfinite(value) and column not in doubted
        }

    @property
    def not_trusted(self) -> str:
        """What is doubted and why, in one line; empty if nothing is."""
        return "; ".join(map(self._told, filter(self._matters, self.doubts)))

    def _matters(self, doubt: Doubt) -> bool:
        """A doubt about columns needs one of them to be there."""
        return not doubt.columns or any(column in self.figures for column in doubt.columns)

    def _told(self, doubt: Doubt) -> str:
        columns = [column for column in doubt.columns if column in self.figures]
        if doubt.columns == LATENCIES:
            return f"latency: {doubt.why}"
        return f"{listed(columns)}: {doubt.why}" if columns else doubt.why
