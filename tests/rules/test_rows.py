"""Rows that are kept packed are the rows that were put in."""

import pickle
import struct
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.outcome.rows import Rows


class Thing(NamedTuple):
    number: int
    at_s: float
    good: bool


things = st.builds(
    Thing, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans()
)


def rows_of(kept: list[Thing]) -> Rows[Thing]:
    rows = Rows(Thing)
    for thing in kept[:100]:
        rows.append(thing)
    for thing in kept[100:]:
        rows.add(*thing)
    return rows


@given(some=st.lists(things, min_size=1, max_size=5), count=st.integers(0, 4_101))
def test_rows_are_what_was_appended_bit_for_bit(some: list[Thing], count: int) -> None:
    kept = [some[place % len(some)] for place in range(count)]
    rows = rows_of(kept)
    assert len(rows) == count
    assert repr(list(rows)) == repr(kept)
    assert repr(rows[-3:]) == repr(kept[-3:])
    assert repr([rows[place] for place in range(0, count, 511)]) == repr(kept[::511])
    assert rows.column("at_s").tolist() == [thing.at_s for thing in kept]


def test_a_row_that_is_not_there_is_an_error() -> None:
    rows = rows_of([Thing(1, 0.5, True)] * 7)
    assert rows[-1] == rows[6] == Thing(1, 0.5, True)
    assert rows[-1].good is rows[0].good is True
    for place in (7, -8):
        with pytest.raises(IndexError):
            rows[place]
    with pytest.raises(ValueError, match="no field of name weight"):
        rows.column("weight")


def test_columns_have_the_types_of_their_fields() -> None:
    for kept in ([], [Thing(1, 2.0, True)]):
        rows = rows_of(kept)
        kinds = [rows.column(name).dtype for name in Thing._fields]
        assert kinds == [np.int64, np.float64, np.bool_]


def test_the_same_rows_are_equal_and_not_a_number_is_the_same_as_itself() -> None:
    kept = [Thing(1, float("nan"), True), Thing(2, 0.5, False)]
    assert rows_of(kept) == rows_of([Thing(1, float("nan"), True), Thing(2, 0.5, False)])
    assert rows_of(kept) != rows_of(kept[:1])
    assert rows_of(kept[1:]) != rows_of([Thing(2, 0.5, True)])
    assert rows_of([]) == rows_of([])


def test_a_number_that_does_not_fit_is_refused_and_not_cut() -> None:
    for values in ((2**63, 0.0, False), (0.5, 0.0, False), (1, 0.0)):
        with pytest.raises(struct.error):
            Rows(Thing).add(*values)


def test_a_column_that_is_held_keeps_no_row_from_being_added() -> None:
    rows = rows_of([Thing(1, 0.5, True)])
    column = rows.column("at_s")
    rows.append(Thing(2, 1.5, False))
    assert column.tolist() == [0.5]
    assert rows.column("at_s").tolist() == [0.5, 1.5]


def test_rows_travel_between_processes() -> None:
    rows = rows_of([Thing(1, 0.5, True), Thing(2, float("nan"), False)])
    assert pickle.loads(pickle.dumps(rows)) == rows


@pytest.mark.parametrize("count", [0, 5, 2_000])
def test_rows_in_order_are_those_that_python_sorts(count: int) -> None:
    kept = [Thing(number, float(number * 7 % 11), number % 3 == 0) for number in range(count)]
    ordered = rows_of(kept).in_order_of("at_s", "good")
    assert list(ordered) == sorted(kept, key=lambda thing: (thing.at_s, thing.good))
    assert ordered.in_order_of("at_s", "good") is ordered
    ordered.append(Thing(-1, 0.0, True))
    assert ordered[-1] == Thing(-1, 0.0, True)
    assert len(ordered) == count + 1
