"""Random mutants of the model against the fast tests: ``python -m tests.trying.mutants``.

Leaves ``mutants.csv`` (place, change, verdict) in --out, where a run of the same seed goes on. Why
no tool: ``docs/trust.md``.
"""

import argparse
import os
import random
import time
from pathlib import Path

from tests.trying import mutations
from tests.trying.clones import ROOT, clone
from tests.trying.kept import keep, kept
from tests.trying.mutations import Mutant

FIELDS = ("seed", "number", "file", "line", "was", "now", "verdict", "by", "seconds")


def drawn(seed: int, count: int) -> list[tuple[Path, Mutant]]:
    """So many mutants of all that there are, the same for the same seed."""
    files = sorted(ROOT.glob("model/**/*.py"))
    places = [(file, at) for file in files for at in range(mutations.count(file.read_text()))]
    chosen = random.Random(seed).sample(places, count)
    return [(file.relative_to(ROOT), mutations.mutant(file.read_text(), at)) for file, at in chosen]


def main() -> None:
    """Try the mutants that are not tried yet, and say how many survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "mutants" / "mutants.csv")
    asked = parser.parse_args()
    rows = [row for row in kept(asked.out) if row["seed"] == str(asked.seed)]
    with clone() as place:
        for number, (file, mutant) in enumerate(drawn(asked.seed, asked.count)):
            if number < len(rows):
                continue
            began_s = time.monotonic()
            with place.with_source(file, mutant.source):
                found, by = place.verdict(file)
            took_s = f"{time.monotonic() - began_s:.0f}"
            what = (file, mutant.line, mutant.was, mutant.now, found, by, took_s)
            rows.append(dict(zip(FIELDS, map(str, (asked.seed, number, *what)), strict=True)))
            keep(asked.out, rows)
            print(f"{number + 1}: {file}:{mutant.line}: {found} {by}", flush=True)
    survived = sum(row["verdict"] == "SURVIVED" for row in rows)
    print(f"{len(rows) - survived} of {len(rows)} mutants were caught; {survived} survived.")


if __name__ == "__main__":
    os.environ["INFLIGHT_WORLD"] = "none"
    main()
