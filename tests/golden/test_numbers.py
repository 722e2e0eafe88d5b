"""Every number that the model has by name, as it was: a guard against changes that nobody meant.

Constants of modules and defaults of fields; options and rules of each client. They are right only
in so far as the other tests and their sources say so. ``make golden`` writes them anew, on purpose.
Left out: what ``make calibrate`` fits, and Kafka's keys, which ``tests/clients`` has from Kafka.
"""

import ast
import csv
import dataclasses
import inspect
import io
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import model
from model import MachineConfig, producer_of
from model.clients import PROFILES, RULES

HERE = Path(__file__).parent
ROOT = Path(model.__path__[0]).parent
#: Outside of quotes, and no address.
A_NUMBER = re.compile(r"^(?:[^'<]|'[^']*')*?(?:\b\d|\b(?:inf|True|False)\b)")
BY_THEMSELVES = ("OPTIONS", "PROFILE", "_PROFILE")
Row = tuple[str, str, str]


def written(value: Any) -> str:
    """A value in one order and without addresses; what says nothing is left out: empty."""
    if isinstance(value, MachineConfig) or inspect.ismodule(value) or inspect.isclass(value):
        return ""
    if isinstance(value, Enum):
        return str(value)
    if dataclasses.is_dataclass(value):
        parts = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
        told = ", ".join(f"{f.name}={written(v)}" for f, v in parts if v != f.default)
        return f"{type(value).__name__}({told})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(a)}: {written(b)}" for a, b in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(written, value))) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(written, value)) + ")"
    return getattr(value, "__name__", repr(value))


def named(module: str, source: str) -> Iterator[Row]:
    """What a module gives a name to, and what its classes' fields are by default."""
    values = vars(import_module(module))
    for part in ast.parse(source).body:
        targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
        several = (each.elts for each in targets if isinstance(each, ast.Tuple))
        for target in (*targets, *chain(*several)):
            if isinstance(target, ast.Name):
                yield module, target.id, written(values[target.id])
        if isinstance(part, ast.ClassDef):
            kind = values[part.name]
            for field in dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ():
                if field.default is not dataclasses.MISSING:
                    yield module, f"{part.name}.{field.name}", written(field.default)
            for name, default in getattr(kind, "_field_defaults", {}).items():
                yield module, f"{part.name}.{name}", written(default)


def by_default(module: str, source: str) -> Iterator[Row]:
    """What functions take where they are not told."""
    for part in ast.walk(ast.parse(source)):
        if isinstance(part, ast.FunctionDef):
            asked = part.args
            named = zip(reversed(asked.args), reversed(asked.defaults), strict=False)
            for told, default in (*named, *zip(asked.kwonlyargs, asked.kw_defaults, strict=True)):
                if default is not None:
                    yield module, f"{part.name}({told.arg})", ast.unparse(default)


def of_the_model() -> Iterator[Row]:
    """Numbers and truths of all modules; options and profiles of clients are told by themselves."""
    for file in sorted(ROOT.glob("model/**/[a-z]*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        source = file.read_text(encoding="utf-8")
        if module != "model.settings.keys":
            told = (row for row in named(module, source) if row[1] not in BY_THEMSELVES)
            rows = chain(told, by_default(module, source))
            yield from (row for row in rows if A_NUMBER.search(row[2]))


def of_the_clients() -> Iterator[Row]:
    """Each option and each rule of each profile, and what its oldest and newest release make."""
    for name, profile in PROFILES.items():
        for version in dict.fromkeys((profile.oldest, profile.newest)) if profile.options else ():
            producer = producer_of(name, version)
            for field in dataclasses.fields(producer):
                value = getattr(producer, field.name)
                if value != field.default:
                    yield f"{name} {version}", field.name, written(value)
    for name, profile in RULES.items():
        for field in dataclasses.fields(profile):
            value = getattr(profile, field.name)
            if field.name == "options":
                yield from ((name, option.name, written(option)) for option in value)
            elif field.name != "older" and value != field.default:
                yield name, field.name, written(value)


@pytest.mark.parametrize("of", [of_the_model, of_the_clients])
def test_the_numbers_are_those_of_the_golden_file(of: Any, request: pytest.FixtureRequest) -> None:
    path, text = HERE / f"numbers_{of.__name__}.csv", io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(of())
    if request.config.getoption("--renew-golden"):
        path.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue().count("\n") > 100
    assert text.getvalue() == path.read_text(encoding="utf-8")
