"""Profiles: documents of a Spring file, and prefixes of a Quarkus file, that hold on a condition.

Quarkus runs with ``prod`` unless it is told otherwise. A Spring application runs with what
``spring.profiles.active`` says, or without any.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from experiments.files.entries import Entry, Unit

ACTIVE = "spring.profiles.active"
QUARKUS_DEFAULT = "prod"
#: What holds without any profile.
NONE = "default"
_PERCENT = re.compile(r"%\{?([\w,-]+)\}?\.(.*)", re.DOTALL)


def variants(units: Sequence[Unit], which: str) -> list[Unit]:
    """The units, with documents of one file laid over each other; one for each profile."""
    plain = [unit for unit in units if not (unit.name or unit.kind)]
    others = [unit for unit in units if unit.name or unit.kind]
    if not plain:
        return others
    base = tuple(each for unit in plain if not unit.profile for each in unit.entries)
    repeated = tuple(key for unit in plain for key in unit.repeated)
    conditional = {unit.profile for unit in plain} - {""}
    if any(_PERCENT.fullmatch(entry.name) for entry in base):
        active = (which or QUARKUS_DEFAULT, QUARKUS_DEFAULT)
        chosen = active[0] if _has(base, active[0]) else active[1]
        return [Unit(tuple(_of_quarkus(base, chosen)), repeated=repeated), *others]
    active_now = next((entry.value for entry in base if entry.name == ACTIVE), "")
    names = [NONE, *sorted(conditional)]
    if active_now and not which:
        names = [name for name in names if name in active_now.split(",")] or [NONE]
    merged = []
    for name in names:
        over = [each for unit in plain if unit.profile == name for each in unit.entries]
        laid = {each.name: each for each in (*base, *over)}
        label = name if len(names) > 1 else ""
        merged.append(Unit(tuple(laid.values()), label, repeated=repeated))
    return [*merged, *others]


def _has(entries: Sequence[Entry], profile: str) -> bool:
    matches = (_PERCENT.fullmatch(entry.name) for entry in entries)
    return any(match is not None and profile in match[1].split(",") for match in matches)


def _of_quarkus(entries: Sequence[Entry], profile: str) -> Iterator[Entry]:
    """What holds under a profile: what has no condition, and over it what has this one."""
    under = []
    for entry in entries:
        if match := _PERCENT.fullmatch(entry.name):
            if profile in match[1].split(","):
                under.append(replace(entry, name=match[2]))
        else:
            yield entry
    yield from under
