"""The options of a client, as its profile lists them: data that :mod:`model.settings` reads by.

An option sets an attribute of the producer's configuration, or is known and left aside.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Value = bool | int | float | str
Values = Mapping[str, Value]

MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its own name and default, what it ``sets`` here, and other ``spellings`` of it.

    Times are in milliseconds, whatever the client counts in. ``was``: defaults before a version,
    the oldest first. ``since`` and ``until`` are versions, empty for all. ``choices`` are the words
    that it takes, ``words`` stand for values of it. What ``sets`` nothing the profile's ``settle``
    looks at; or it is read as the client reads it and left aside, and ``why`` says why.
    """

    name: str
    kind: Literal["whole", "number", "flag", "word"]
    default: Value
    sets: str = ""
    spellings: tuple[str, ...] = ()
    low: float = 0
    high: float = MOST
    choices: tuple[str, ...] = ()
    words: tuple[tuple[str, Value], ...] = ()
    was: tuple[tuple[str, Value], ...] = ()
    since: str = ""
    until: str = ""
    why: str = ""


def numbers(version: str) -> tuple[float, ...]:
    """A version for comparing; one without a patch release means the last of them."""
    parts = tuple(float(part) for part in version.split("."))
    return parts if len(parts) > 2 else (*parts, math.inf)


def first_of(version: str) -> tuple[float, ...]:
    """The same, without a patch release the first of them."""
    return tuple(0.0 if part == math.inf else part for part in numbers(version))


def is_before(version: str, other: str) -> bool:
    """Whether a version is older than the first release of another; nothing is older than none."""
    return bool(other) and numbers(version) < first_of(other)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client was given: every option's value, which were ``given``, and its version."""

    values: Values
    given: frozenset[str]
    version: str

    def precedes(self, version: str) -> bool:
        """Whether its release is older."""
        return is_before(self.version, version)


#: From what was asked to attributes of the producer's configuration that no option sets alone.
Settle = Callable[[Asked], Mapping[str, Value]]
#: What the client refuses: options and the rules that they break, in the client's order.
Refuse = Callable[[Asked], Iterator[tuple[str, str]]]
#: What a user should know of what the client makes of it, in sentences without a full stop.
Tell = Callable[[Asked], Iterator[str]]


def settles_nothing(asked: Asked) -> Mapping[str, Value]:
    """Every option stands for itself."""
    return {}


def refuses_nothing(asked: Asked) -> Iterator[tuple[str, str]]:
    """Whatever is of its kind is taken."""
    return iter(())


def tells_nothing(asked: Asked) -> Iterator[str]:
    """There is nothing to say."""
    return iter(())
