"""Figures of worlds drawn at random as they were: a guard against changes that nobody meant.

``make golden`` writes them anew, on purpose.
"""

import csv
from pathlib import Path

import pytest

from model import simulate
from tests.golden.drawn import drawn, figures

GOLDEN = Path(__file__).parent / "drawn.csv"
WORLDS = 80


def row_of(number: int) -> dict[str, str]:
    """A world's figures as they are written: the last bits of an instant are the platform's."""
    told = {"world": number} | dict(figures(simulate(drawn(number), seed=1)))
    return {x: f"{y:.9g}" if isinstance(y, float) else str(y) for x, y in told.items()}


@pytest.fixture(scope="module")
def golden(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    """All rows of the file."""
    if request.config.getoption("--renew-golden"):
        rows = [row_of(number) for number in range(WORLDS)]
        with GOLDEN.open("w", newline="") as target:
            writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    with GOLDEN.open(newline="") as source:
        return list(csv.DictReader(source))


@pytest.mark.parametrize("first", range(0, WORLDS, 10))
def test_figures_of_drawn_worlds_are_those_of_the_golden_file(
    first: int, golden: list[dict[str, str]]
) -> None:
    numbers = range(first, first + 10)
    assert [row_of(number) for number in numbers] == golden[first : first + 10]


def test_what_is_drawn_goes_wrong_in_every_way(golden: list[dict[str, str]]) -> None:
    ways = ("truncated", "elections", "failures", "retries", "duplicates", "displaced", "lost")
    assert len(golden) == WORLDS
    for way in ways:
        assert sum(int(row[way]) > 0 for row in golden) >= 3
