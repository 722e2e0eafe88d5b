"""Rows that a long trial keeps as it goes, and finds again when it goes on."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path


def kept(path: Path) -> list[dict[str, str]]:
    """The rows of an earlier call, if there was one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return list(csv.DictReader(path.open())) if path.exists() else []


def keep(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write all rows that there are; the first has every column."""
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
