"""Files that came with Inflight, by their bare names: a command takes them like a user's own."""

import os.path
from pathlib import Path
from typing import Any

import click
from click.core import Parameter

_PACKAGE = Path(__file__).parents[1]


class OwnOrPublished(click.Path):
    """A path as an option, or the bare name of a file that came with Inflight."""

    def __init__(self, folder: str, suffix: str) -> None:
        """Where they are in the package, and how their names end."""
        super().__init__(path_type=Path)
        self._files = {path.stem: path for path in sorted((_PACKAGE / folder).glob(f"*{suffix}"))}

    def convert(self, value: Any, parameter: Parameter | None, context: Any) -> Path:
        """The user's file, if there is one; whether it can be read is told by who opens it."""
        path = Path(value)
        if os.path.exists(path):  # unlike Path.exists also where no such name can be
            return path
        if (name := str(path)) in self._files:
            return self._files[name]
        from model import ConfigError  # only now: `--help` needs no model
        from model.settings.shown import one_line

        option = parameter.opts[0] if parameter else "file"
        rule = f"must be a file, or one of those that come with Inflight: {', '.join(self._files)}"
        raise ConfigError(option, one_line(name), rule)
