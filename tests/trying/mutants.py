"""Random mutants of the model against the fast tests: ``python -m tests.trying.mutants``.

Each is made in a copy of the clone and meets the tests by relevance, the first failure ends it:
golden rows, traces and the tests that are named as the file, then all rules, then laws and runs of
the whole. Leaves ``mutants.csv`` (place, change, verdict) in --out, where a run of the same seed
goes on. Why no tool:
``docs/trust.md``.
"""

import argparse
import csv
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.trying import mutations
from tests.trying.mutations import Mutant

ROOT = Path(__file__).parents[2]
PARTS = ("model", "tests", "experiments", "inflight", "pyproject.toml", "docs", "results")
COPIED = ("model", "tests", "experiments", "inflight")
FIELDS = ("seed", "number", "file", "line", "was", "now", "verdict", "by", "seconds")
#: What is not of the model is not asked.
LAST = ("tests/laws", "tests/test_events.py", "tests/experiments/test_campaign.py")
#: CPU seconds after which a mutant is taken to run for ever: ten times what all tests take.
MOST_CPU_S = 600


def drawn(seed: int, count: int) -> list[tuple[Path, Mutant]]:
    """So many mutants of all that there are, the same for the same seed."""
    files = sorted(ROOT.glob("model/**/*.py"))
    places = [(file, at) for file in files for at in range(mutations.count(file.read_text()))]
    chosen = random.Random(seed).sample(places, count)
    return [(file.relative_to(ROOT), mutations.mutant(file.read_text(), at)) for file, at in chosen]


def stages(place: Path, file: Path) -> Iterator[list[str]]:
    """Tests of a copy by relevance to a file."""
    words = {file.stem, *file.stem.split("_"), file.parent.name}
    named = [
        str(path.relative_to(place))
        for path in sorted(place.glob("tests/rules/test_*.py"))
        if words & {path.stem.removeprefix("test_"), *path.stem.split("_")[1:]}
    ]
    yield ["tests/golden", *named]
    yield ["tests/traces"]
    yield ["tests/rules"]
    yield list(LAST)


def verdict(place: Path, file: Path) -> tuple[str, str]:
    """Whether tests in a copy of the clone fail, and the first that does."""
    for tests in stages(place, file):
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider"]
        command += ["-m", "not (slow or trial)", "--hypothesis-profile=quick", *tests]
        done = subprocess.run(
            command, cwd=place, text=True, capture_output=True, check=False, preexec_fn=_limit
        )
        if done.returncode < 0:
            return "killed", "runs for ever"
        if done.returncode != 0:
            told = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERR"))]
            return "killed", told[0].split(" - ")[0].split(" ", 1)[-1] if told else tests[0]
    return "SURVIVED", ""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))


def clone(place: Path) -> None:
    """What the tests need, copied where it is changed."""
    for part in PARTS:
        if part in COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, place / part, ignore=ignored)
        else:
            (place / part).symlink_to(ROOT / part)


def main() -> None:
    """Try the mutants that are not tried yet, and say how many survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "mutants" / "mutants.csv")
    asked = parser.parse_args()
    rows = list(csv.DictReader(asked.out.open())) if asked.out.exists() else []
    rows = [row for row in rows if row["seed"] == str(asked.seed)]
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        clone(place)
        if verdict(place, Path("model/simulation.py"))[0] != "SURVIVED":
            sys.exit("The tests fail without any mutant.")
        for number, (file, mutant) in enumerate(drawn(asked.seed, asked.count)):
            if number < len(rows):
                continue
            sound, began_s = (place / file).read_text(), time.monotonic()
            (place / file).write_text(mutant.source)
            found, by = verdict(place, file)
            (place / file).write_text(sound)
            took_s = f"{time.monotonic() - began_s:.0f}"
            what = (file, mutant.line, mutant.was, mutant.now, found, by, took_s)
            rows.append(dict(zip(FIELDS, map(str, (asked.seed, number, *what)), strict=True)))
            with asked.out.open("w", newline="") as target:
                writer = csv.DictWriter(target, FIELDS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            print(f"{number + 1}: {file}:{mutant.line}: {found} {by}", flush=True)
    survived = sum(row["verdict"] == "SURVIVED" for row in rows)
    print(f"{len(rows) - survived} of {len(rows)} mutants were caught; {survived} survived.")


if __name__ == "__main__":
    os.environ["INFLIGHT_WORLD"] = "none"
    main()
