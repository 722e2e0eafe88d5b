"""A file with the options of a client other than Kafka's own, under that client's own names.

Properties, YAML or JSON, as of Kafka's own; the options stand for themselves, or behind one prefix,
which is the one behind which most of them stand. A dictionary in source code is not read.
"""

from collections import Counter
from pathlib import Path

from experiments.files.entries import Unit, named, refused
from experiments.files.producers import FileSetting
from experiments.files.source import NOTHING, Source
from experiments.files.text import read_units
from experiments.files.topic import TopicSettings
from model.clients.profile import Profile
from model.settings.shown import one_line


def read_options(path: Path | None, profile: Profile) -> Source:
    """The options of one producer; nothing without a file. Raises ConfigError.

    What stands beside them is handed on too: the client says what it refuses.
    """
    if path is None:
        return NOTHING
    names = {name for each in profile.options for name in (each.name, *each.spellings)}
    found = Counter[tuple[int, str]]()
    units = read_units(path)
    for number, unit in enumerate(units):
        found.update((number, prefix) for prefix in _prefixes(unit, names))
    if not found:
        raise refused(path, f"has no option of {profile.title}, such as {profile.options[0].name}")
    (number, prefix), count = found.most_common(1)[0]
    settings = {
        entry.name.removeprefix(prefix): FileSetting(
            entry.value, one_line(path.name), entry.assumed
        )
        for entry in units[number].entries
        if entry.name.startswith(prefix)
    }
    behind = f", behind {named(prefix)}" if prefix else ""
    told = f"{one_line(path.name)} is a configuration of {profile.title}{behind}: {count} option"
    return Source(f"{told}{'' if count == 1 else 's'} read", settings, {}, (), (), TopicSettings())


def _prefixes(unit: Unit, names: set[str]) -> list[str]:
    """Of each entry that ends in an option's name, what stands before that."""
    prefixes = list[str]()
    for entry in unit.entries:
        parts = entry.name.split(".")
        for length in range(len(parts)):
            if ".".join(parts[length:]) in names:
                prefixes.append("".join(f"{part}." for part in parts[:length]))
                break
    return prefixes
