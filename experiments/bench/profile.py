"""Where a simulation's time goes, part by part: one scenario under Python's own profiler.

A profiler makes calls dearer than they are, so shares tell what to look at and not what would be
won. What Python's built-in functions take belongs to the part that calls them.
"""

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

import model
from model import Scenario
from model.cluster import Cluster
from model.outcome.recorder import Recorder

SIMPY, REST = "SimPy", "the rest"
#: The first that a file's path in the model begins with.
PARTS: Mapping[str, str] = {
    "producer/application": "application thread",
    "producer/schedule": "application thread",
    "producer/partitioner": "application thread",
    "producer/": "Sender, accumulator, client",
    "network/": "connection: TCP's windows",
    "broker/": "broker",
    "outcome/start_times": "application thread",
    "outcome/": "rows",
    "wire/": "batches and requests",
}
MODEL_FOLDER = Path(model.__file__).parent.as_posix()
BUILT_IN = "~"

#: A function as ``pstats`` names it: file, line, name.
Function = tuple[str, int, str]
COLUMNS = ("part", "share", "calls_per_request")


def profile(scenario: Scenario, seed: int) -> pd.DataFrame:
    """Parts with their share of the time and their calls for each produce request, dearest first.

    Of the events alone: setting up and closing the books are not in it.
    """
    recorder = Recorder(scenario.producers)
    cluster = Cluster.build(scenario, seed, recorder)
    cluster.start()
    profiler = cProfile.Profile()
    profiler.runcall(cluster.env.run, until=scenario.horizon_s)
    spent_s, calls = defaultdict[str, float](float), defaultdict[str, int](int)
    for part, own_s, own_calls in _own(pstats.Stats(profiler)):
        spent_s[part] += own_s
        calls[part] += own_calls
    total_s, requests = sum(spent_s.values()), len(recorder.requests)
    dearest_first = sorted(spent_s, key=lambda part: spent_s[part], reverse=True)
    rows = [
        (part, round(spent_s[part] / total_s, 3), round(calls[part] / requests, 1))
        for part in dearest_first
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _own(stats: pstats.Stats) -> Iterator[tuple[str, float, int]]:
    """Part, seconds and calls of each function itself."""
    table: Mapping[Function, tuple[int, int, float, float, Mapping[Function, tuple[int, ...]]]]
    table = stats.stats  # type: ignore[attr-defined]  # which typeshed leaves out
    for function, (_, calls, own_s, _, callers) in table.items():
        if function[0] == BUILT_IN and callers:
            for caller, (_, its_calls, its_own_s, _) in callers.items():
                yield part_of(caller[0]), its_own_s, its_calls
        else:
            yield part_of(function[0]), own_s, calls


def part_of(file: str) -> str:
    """The part that a source file belongs to."""
    path = Path(file).as_posix()
    if "/simpy/" in path:
        return SIMPY
    inside = path.removeprefix(f"{MODEL_FOLDER}/")
    return next((part for start, part in PARTS.items() if inside.startswith(start)), REST)
