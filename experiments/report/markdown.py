"""Numbers of README and docs, written from stored results, so that they cannot be anything else.

A page has blocks between ``<!-- name: ... -->`` and ``<!-- /name -->``; who has the results says
what stands in them.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from experiments.catalogue import OTHERS, RESULTS, SWEEPS, every
from experiments.kit.experiment import Experiment
from experiments.kit.results import CHART
from experiments.kit.store import has_run, load_frame, replace_file
from experiments.kit.tables import Table, markdown
from experiments.kit.words import assumes, count
from experiments.report.clients import clients
from experiments.report.disorder import disorder
from experiments.report.kinds import kinds_of_files

OPENING = r"<!-- (\w+): [^>]*-->\n"


def pages() -> Iterator[Path]:
    """README first, then the pages under docs/."""
    yield Path("README.md")
    yield from sorted(Path("docs").glob("*.md"))


def excerpts() -> dict[str, str]:
    """Markdown by the name of its block, from all stored results."""
    kinds = markdown(kinds_of_files())
    blocks = {"answers": answers(), "clients": clients(SWEEPS), "disorder": disorder(SWEEPS)}
    blocks["kinds"] = kinds
    for stored in OTHERS:
        blocks |= stored.load().excerpts(RESULTS)
    return blocks


def answers() -> str:
    """Of each experiment that has results question, answer, chart, assumption and figures."""
    parts = []
    for number, experiment in enumerate(every(), start=1):
        folder = SWEEPS / experiment.name
        if has_run(folder):
            rows = load_frame(folder, "rows")
            picture = f"![Chart of {experiment.name}](../{(folder / CHART).as_posix()}.png)"
            parts += [f"## {number}. {experiment.question}", experiment.answer(rows), picture]
            where = f"{_distance(experiment, rows)}{_copies(experiment, rows)}"
            parts += [f"*{where}{assumes(experiment.assumption)}*"]
            parts += map(_folded, experiment.tables(rows))
    return "\n\n".join(parts)


def _distance(experiment: Experiment, rows: pd.DataFrame) -> str:
    """How far away the brokers are, where all points have it in common."""
    found = rows["rtt_ms"].dropna().unique() if "rtt_ms" in rows else [experiment.rtt_ms]
    return f"Brokers {found[0]:g} ms away. " if len(found) == 1 else ""


def _copies(experiment: Experiment, rows: pd.DataFrame) -> str:
    """How many copies of the partition there are, and why only one where there is one."""
    world, why = experiment.default_world(), experiment.one_copy_because
    if why:
        return f"One copy of each partition: {why}. "
    replicas = count(world.topic.replicas, "replica")
    if "replica_rtt_ms" in rows:  # how far apart they are is what is asked
        return f"{replicas} of each partition. "
    return f"{replicas} of each partition, {world.replica_rtt_ms:g} ms apart. "


def _folded(table: Table) -> str:
    """A table that opens when its caption is clicked."""
    caption = f"<details><summary>{table.caption}</summary>"
    return f"{caption}\n\n{markdown(table)}\n\n</details>"


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """The text with each block's content replaced. Raises KeyError for a block nobody fills."""
    parts, rest = [], page
    while found := re.search(OPENING, rest):
        name = found[1]
        closing = f"<!-- /{name} -->"
        parts.append(f"{rest[: found.end()]}\n{blocks[name]}\n\n{closing}")
        rest = rest[found.end() :].partition(closing)[2]
    return "".join([*parts, rest])


def main() -> None:
    """Write the numbers of all pages anew."""
    blocks = excerpts()
    for page in pages():
        replace_file(page, filled(page.read_text(encoding="utf-8"), blocks).encode())


if __name__ == "__main__":
    main()
