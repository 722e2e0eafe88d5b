"""The world file: one's own cluster, in ``inflight.toml`` where one stands.

Its values are defaults of the options that mean the same (click's ``default_map``): an option
always wins. Only the folder that one stands in is looked into, as it is for results: what an answer
assumes lies beside it, and no file further up changes it unseen. Imports no model before it has to:
a command without a world file does not wait for it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from experiments.kit.worldkeys import FILE, KEYS, NAME, Key

#: What stands for no file at all, in ``--world`` and in the variable that says the same.
NONE, VARIABLE = "none", "INFLIGHT_WORLD"
#: Ours: far above any world, far below what would be slow to read.
MAX_BYTES = 1 << 16
#: Read: TOML's integers have 64 bits.
TOO_LARGE = 1 << 63


@dataclass(frozen=True, slots=True)
class WorldFile:
    """A file that was read, and its values by key; paths are seen from the file's folder."""

    path: Path
    values: Mapping[str, Any]

    def defaults(self, command: click.Command) -> dict[str, Any]:
        """Its values by parameter, as a command takes them."""
        repeatable = {each.name for each in command.params if getattr(each, "multiple", False)}
        named = {KEYS[key].parameter: self._found(key) for key in self.values}
        return {name: [value] if name in repeatable else value for name, value in named.items()}

    def _found(self, key: str) -> Any:
        """A value as it is found from where one stands."""
        value = self.values[key]
        return self.path.parent / value if KEYS[key].kind is FILE else value

    def unused(self, command: click.Command) -> list[str]:
        """Its keys that a command has no option for."""
        taken = {each.name for each in command.params}
        return [key for key in self.values if KEYS[key].parameter not in taken]


def look(context: click.Context, _: click.Parameter, named: Path | None) -> None:
    """Callback of ``--world``: read the file, if there is one, before any other option.

    Raises ConfigError.
    """
    path = named or Path(NAME)
    if context.resilient_parsing:  # a shell that completes
        return
    if path == Path(NONE) or (named is None and not (path.exists() or path.is_symlink())):
        return
    read = read_world(path)
    context.meta[__name__] = read
    context.default_map = read.defaults(context.command)


def world_file() -> WorldFile | None:
    """The file that the command under way has read; None if there was none to read."""
    context = click.get_current_context(silent=True)
    found = context.meta.get(__name__) if context else None
    return found if isinstance(found, WorldFile) else None


def is_from_file(parameter: str) -> bool:
    """Whether the command under way has taken a parameter from the world file."""
    context = click.get_current_context(silent=True)
    return bool(context and context.get_parameter_source(parameter) is ParameterSource.DEFAULT_MAP)


def is_left_open(parameter: str) -> bool:
    """Whether neither an option nor the world file says a parameter; so it is without a command."""
    context = click.get_current_context(silent=True)
    source = context.get_parameter_source(parameter) if context else None
    return source in (None, ParameterSource.DEFAULT)


def told_by_file(error: ValueError) -> ValueError:
    """A refusal that names the file too, if what is refused came from it."""
    from model import ConfigError

    read = world_file()
    if read is None or not isinstance(error, ConfigError):
        return error
    for key in read.values:
        about = KEYS[key]
        if error.setting in (key, about.setting) and is_from_file(about.parameter):
            return _value_refused(read.path, key, error.value, error.rule)
    return error


def read_world(path: Path) -> WorldFile:
    """A world file. Raises ConfigError, naming the file, for whatever it cannot say."""
    values = _parsed(path)
    for key, value in values.items():
        if key not in KEYS:
            raise _refused(path, _no_such_key(key))
        _check(path, key, value, KEYS[key])
    return WorldFile(path, values)


def _parsed(path: Path) -> dict[str, Any]:
    content = _content(path)
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise _refused(path, "must be text in UTF-8") from None
    except ValueError as error:
        raise _refused(path, f"must be TOML ({error})") from None
    except RecursionError:
        raise _refused(path, "must be TOML, and not so deep") from None


def _content(path: Path) -> bytes:
    from model import ConfigError
    from model.config.files import read_bytes

    try:
        return read_bytes("world", path, MAX_BYTES)
    except ConfigError as error:
        raise _refused(path, error.rule) from None


def _no_such_key(key: str) -> str:
    """Its value is not told: who knows what it is."""
    close = get_close_matches(key, KEYS, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"has a key {_shown(key)} that is none of a world{hint}: {', '.join(KEYS)}"


def _check(path: Path, key: str, value: Any, about: Key) -> None:
    """Raise ConfigError for a value of another kind; what else it must be, the model says."""
    of_kind = isinstance(value, about.kind.types) and not isinstance(value, bool)
    empty = isinstance(value, str) and (not value or "\0" in value)  # what no path can be
    if not of_kind or empty or _is_huge(value):
        raise _value_refused(path, key, _shown(value), f"must be {about.kind.words}")
    if about.choices and value not in about.choices:
        raise _value_refused(path, key, _shown(value), f"must be {' or '.join(about.choices)}")


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= TOO_LARGE


def _shown(value: Any) -> str:
    from model.settings.shown import shown

    if isinstance(value, dict | list):
        return "(a table)" if isinstance(value, dict) else "(a list)"
    return "(too large)" if _is_huge(value) else shown(str(value))


def _refused(path: Path, rule: str) -> ValueError:
    from model import ConfigError
    from model.settings.shown import one_line

    return ConfigError("world", one_line(str(path)), one_line(rule))


def _value_refused(path: Path, key: str, value: object, rule: str) -> ValueError:
    from model import ConfigError
    from model.settings.shown import one_line

    return ConfigError(f"{one_line(str(path))}: {key}", one_line(str(value)), rule)
