"""A schedule of faults as a small TOML file: a ``[[fault]]`` for each, with its kind's fields."""

import tomllib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from model import ConfigError, Fault
from model.config.faults import KINDS

#: The fields of all kinds: name to the type that it is declared with.
FIELDS: dict[str, Any] = {
    field.name: field.type for kind in KINDS.values() for field in fields(kind)
}
#: Types and what they are called; another is that of whole numbers, or of none.
TYPES: dict[Any, tuple[Any, str]] = {float: (int | float, "a number"), str: (str, "a text")}


def read_schedule(path: Path) -> tuple[Fault, ...]:
    """The faults of a file. Raises ConfigError for what is no schedule."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError("schedule", path, f"must be TOML in a readable file ({error})") from error
    tables = content.get("fault")
    if set(content) != {"fault"} or not isinstance(tables, list) or not tables:
        raise ConfigError("schedule", path, "must have [[fault]] tables and nothing else")
    return tuple(fault_of(table) for table in tables)


def fault_of(table: Any) -> Fault:
    """The fault of one table. Raises ConfigError."""
    if not isinstance(table, dict):
        raise ConfigError("fault", table, "must be a table: write [[fault]]")
    for name, value in table.items():
        if name not in FIELDS:
            raise ConfigError("fault", name, f"must be one of {', '.join(FIELDS)}")
        types, words = TYPES.get(FIELDS[name], (int, "a whole number"))
        if isinstance(value, bool) or not isinstance(value, types):
            raise ConfigError(name, value, f"must be {words}")
    for name in ("what", "at_s"):
        if name not in table:
            raise ConfigError("fault", table.get("what", "?"), f"must have {name}")
    return Fault(**table)


def written(faults: Iterable[Fault]) -> str:
    """Faults as the text of a schedule; what has its default is left out."""
    return "\n\n".join(map(_table, faults)) + "\n"


def _table(fault: Fault) -> str:
    lines = ["[[fault]]"]
    for field in fields(KINDS[fault.what]):
        value = getattr(fault, field.name)
        if field.name == "what" or value != field.default:
            lines.append(
                f"{field.name} = " + (f'"{value}"' if isinstance(value, str) else f"{value}")
            )
    return "\n".join(lines)
