"""How cost grows: CPU time and peak memory against records, partitions and producers.

Along each axis the work grows with it: more of it means proportionally more records. So an exponent
of 1 in records says that a record costs the same wherever it is, and that partitions and producers
add nothing beside their own records. Each run is measured in a process of its own, since a peak
never falls: this module, with amounts as JSON, prints a line of JSON. Units: seconds, bytes.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from experiments.bench.cases import saturating, simulated
from experiments.kit.loads import full_request, over_requests
from model import TopicConfig

RECORDS, PARTITIONS, PRODUCERS = "records", "partitions", "producers"
RECORDS_OF_ONE = {RECORDS: 1, PARTITIONS: 10_000, PRODUCERS: 30_000}
SIZES: Mapping[str, Sequence[int]] = {
    RECORDS: (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000),
    PARTITIONS: (1, 3, 10, 30, 100, 300, 1_000),
    PRODUCERS: (1, 3, 10, 30, 100, 300, 1_000),
}
LARGE = 100_000_000
QUICK = {RECORDS: (3_000, 10_000, 30_000), PARTITIONS: (1, 2, 4), PRODUCERS: (1, 2, 4)}
PEAK = "VmHWM:"  # of this program; getrusage also counts what forked it, on Linux
SEED = 1
#: Far enough that a hundred producers are not too many for one broker: work grows with them.
RTT_MS = 50


@dataclass(frozen=True, slots=True)
class Point:
    """One run, of this size along an axis."""

    along: str
    size: int

    @property
    def amounts(self) -> dict[str, int]:
        """What the process that measures it is to simulate."""
        records = self.size * RECORDS_OF_ONE[self.along]
        return {PARTITIONS: 1, PRODUCERS: 1, self.along: self.size, RECORDS: records}


def points(sizes: Mapping[str, Sequence[int]], large: bool) -> list[Point]:
    """Every point; ``large`` adds one of 10^8 records."""
    extra = [Point(RECORDS, LARGE)] if large else []
    return [Point(along, size) for along in sizes for size in sizes[along]] + extra


def growth_rows(points: Sequence[Point], repetitions: int) -> Iterator[dict[str, object]]:
    """A row for each run in a fresh process, one repetition of all points after the other."""
    # -P: the model that this process has, not the one of this folder
    fresh = [sys.executable, "-P", "-m", __name__]
    for repetition, point in product(range(repetitions), points):
        measured = json.loads(subprocess.check_output([*fresh, json.dumps(point.amounts)]))
        added_bytes = measured["peak_bytes"] - measured["before_bytes"]
        named = {"along": point.along, "size": point.size, "repetition": repetition}
        yield {**named, **measured, "added_bytes": added_bytes}


def peak_bytes() -> int:
    """The most memory that this process has had resident."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(PEAK))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def measure(records: int, partitions: int, producers: int) -> dict[str, float]:
    """What saturating producers of 100-byte records take, over about so many records in all."""
    scenario = saturating(RTT_MS, TopicConfig(partitions=partitions), 100, producers)
    requests = max(1, round(records / full_request(scenario).records))
    scenario = over_requests(scenario, 0, requests)
    before_bytes, before_s = peak_bytes(), time.process_time()
    work = simulated(scenario, SEED)
    cpu_s = time.process_time() - before_s
    did = {"acked": work.records, "requests": work.requests, "cpu_s": cpu_s}
    return {**did, "before_bytes": before_bytes, "peak_bytes": peak_bytes()}


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
