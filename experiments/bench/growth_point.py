"""One point of growth, measured in a fresh process: CPU time and peak memory of one run.

`python -m experiments.bench.growth_point '{"records": 10000, "partitions": 1, "producers": 1}'`
prints a line of JSON. The process is fresh because a peak never falls. Units: seconds, bytes.
"""

import json
import resource
import sys
import time
from pathlib import Path

from experiments.bench.cases import saturating
from experiments.bench.work import simulated
from experiments.kit.loads import full_request, over_requests
from model import Scenario, TopicConfig

STATUS = Path("/proc/self/status")
PEAK = "VmHWM:"  # of this program; getrusage also counts what forked it, on Linux
SEED = 1
#: Far enough that a hundred producers are not too many for one broker: work grows with them.
RTT_MS = 50


def peak_bytes() -> int:
    """The most memory that this process has had resident."""
    if STATUS.is_file():
        lines = STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(PEAK))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def scenario_of(records: int, partitions: int, producers: int) -> Scenario:
    """Saturating producers of 100-byte records, over about so many records in all."""
    scenario = saturating(RTT_MS, TopicConfig(partitions=partitions), 100, producers)
    return over_requests(scenario, 0, max(1, round(records / full_request(scenario).records)))


def measure(records: int, partitions: int, producers: int) -> dict[str, float]:
    """Simulate it; what that took."""
    scenario = scenario_of(records, partitions, producers)
    before_bytes, before_s = peak_bytes(), time.process_time()
    work = simulated(scenario, SEED)
    cpu_s = time.process_time() - before_s
    did = {"acked": work.records, "requests": work.requests, "cpu_s": cpu_s}
    return {**did, "before_bytes": before_bytes, "peak_bytes": peak_bytes()}


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
