"""One scenario timed in a process of its own, by whatever state of Inflight is on the path.

A script, not a module: it uses only what the state before knows too. Prints a line of JSON:
requests, CPU seconds of the run itself, events, and a fingerprint of all rows. Units: seconds.
"""

import gc
import hashlib
import json
import sys
import time
from dataclasses import replace

from experiments.bench import cases
from experiments.kit.loads import over_requests
from model import Run, Scenario, simulate
from model.config.scenario import ONE_RACK

SEED = 1
HUNDRED = "100 producers, 50 ms"


def scenarios(requests: int) -> dict[str, Scenario]:
    """Those of the benchmark, and many producers."""
    hundred = over_requests(cases.saturating(50, cases.TOPIC, 100, 100), 0, requests)
    named = {**cases.scenarios(requests), HUNDRED: hundred}
    return {name: _near(scenario, requests) for name, scenario in named.items()}


def _near(scenario: Scenario, requests: int) -> Scenario:
    """With brokers in one rack: how far apart they are where nobody says may change, too."""
    if scenario.topic.replicas == 1:
        return scenario
    return over_requests(replace(scenario, replica_path=ONE_RACK), 0, requests)


def fingerprint(run: Run) -> str:
    """Of all rows and of the books, to the bit."""
    names = ("requests", "batches", "appends", "decisions", "failures", "lost", "retries")
    rows = [[tuple(row) for row in getattr(run, name)] for name in names]
    figures = run.guarantees, run.records_per_s, run.latency_ms.quantile(0.99)
    return hashlib.sha256(repr((rows, figures)).encode()).hexdigest()


def measure(name: str, requests: int) -> dict[str, object]:
    """Time it once as the benchmark does, then look at what came of it."""
    scenario = scenarios(requests)[name]
    gc.collect()
    begun_s = time.process_time()
    work = cases.simulated(scenario, SEED)
    cpu_s = time.process_time() - begun_s
    rows = fingerprint(simulate(scenario, SEED))
    events = cases.scheduled_events(scenario, SEED)
    return {"requests": work.requests, "cpu_s": cpu_s, "events": events, "rows": rows}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
