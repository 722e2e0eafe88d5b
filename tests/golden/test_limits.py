"""From where to where each number of a configuration may be, and what is said to the next one.

Both ends are found by halving, to the last bit: a guard against limits that move and that nobody
meant to. They are right only in so far as the other tests and their sources say so. ``make golden``
writes them anew, on purpose.
"""

import csv
import dataclasses
import io
import math
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
    Compressibility,
    ConfigError,
    Constant,
    Fault,
    Lognormal,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Uniform,
    Workload,
)
from model.config.faults import KINDS

PATH = Path(__file__).parent / "limits.csv"
FAR = 2**70
#: Numbers that are given where there is no default; a fault lasts for what else it may have.
GIVEN = {"at_s": 1.0, "for_s": 1.0, "rtt_ms": 1.0, "times": 2.0, "broker": 0, "requests": 1}
#: One of each: all numbers of it are allowed.
SOME: list[Any] = [
    PathConfig(rtt_ms=1),
    ProducerConfig(
        produce_timeout_ms=1, buffer_records=1, compression_type="gzip", compression_level=1
    ),
    BrokerConfig(),
    TopicConfig(),
    MachineConfig(**dict.fromkeys(get_type_hints(MachineConfig), 1.0)),
    Workload(),
    OpenLoop(100, records=1),
    ClosedLoop(1),
    Compressibility(ratio=0.5),
    Constant(1),
    Uniform(1),
    Lognormal(1, 1),
    Scenario(path=PathConfig(rtt_ms=1)),
]


def faults() -> Iterator[Any]:
    """One of each kind."""
    for what, kind in KINDS.items():
        names = {field.name for field in dataclasses.fields(kind)}
        given: dict[str, Any] = {name: value for name, value in GIVEN.items() if name in names}
        if what == "nack":
            given["error"] = "CORRUPT_MESSAGE"
        yield Fault(what=what, **given)


def place(number: float) -> int:
    """Where a float stands among all floats."""
    bits: int = struct.unpack("<q", struct.pack("<d", number))[0]
    return bits if bits >= 0 else -(bits & (2**63 - 1))


def at(place: int) -> float:
    """The float that stands there."""
    number: float = struct.unpack("<d", struct.pack("<q", abs(place)))[0]
    return math.copysign(number, place)


def refusal(some: Any, name: str, value: float) -> str:
    """What is said to a value; empty if it is taken."""
    try:
        dataclasses.replace(some, **{name: value})
    except ConfigError as error:
        return str(error)
    return ""


def end(takes: Callable[[int], bool], inside: int, outside: int) -> tuple[int, int] | None:
    """The last place that is taken and the first that is not; None if all are."""
    if takes(outside):
        return None
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if takes(middle) else (inside, middle)
    return inside, outside


def limits() -> Iterator[tuple[str, ...]]:
    """Rows: which number, an end of what it may be, and what is said beyond it."""
    for some in (*SOME, *faults()):
        name_of = getattr(some, "what", type(some).__name__)
        hints = get_type_hints(type(some))
        for name in (field.name for field in dataclasses.fields(some)):
            value = getattr(some, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            whole = float not in (get_args(hints[name]) or [hints[name]])
            to, of = (int, int) if whole else (place, at)
            middle = to(value)
            for side in (-1, 1):
                far = side * (FAR if whole else place(math.inf))
                found = end(lambda n: not refusal(some, name, of(n)), middle, far)  # noqa: B023
                if found is None:
                    yield f"{name_of}.{name}", "any", ""
                else:
                    last, beyond = of(found[0]), of(found[1])
                    yield f"{name_of}.{name}", repr(last), refusal(some, name, beyond)


def test_the_limits_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(limits())
    if request.config.getoption("--renew-golden"):
        PATH.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue().count("\n") > 100
    assert text.getvalue() == PATH.read_text(encoding="utf-8")
