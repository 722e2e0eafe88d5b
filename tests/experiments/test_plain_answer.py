"""What a plain sweep says: the first figure that differs beyond chance, and all in its tables."""

import pandas as pd

from experiments.kit.plain_answer import answer, draw, tables

FIGURES = ("records_per_s", "limit", "p50_ms", "p95_ms", "p99_ms", "duplicates", "failed")


def rows(**figures: list[list[float]]) -> pd.DataFrame:
    """Rows of two points: a list of each figure's values at each."""
    found = []
    for point in (0, 1):
        for run in range(3):
            row = {name: values[point][run] for name, values in figures.items()}
            found.append({"point": point, "rtt_ms": point + 1, "limit": "application", **row})
    return pd.DataFrame(found)


SAME = [[4_990.0, 5_000, 5_012], [4_991.0, 5_000, 5_011]]
APART = [[3.0, 3.1, 3.2], [9.0, 9.1, 9.2]]


def test_the_answer_and_the_chart_are_of_the_first_figure_that_differs() -> None:
    of_points = rows(records_per_s=SAME, p50_ms=APART)
    told = answer(of_points, ["rtt_ms"], ["records_per_s", "limit", "p50_ms"])
    assert told == (
        "p50_ms is highest at rtt_ms=2: 9.1. It is lowest at rtt_ms=1: 3.1."
        " records_per_s does not differ."
    )
    (panel,) = draw(of_points, ["rtt_ms"], ["records_per_s", "limit", "p50_ms"]).axes
    assert panel.get_ylabel() == "p50_ms"


def test_narrow_intervals_alone_make_no_difference() -> None:
    near = [[4_999.0, 4_999, 4_999], [4_998.0, 4_998, 4_998]]
    told = answer(rows(records_per_s=near), ["rtt_ms"], ["records_per_s"])
    assert told == "records_per_s does not differ: it is about 4,999 at every point."
    told = answer(rows(records_per_s=near, p50_ms=SAME), ["rtt_ms"], ["records_per_s", "p50_ms"])
    assert told.endswith(" at every point. Nor does any other figure.")


def test_tables_have_every_figure_but_counts_of_nothing() -> None:
    none = [[0.0] * 3] * 2
    of_points = rows(
        records_per_s=SAME, p50_ms=APART, p95_ms=APART, p99_ms=APART, duplicates=none, failed=APART
    )
    found = [
        [column.name for column in table.columns]
        for table in tables(of_points, ["rtt_ms"], FIGURES)
    ]
    assert found == [
        ["rtt_ms", "records_per_s", "limit", "p50_ms", "p95_ms"],
        ["rtt_ms", "p99_ms", "failed"],
    ]
