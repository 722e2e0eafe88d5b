"""A schedule of faults as a small TOML file: a ``[[fault]]`` for each, with the fields of Fault."""

import tomllib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from model import ConfigError, Fault

FIELDS = {field.name: field.default for field in fields(Fault)}
NUMBERS = {"at_s", "for_s", "rtt_ms", "times"}
WHOLE = {"broker", "requests"}


def read_schedule(path: Path) -> tuple[Fault, ...]:
    """The faults of a file. Raises ConfigError for what is no schedule."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("schedule", path, "must be a readable file") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("schedule", path, f"must be TOML ({error})") from error
    tables = told.get("fault", [])
    others = sorted(set(told) - {"fault"})
    if others or not isinstance(tables, list) or not tables:
        raise ConfigError("schedule", path, "must have [[fault]] tables and nothing else")
    return tuple(_fault(table) for table in tables)


def _fault(table: Any) -> Fault:
    if not isinstance(table, dict):
        raise ConfigError("fault", table, "must be a table: write [[fault]]")
    for name, value in table.items():
        if name not in FIELDS:
            raise ConfigError("fault", name, f"must be one of {', '.join(FIELDS)}")
        if not _fits(name, value):
            kind = (
                "a number" if name in NUMBERS else "a whole number" if name in WHOLE else "a text"
            )
            raise ConfigError(name, value, f"must be {kind}")
    for name in ("what", "at_s"):
        if name not in table:
            raise ConfigError("fault", table.get("what", "?"), f"must have {name}")
    return Fault(**table)


def _fits(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return False
    kinds = (int, float) if name in NUMBERS else int if name in WHOLE else str
    return isinstance(value, kinds)


def written(faults: Iterable[Fault]) -> str:
    """Faults as the text of a schedule; what has its default is left out."""
    tables = []
    for fault in faults:
        given = {name: getattr(fault, name) for name in FIELDS}
        lines = [
            f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
            for name, value in given.items()
            if value != FIELDS[name]
        ]
        tables.append("\n".join(["[[fault]]", *lines]))
    return "\n\n".join(tables) + "\n"
