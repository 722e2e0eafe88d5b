"""``--json``: what a command answers, as one JSON document on standard output and nothing else.

Whatever people read goes to standard error then. The same seed gives the same bytes: no times, no
places but those that were asked for. NaN and infinity, which JSON lacks, are null.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import click

from experiments.kit.worldfile import world_file

#: Goes up when a field goes or changes its meaning; more fields may come at any time.
FORMAT = 1


def note_wanted(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Callback of ``--json``."""
    context.meta[__name__] = wanted


def is_wanted() -> bool:
    """Whether the command under way was asked for JSON."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(__name__))


def tell(fields: Mapping[str, Any]) -> None:
    """Print these fields, after those of every answer, if JSON was asked for."""
    if is_wanted():
        from importlib.metadata import version  # `--help` answers without it

        read = world_file()
        told = {"inflight": version("inflight"), "format": FORMAT, **fields}
        told["world_file"] = read and read.path
        click.echo(json.dumps(plain(told), indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """A value as JSON has it: frames as their rows, intervals and other values by their fields."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, PurePath):
        return value.as_posix()
    if hasattr(value, "to_dict"):  # a frame
        return plain(value.to_dict("records"))
    if hasattr(value, "tolist"):  # NumPy's
        return plain(value.tolist())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    return [plain(each) for each in value]
