"""The table of keys beside what the real clients of fifteen releases say of themselves.

Every name, default and rule is compared, from the rows that the clients printed (``keys.csv``).
"""

import re

import pytest

from model.settings.keys import KEYS, TABLE, Key
from model.settings.kinds import INT_MAX, LONG_MAX, Flag, Kind, OneOf, Real, Text, Whole
from model.settings.refusals import LISTS
from model.settings.versions import SUPPORTED, spelled
from tests.clients.keys import stored
from tests.clients.releases import ClientKey

MINORS = [spelled(minor) for minor in SUPPORTED]
#: Before these versions the constructor checks it, or minds the case (``refusals``).
RULED_SINCE = {"compression.type": "3.3", "security.protocol": "3.5"}
WHOLE = {
    "INT": (-INT_MAX - 1, INT_MAX),
    "LONG": (-LONG_MAX - 1, LONG_MAX),
    "SHORT": (-(2**15), 2**15 - 1),
}


def known(minor: str) -> list[Key]:
    """The table's keys of a version; before 4.2 config.providers is no key of the producer's."""
    version = SUPPORTED[MINORS.index(minor)]
    return [
        key
        for key in TABLE
        if key.known_to(version) and (version >= (4, 2) or key.name != "config.providers")
    ]


@pytest.mark.parametrize("minor", MINORS)
def test_the_keys_of_a_version_are_those_of_its_client(minor: str) -> None:
    assert {key.name for key in known(minor)} == set(stored(minor))


@pytest.mark.parametrize("minor", MINORS)
def test_every_default_is_the_client_s(minor: str) -> None:
    version, theirs = SUPPORTED[MINORS.index(minor)], stored(minor)
    ours = {key.name: key.default_in(version) for key in known(minor) if key.default}
    assert ours == {name: theirs[name].default for name in ours}


@pytest.mark.parametrize("minor", MINORS)
def test_every_rule_is_the_client_s(minor: str) -> None:
    for name, key in stored(minor).items():
        if minor >= RULED_SINCE.get(name, minor):
            assert same(KEYS[name].kind) == same(kind(key)), name


def test_the_keys_that_hold_lists_are_the_client_s() -> None:
    assert set(LISTS) == {key.name for key in stored("4.4").values() if key.type == "LIST"}


def same(rule: Kind) -> Kind:
    """A rule without what makes no difference: synonyms are choices, their order is nothing."""
    if not isinstance(rule, OneOf):
        return rule
    further = () if rule.synonym is None else rule.synonym[:1]
    words = {word.upper() if rule.any_case else word for word in (*rule.choices, *further)}
    return OneOf(tuple(sorted(words)), rule.any_case)


def kind(key: ClientKey) -> Kind:
    """The kind that a client's own words ask for."""
    if key.type == "BOOLEAN":
        return Flag()
    if key.type == "DOUBLE":
        low, high = limits(key.rule)
        return Real(float(low or "-inf"), float(high or "inf"))
    if key.type in WHOLE:
        return whole(key)
    if names := re.fullmatch(r"(\(case insensitive\) )?\[(.*)\]", key.rule):
        return OneOf(tuple(names[2].split(", ")), any_case=bool(names[1]))
    return Text(may_be_empty=key.type != "CLASS" and key.rule != "non-empty string")


def whole(key: ClientKey) -> Whole:
    """The range of a whole number; ``[1,...,9] or -1`` has a gap."""
    low, high = limits(key.rule)
    lowest, highest = WHOLE[key.type]
    if gap := key.rule.partition(" or ")[2]:
        assert int(gap) == int(low or 0) - 2, key
        return Whole(int(gap), int(high or highest), but_not=int(low or 0) - 1)
    return Whole(int(low or lowest), int(high or highest))


def limits(rule: str) -> tuple[str | None, str | None]:
    """The ends of ``[low,...,high]``; None for none."""
    ends = re.match(r"\[([^,]+),\.\.\.(?:,([^\]]+))?\]", rule)
    return (ends[1], ends[2]) if ends else (None, None)
