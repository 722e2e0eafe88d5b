"""A scenario varied by the names of its fields, in whichever of its parts they are.

A name is a field's, with as much of the way to it as it takes to be the only one:
``rtt_ms``, ``replica_path.rtt_ms``, ``arrival.records_per_s``. Of the two paths the one from the
producers is meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any

from model import ConfigError, Scenario

#: Where a field is: the names that lead to it from the scenario.
Way = tuple[str, ...]
#: Only meant where it is said.
ASIDE = "replica_path"


def ways(part: object, to: Way = ()) -> Iterator[Way]:
    """The way to each field of a frozen value, and to those of the values in it."""
    if is_dataclass(part):
        for each in fields(part):
            yield (way := (*to, each.name))
            yield from ways(getattr(part, each.name), way)


def way_to(name: str, scenario: Scenario) -> Way:
    """The way to the one field that a name means. Raises ConfigError."""
    parts, known = tuple(str(name).split(".")), list(ways(scenario))
    found = [way for way in known if way[-len(parts) :] == parts]
    found = [way for way in found if way == parts or way[0] != ASIDE or ASIDE in parts] or found
    if len(found) > 1:
        which = " or ".join(".".join(way) for way in found)
        raise ConfigError("over", name, f"must say which: {which}")
    if not found:
        rule = f"must be a field of the scenario{meant(name, (way[-1] for way in known))}"
        raise ConfigError("over", name, rule)
    return found[0]


def meant(word: object, names: Iterable[str]) -> str:
    """The end of a sentence that refuses a word: which of these it was probably to be."""
    close = get_close_matches(str(word), list(dict.fromkeys(names)), 1)
    return f"; did you mean {close[0]}?" if close else ""


def varied(scenario: Scenario, changes: Mapping[Way, object]) -> Scenario:
    """The scenario with these fields changed, all at once. Raises ConfigError."""
    changed: Scenario = _changed(scenario, changes)
    return changed


def _changed(part: Any, changes: Mapping[Way, object]) -> Any:
    own = {way[0]: value for way, value in changes.items() if len(way) == 1}
    for name in dict.fromkeys(way[0] for way in changes if len(way) > 1):
        below = {
            way[1:]: value for way, value in changes.items() if len(way) > 1 and way[0] == name
        }
        own[name] = _changed(own.get(name, getattr(part, name)), below)
    return replace(part, **own)
