"""Random mutants of the model against the fast tests: ``python -m tests.trying.mutants``.

Leaves ``mutants.csv`` (place, change, verdict) in --out, where a run of the same seed goes on. Why
no tool: ``docs/trust.md``.
"""

import argparse
import multiprocessing
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from experiments.kit.pool import cores
from tests.trying import mutations
from tests.trying.clones import ROOT, Clone, clones
from tests.trying.kept import keep, kept
from tests.trying.mutations import Mutant

_place: Clone
FIELDS = ("seed", "number", "file", "line", "was", "now", "verdict", "by", "seconds")


def drawn(seed: int, count: int) -> list[tuple[Path, Mutant]]:
    """So many mutants of all that there are, the same for the same seed."""
    files = sorted(ROOT.glob("model/**/*.py"))
    places = [(file, at) for file in files for at in range(mutations.count(file.read_text()))]
    chosen = random.Random(seed).sample(places, count)
    return [(file.relative_to(ROOT), mutations.mutant(file.read_text(), at)) for file, at in chosen]


def tried(path: Path, mutant: Mutant) -> tuple[str, str, str]:
    """The verdict on one, the test that found it and the seconds that it took."""
    began_s = time.monotonic()
    with _place.with_source(path, mutant.source):
        found, by = _place.verdict(path)
    return found, by, f"{time.monotonic() - began_s:.0f}"


def main() -> None:
    """Try the mutants that are not tried yet, and say how many survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "mutants" / "mutants.csv")
    asked = parser.parse_args()
    rows = [row for row in kept(asked.out) if row["seed"] == str(asked.seed)]
    left = list(enumerate(drawn(asked.seed, asked.count)))[len(rows) :]
    jobs = cores(asked.jobs)
    free: multiprocessing.Queue[Clone] = multiprocessing.Queue()
    with (
        clones(jobs) as places,
        ProcessPoolExecutor(jobs, initializer=_take, initargs=(free,)) as workers,
    ):
        for place in places:
            free.put(place)
        verdicts = workers.map(tried, *zip(*(which for _, which in left), strict=True))
        for (number, (path, mutant)), verdict in zip(left, verdicts, strict=True):
            what = (asked.seed, number, path, mutant.line, mutant.was, mutant.now, *verdict)
            rows.append(dict(zip(FIELDS, map(str, what), strict=True)))
            keep(asked.out, rows)
            print(f"{number + 1}: {path}:{mutant.line}: {' '.join(verdict[:2])}", flush=True)
    survived = sum(row["verdict"] == "SURVIVED" for row in rows)
    print(f"{len(rows) - survived} of {len(rows)} mutants were caught; {survived} survived.")


def _take(free: "multiprocessing.Queue[Clone]") -> None:
    """A worker has a clone of its own."""
    global _place
    _place = free.get()


if __name__ == "__main__":
    os.environ["INFLIGHT_WORLD"] = "none"
    main()
