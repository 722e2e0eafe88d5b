"""A file as the source of one producer's settings: which kind it is, and which producer is meant.

Raises ConfigError, in one line, for a file of which that cannot be said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.files.entries import Unit, named, refused
from experiments.files.kinds import Kind, kind_called, kinds
from experiments.files.producers import FileProducer, FileSetting, claimed, hinted, read_as
from experiments.files.profiles import variants
from experiments.files.refusals import another_client, nothing_found
from experiments.files.strangers import only_the_producers, other_client, owner
from experiments.files.text import read_units
from experiments.files.topic import TopicSettings
from model.config.checks import ConfigError
from model.settings.keys import KEYS
from model.settings.shown import one_line, shown

FALLBACK = "java"
MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Source:
    """What the client is handed: ``settings`` by Kafka's key, ``unknown`` by a key that is none.

    ``told`` says what was read, in one line; ``misplaced`` are names that look like a producer's
    and do nothing; ``notes`` are what else there is to know of the file.
    """

    told: str
    settings: dict[str, FileSetting]
    unknown: dict[str, str]
    misplaced: tuple[str, ...]
    notes: tuple[str, ...]
    topic: TopicSettings


NOTHING = Source("", {}, {}, (), (), TopicSettings())


def read_source(path: Path | None, as_kind: str = "", which: str = "") -> Source:
    """The settings of one producer; without a file, what a kind of framework sets itself.

    ``as_kind`` forces a kind, ``which`` names a producer of several. Raises ConfigError.
    """
    kind = kind_called(as_kind) if as_kind else None
    if path is None:
        if which:
            raise ConfigError("--which", shown(which), "needs --properties FILE")
        return _preset(kind) if kind else NOTHING
    return _told(path, _one_of(path, _found(path, kind, which), which))


def _preset(kind: Kind) -> Source:
    """What a framework hands the client if nobody sets anything."""
    settings = {key: FileSetting(value, kind.whose) for key, value in kind.base.items()}
    told = f"{kind.title}, as it is by itself"
    return Source(told[0].upper() + told[1:], settings, {}, (), (), TopicSettings())


def _found(path: Path, forced: Kind | None, which: str) -> list[FileProducer]:
    """All producers of a file, of the kind that it is. Raises ConfigError where it is none."""
    units = variants(read_units(path), which)
    found = [each for unit in units for each in _in(path, unit, forced)]
    if not found:
        claimed_by = [kind for kind in kinds() if any(claimed(kind, unit) for unit in units)]
        raise nothing_found(path, units, claimed_by)
    return found


def _in(path: Path, unit: Unit, forced: Kind | None) -> list[FileProducer]:
    """The producers of a unit, by the only kind that it can be read as."""
    if forced is not None:
        return read_as(forced, unit)
    of = [kind for kind in kinds() if claimed(kind, unit)]
    of = of or [kind for kind in kinds() if hinted(kind, unit)]
    by_kind = {kind: read_as(kind, unit) for kind in of}
    found = {kind.name: each for kind, each in by_kind.items() if each}
    for kind in by_kind:
        if kind.name in found:
            found = {name: each for name, each in found.items() if name not in kind.over}
    if len(found) > 1:
        names = ", ".join(found)
        raise refused(path, f"can be read as several kinds of file: pass --as with one of {names}")
    if found:
        return next(iter(found.values()))
    return [] if by_kind or unit.kind else _plain(path, unit)


def _plain(path: Path, unit: Unit) -> list[FileProducer]:
    """Kafka's own keys as they stand. Another client's are refused; others' have no producer."""
    names = [entry.name for entry in unit.entries]
    known = [name for name in names if name in KEYS]
    client, key = other_client(names)
    if client and (known or not any("." in name for name in names)):
        raise another_client(path, client, key)
    strangers = len(known) < len(names) and "producer" not in path.name.lower()
    if not known or (strangers and not any(map(only_the_producers, known))):
        return []  # an address alone may be anybody's
    return read_as(kind_called(FALLBACK), unit)


def _one_of(path: Path, found: Sequence[FileProducer], which: str) -> FileProducer:
    """The producer that is meant. Raises ConfigError where several differ and none is named."""
    if which:
        wanted = [each for each in found if which in (each.name, *each.name.split("/"))]
        if not wanted:
            names = _names(found)
            raise ConfigError("--which", shown(which), f"must be one of {names or '(no names)'}")
        found = wanted
    if len({tuple(each.modelled.items()) for each in found}) > 1:
        names = _names(found)
        raise refused(path, f"has several producers that differ: pass --which with one of {names}")
    return found[0]


def _names(found: Sequence[FileProducer]) -> str:
    names = list(dict.fromkeys(one_line(each.name)[:60] for each in found if each.name))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _told(path: Path, producer: FileProducer) -> Source:
    """One producer as a source, with what there is to say of it."""
    others = {key: owner(key) for key in producer.unknown}
    who = f" ({one_line(producer.name)[:60]})" if producer.name else ""
    settings = f"{producer.written} producer setting{'' if producer.written == 1 else 's'} read"
    if producer.left_aside:
        settings += f" ({producer.left_aside} not used here)"
    return Source(
        f"{one_line(path.name)} is a configuration of {producer.kind.title}{who}: {settings}",
        dict(producer.settings),
        {key: value for key, value in producer.unknown.items() if not others[key]},
        tuple(dict.fromkeys(map(named, producer.misplaced))),
        tuple(_notes(producer, others)),
        producer.topic,
    )


def _notes(producer: FileProducer, others: dict[str, str]) -> Iterator[str]:
    kind = producer.kind
    if producer.misplaced:
        names = ", ".join(dict.fromkeys(map(named, producer.misplaced)))
        where = f"; write {kind.belongs}KEY" if kind.belongs else ""
        yield f"{kind.title[0].upper()}{kind.title[1:]} ignores {names}{where}"
    assumed = [key for key, setting in producer.settings.items() if setting.assumed]
    if assumed:
        yield f"Taken from a placeholder's default: {', '.join(assumed)}; your environment decides"
    for key in producer.repeated:
        yield f"{key} is in the file more than once; the last one holds, as in Java"
    for whose in dict.fromkeys(filter(None, others.values())):
        names = ", ".join(key for key, each in others.items() if each == whose)
        yield f"Of {whose}, not of the producer: {names}"
    if producer.topic.told:
        yield f"Of the topic: {producer.topic.told}"
