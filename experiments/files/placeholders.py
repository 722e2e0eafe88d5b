"""Placeholders that are filled before the client sees them: by a framework, or by a shell.

Spring, Quarkus, Micronaut: ``${NAME:default}``, or a setting of the same file. Docker compose and
shells: ``${NAME:-default}``. What stands in the environment is not known here: the default is
taken, and marked as assumed. Left out: expressions (``#{...}``), Kafka's config providers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from experiments.files.entries import Entry

#: Ours: longer values are no setting's, and placeholders may stand in placeholders.
_LONGEST, _DEEPEST = 500, 8
_SHELL = re.compile(r"\$\{\w+:?-([^${}]*)\}")


def with_defaults(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as a framework fills them."""
    known = list(entries)
    settings = {entry.name: entry.value for entry in known}
    return [_changed(entry, _filled(entry.value, settings, 0)) for entry in known]


def with_shells_defaults(entry: Entry) -> Entry:
    """An environment variable as a shell fills it."""
    return _changed(entry, _SHELL.sub(r"\1", entry.value))


def _changed(entry: Entry, value: str) -> Entry:
    return entry if value == entry.value else replace(entry, value=value, assumed=True)


def _filled(text: str, settings: Mapping[str, str], depth: int) -> str:
    """The text with what has a default, or is a setting of the file; the rest stays as it is."""
    start = text.find("${")
    end = _closing(text, start)
    if start < 0 or end < 0 or depth > _DEEPEST or len(text) > _LONGEST:
        return text
    name, colon, default = text[start + 2 : end].partition(":")
    value = text[start : end + 1]
    if name in settings or colon:
        value = _filled(settings.get(name, default), settings, depth + 1)
    return text[:start] + value + _filled(text[end + 1 :], settings, depth + 1)


def _closing(text: str, start: int) -> int:
    """Where the brace that opens after ``start`` closes; -1 if nowhere."""
    depth = 0
    for index in range(start + 1, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index
    return -1
