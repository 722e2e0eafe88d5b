"""The producers that a unit of a file configures, read as one kind of file.

A framework's own settings come first, then what stands behind each prefix, the weakest first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from experiments.files.entries import Entry, Unit
from experiments.files.flows import flow_prefixes
from experiments.files.kinds import RELAXED, Kind, Pattern, Prefix, parts_of, plain
from experiments.files.placeholders import with_defaults
from experiments.files.topic import TopicSettings, topic_of
from model.settings.keys import KEYS, Use

#: Ours: whose producers are more than can be told apart by name.
MOST_PRODUCERS = 100
_SIZE = re.compile(r"\s*(\d{1,12})\s*(B|KB|MB|GB|TB)\s*", re.ASCII)
_SIZES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


@dataclass(frozen=True, slots=True)
class FileSetting:
    """A setting that the client is handed, and who said so."""

    value: str
    origin: str
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProducer:
    """What one producer is handed.

    ``unknown`` are keys that stand where the producer's do, and are none; ``misplaced`` are the
    producer's that the framework passes over where they stand; ``written`` counts what the file
    itself sets; ``repeated`` are keys that are there more than once.
    """

    name: str
    kind: Kind
    settings: Mapping[str, FileSetting]
    unknown: Mapping[str, str]
    misplaced: tuple[str, ...]
    topic: TopicSettings
    written: int
    repeated: tuple[str, ...] = ()

    @property
    def modelled(self) -> dict[str, str]:
        """What makes a difference to the model."""
        return {
            key: setting.value
            for key, setting in sorted(self.settings.items())
            if key in KEYS and KEYS[key].use is not Use.IGNORES
        }

    @property
    def left_aside(self) -> int:
        """How many settings of the file itself the model has no use for."""
        own = {key for key, of in self.settings.items() if of.origin != self.kind.whose}
        return sum(key in KEYS and KEYS[key].use is Use.IGNORES for key in own)


@dataclass(slots=True)
class _Found:
    """What is found behind one prefix, under one name."""

    settings: list[tuple[int, str, Entry]] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    misplaced: list[str] = field(default_factory=list)


def claimed(kind: Kind, unit: Unit) -> bool:
    """Whether a unit is of this kind by what stands in it."""
    if unit.kind:
        return unit.kind == kind.name
    if kind.flows and flow_prefixes(unit.entries):
        return True
    return any(_is_at(pattern, entry) for pattern in kind.marks for entry in unit.entries)


def hinted(kind: Kind, unit: Unit) -> bool:
    """Whether it may be, if it is of no other."""
    return any(_is_at(pattern, entry) for pattern in kind.hints for entry in unit.entries)


def read_as(kind: Kind, unit: Unit) -> list[FileProducer]:
    """The producers in a unit of this kind; none where there is no setting and no default."""
    entries = with_defaults(unit.entries) if kind.placeholders else list(unit.entries)
    of_others = _of_others(kind, entries)
    if "" in of_others:
        return []
    if kind.flows:
        read = {
            name: _behind(replace(kind, prefixes=prefixes), entries).get("", _Found())
            for name, prefixes in flow_prefixes(unit.entries).items()
        }
        if not read:
            return []
    else:
        read = _behind(kind, entries)
    shared = read.pop("", _Found()) if not kind.flows else _Found()
    named = {name: of for name, of in read.items() if name not in of_others}
    if read and not named:
        return []
    if kind.skip and "*" in kind.skip[0].parts and not named:
        return []
    found = [
        _producer(kind, unit, entries, name, [shared, of])
        for name, of in list((named or {"": _Found()}).items())[:MOST_PRODUCERS]
    ]
    return [each for each in found if each.written or kind.base]


def _behind(kind: Kind, entries: Iterable[Entry]) -> dict[str, _Found]:
    """What stands behind the kind's prefixes, by the name in the prefix; "" is what all share."""
    read: dict[str, _Found] = {}
    ranked = sorted(enumerate(kind.prefixes), key=lambda pair: pair[1].rank, reverse=True)
    for entry in entries:
        name = parts_of(entry.name)
        for order, prefix in ranked:
            matches = list(prefix.pattern.matches(name))
            if not matches:
                continue
            star, rest = next((m for m in matches if _key(kind, prefix, m[1])), matches[0])
            found = read.setdefault("" if prefix.shared else star, _Found())
            _sort_in(kind, prefix, order, found, entry, rest)
            break
    return read


