"""Rules of the protocol, each broken once: do fast tests see it, and do random schedules?

``python -m tests.trying.broken_rules`` leaves ``broken_rules.csv`` in --out, where it goes on if it
was ended. Which they are: ``broken_rules.toml``, next to this file.
"""

import argparse
import os
import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.trying.clones import ROOT, Clone, clones
from tests.trying.kept import keep, kept

FIELDS = ("rule", "file", "fast tests", "by", "schedules")
SCHEDULES = 500
#: In a process of its own, for it may not come to an end.
CAMPAIGN = f"""
from experiments.faults.campaign import search
raise SystemExit(search({SCHEDULES}, seed_=1, shrink=False) is not None)
"""


class BrokenRule(NamedTuple):
    """A text of a source file, and what it becomes."""

    name: str
    file: Path
    was: str
    now: str

    def broken(self) -> str:
        """The whole file; ValueError unless the text is in it once."""
        source = (ROOT / self.file).read_text()
        if source.count(self.was) != 1:
            raise ValueError(f"{self.name}: {source.count(self.was)} such places in {self.file}")
        return source.replace(self.was, self.now)


def rules() -> list[BrokenRule]:
    """All of them."""
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["rule"]
    return [BrokenRule(each["name"], Path(each["file"]), each["was"], each["now"]) for each in told]


def tried(place: Clone, rule: BrokenRule) -> dict[str, str]:
    """What becomes of one, as a row."""
    with place.with_source(rule.file, rule.broken()):
        found, by = place.verdict(rule.file)
        missed = place.run(["-c", CAMPAIGN]).returncode == 0
    schedules = "hold" if missed else "break"
    return dict(zip(FIELDS, (rule.name, str(rule.file), found, by, schedules), strict=True))


def main() -> None:
    """Try those that are not tried yet, and say how many were seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = ROOT / "results" / "mutants" / "broken_rules.csv"
    parser.add_argument("--out", type=Path, default=default)
    asked = parser.parse_args()
    rows = kept(asked.out)
    with clones(1) as (place,):
        for rule in rules():
            if any(row["rule"] == rule.name for row in rows):
                continue
            rows.append(tried(place, rule))
            keep(asked.out, rows)
            print(", ".join(rows[-1].values()), flush=True)
    caught = sum(row["fast tests"] == "killed" for row in rows)
    broke = sum(row["schedules"] == "break" for row in rows)
    print(f"Of {len(rows)} broken rules fast tests see {caught}, {SCHEDULES} schedules {broke}.")


if __name__ == "__main__":
    os.environ["INFLIGHT_WORLD"] = "none"
    main()
