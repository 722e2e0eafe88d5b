"""Java properties to entries, as java.util.Properties reads them: Latin-1, the last of a key holds.

The format is the library's affair. Files of environment variables (``KEY=value``, ``export``, as
docker takes them) have the same lines, and quotes around values.
"""

import re
from collections import Counter
from pathlib import Path

import javaproperties

from experiments.files.entries import MOST_ENTRIES, Entry, Unit, refused

_LINE_END = re.compile(r"\r\n|\r|\n")
_BEFORE = ("export", "ENV", "env", "set", "SET")


def read_properties(path: Path, content: str | bytes) -> Unit:
    """All settings with the lines at which they begin. Raises ConfigError."""
    found: dict[str, Entry] = {}
    seen: Counter[str] = Counter()
    line = 1
    try:
        for element in javaproperties.parse(content):
            if isinstance(element, javaproperties.KeyValue):
                seen[element.key] += 1
                found[element.key] = Entry(element.key, element.value, line)
                if len(found) > MOST_ENTRIES:
                    raise refused(path, f"has more than {MOST_ENTRIES} settings")
            line += len(_LINE_END.findall(element.source))
    except javaproperties.InvalidUEscapeError:
        raise refused(path, "has a \\u that four hexadecimal digits do not follow") from None
    return Unit(tuple(found.values()), repeated=tuple(key for key in seen if seen[key] > 1))


def exported(entry: Entry) -> Entry:
    """``export KEY="value"`` as the setting that it is; anything else as it stands."""
    name, value = entry.name, entry.value
    if name in _BEFORE and "=" in value:
        name, _, value = value.partition("=")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return Entry(name.strip(), value, entry.line)