def _sort_in(
    kind: Kind, prefix: Prefix, order: int, found: _Found, entry: Entry, rest: tuple[str, ...]
) -> None:
    key = _key(kind, prefix, rest)
    written = ".".join(rest)
    if key:
        found.settings.append((order, key, entry))
    elif prefix.reads == "fields":
        if not prefix.quiet and plain("".join(rest)) in RELAXED and kind.belongs:
            found.misplaced.append(entry.name)
    elif not prefix.quiet and rest and not any(plain(part) in kind.own for part in _heads(rest)):
        found.unknown[written] = entry.value


def _heads(rest: tuple[str, ...]) -> Iterator[str]:
    """The beginnings of a name: a framework's own names may have dots."""
    for length in range(1, len(rest) + 1):
        yield ".".join(rest[:length])


def _key(kind: Kind, prefix: Prefix, rest: tuple[str, ...]) -> str:
    """Kafka's key for what follows a prefix; empty where it is none."""
    written = ".".join(rest)
    if prefix.reads == "fields":
        field_name = plain("".join(rest))
        allowed = not prefix.only or field_name in prefix.only
        return kind.fields.get(field_name, "") if allowed else ""
    if prefix.reads == "relaxed" and written not in KEYS:
        return RELAXED.get(plain("".join(rest)), "")
    return written if written in KEYS else ""


def _producer(
    kind: Kind, unit: Unit, entries: list[Entry], name: str, found: list[_Found]
) -> FileProducer:
    """A framework's settings with those of the file over them."""
    settings = {key: FileSetting(value, kind.whose) for key, value in kind.base.items()}
    for when in kind.when:
        if any(entry.name == when.key and entry.value in when.values for entry in entries):
            settings |= {key: FileSetting(value, kind.whose) for key, value in when.sets.items()}
    written = sorted((each for of in found for each in of.settings), key=lambda each: each[0])
    for _, key, entry in written:
        value = _in_bytes(entry.value) if key in kind.sizes else entry.value
        origin = f"line {entry.line}" if entry.line else "the file"
        settings[key] = FileSetting(value, origin, entry.assumed)
    topic = {
        field_name: entry.value
        for at, field_name in kind.topic.items()
        for entry in entries
        if entry.name == at
    }
    return FileProducer(
        name="/".join(dict.fromkeys(filter(None, (unit.name, name)))),
        kind=kind,
        settings=settings,
        unknown={key: value for of in found for key, value in of.unknown.items()},
        misplaced=(
            *(each for of in found for each in of.misplaced),
            *(entry.name for entry in entries for at in kind.no_effect if _sets_at(at, entry)),
        ),
        topic=topic_of(topic),
        written=len(written),
        repeated=tuple(key for key in unit.repeated if any(e.name == key for _, _, e in written)),
    )


def _in_bytes(text: str) -> str:
    """Spring's data sizes, such as 32KB, in bytes; anything else as it is."""
    size = _SIZE.fullmatch(text)
    return str(int(size[1]) * _SIZES[size[2]]) if size else text


def _of_others(kind: Kind, entries: Iterable[Entry]) -> set[str]:
    """Names of what is no Kafka client of this kind; "" where the whole file is not."""
    if kind.skip is None:
        return set()
    pattern, known = kind.skip
    return {
        star
        for entry in entries
        if entry.value not in known
        for star, rest in pattern.matches(parts_of(entry.name))
        if not rest
    }


def _is_at(pattern: Pattern, entry: Entry) -> bool:
    return next(pattern.matches(parts_of(entry.name)), None) is not None


def _sets_at(pattern: Pattern, entry: Entry) -> bool:
    """Whether a producer's key stands behind a prefix under which it does nothing."""
    return any(".".join(rest) in KEYS for _, rest in pattern.matches(parts_of(entry.name)))
