"""How each type reads its text: both ends of its range, and the whole line that refuses."""

import math

import pytest

from model import ConfigError
from model.settings.kinds import Flag, Kind, OneOf, Real, Text, Value, Whole, trimmed

ACKS = OneOf(("all", "0", "1"), synonym=("-1", "all"))
PROTOCOL = OneOf(("PLAINTEXT", "SSL"), any_case=True)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Whole(1, 9), "1", 1),
        (Whole(1, 9), "9", 9),
        (Whole(), "-2147483648", -(2**31)),
        (Whole(), "2147483647", 2**31 - 1),
        (Whole(-1, 9, but_not=0), "-1", -1),
        (Whole(-1, 9, but_not=0), "+1", 1),
        (Whole(high=10**99), "0" * 99 + "7", 7),  # a hundred digits
        (Real(0.5, 1.0), "0.5", 0.5),
        (Real(0.5, 1.0), "1.0", 1.0),
        (Real(), "-12.5e-1F", -1.25),
        (Real(), "3.", 3.0),
        (Real(), "+.5d", 0.5),
        (Flag(), "TRUE", True),
        (Flag(), "False", False),
        (ACKS, "all", "all"),
        (ACKS, "1", "1"),
        (ACKS, "-1", "all"),
        (PROTOCOL, "ssl", "ssl"),
        (Text(), "", ""),
        (Text(may_be_empty=False), "a b", "a b"),
    ],
)
def test_what_a_text_stands_for(kind: Kind, text: str, value: Value) -> None:
    read = kind.read("key", text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        (Whole(1, 9), "0", "key=0: must be a whole number from 1 to 9"),
        (Whole(1, 9), "10", "key=10: must be a whole number from 1 to 9"),
        (Whole(-1, 9, but_not=0), "0", "key=0: must be a whole number from -1 to 9 but not 0"),
        (Whole(0, 9), "", "key=: must be a whole number from 0 to 9"),
        (Whole(0, 9), "--1", "key=--1: must be a whole number from 0 to 9"),
        (Real(0.5, 1.0), "0.49", "key=0.49: must be a number from 0.5 to 1"),
        (Real(0.5, 1.0), "1.01", "key=1.01: must be a number from 0.5 to 1"),
        (Real(), "nan", "key=nan: must be a number from -inf to inf"),
        (Real(), ".", "key=.: must be a number from -inf to inf"),
        (Flag(), "0", "key=0: must be true or false"),
        (ACKS, "2", "key=2: must be one of all, 0, 1, -1"),
        (ACKS, "ALL", "key=ALL: must be one of all, 0, 1, -1"),
        (PROTOCOL, "TLS", "key=TLS: must be one of PLAINTEXT, SSL"),
        (PROTOCOL, "", "key=: must be one of PLAINTEXT, SSL"),
        (Text(may_be_empty=False), "", "key=: must not be empty"),
    ],
)
def test_what_is_none_of_it_is_refused_in_these_words(kind: Kind, text: str, line: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        kind.read("key", text)
    assert str(refusal.value) == line


def test_a_number_of_more_than_a_hundred_digits_is_not_looked_at() -> None:
    with pytest.raises(ConfigError):
        Whole(high=10**200).read("key", "1" * 101)
    assert math.isinf(Real().read("key", "1e999"))


def test_blanks_are_those_of_java() -> None:
    assert trimmed("\x00\t a\u00a0b \u00a0\x1f") == "a\u00a0b \u00a0"
