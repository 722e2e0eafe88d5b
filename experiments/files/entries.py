"""What every reader makes of a file: entries with their lines, in units that belong together."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from model.config.checks import ConfigError
from model.settings.given import WORDS
from model.settings.shown import looks_like_a_key, one_line

#: What stands in names beside words: of flows, lists, profiles.
_MARKS = re.compile(r"->|\[\d*\]|%")
#: Ours: far above any configuration, far below what would be slow to read.
MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One value under its whole dotted name; ``line`` counts from 1, None where nobody knows.

    ``assumed``: the value is a placeholder's default, where the environment may have another.
    """

    name: str
    value: str
    line: int | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """Entries of one thing: a file, or a service, a connector, a resource in it.

    ``kind`` is given where what holds the entries says it; ``profile`` is the condition on which a
    document of several holds, "" for always.
    """

    entries: tuple[Entry, ...]
    name: str = ""
    kind: str = ""
    profile: str = ""
    repeated: tuple[str, ...] = field(default=())


def named(name: str) -> str:
    """A key for a message, unless it may be half of a value with a secret in it."""
    plain = _MARKS.sub("-", name).strip("-.")
    return name if looks_like_a_key(plain, WORDS) else "a key"


def refused(path: Path, rule: str) -> ConfigError:
    """What a file is refused with, in one line."""
    return ConfigError("properties", one_line(str(path)), rule)
