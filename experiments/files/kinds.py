"""The kinds of files there are, from kinds.toml: how each is known, and what it hands the client.

Names of entries are compared part by part without regard to case, dashes and underscores, as Spring
and its like do (relaxed binding).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from model.config.checks import ConfigError
from model.settings.keys import KEYS
from model.settings.shown import shown

_PART = re.compile(r"\"([^\"]*)\"|([^.\"]+)")
_DASHES = re.compile(r"[-_]")
#: Ours: a longer name is no setting's, and comparing takes time.
LONGEST_NAME = 300
#: A kind of one's own: settings behind a prefix that the user names.
OWN_PREFIX = "prefix:"


@lru_cache(maxsize=1 << 15)
def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a dotted name; quotes hold dots together. What is too long is one part."""
    if len(name) > LONGEST_NAME:
        return (name,)
    return tuple(quoted or plain for quoted, plain in _PART.findall(name))


def plain(part: str) -> str:
    """A part as it is compared."""
    return _DASHES.sub("", part).lower()


#: Kafka's keys as they are compared where dashes or capitals may stand for dots.
RELAXED = {plain("".join(name.split("."))): name for name in KEYS}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A prefix of dotted names, in which ``*`` is a name; one part, or several if need be."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Pattern":
        return cls(tuple(part if "*" in part else plain(part) for part in text.split(".") if part))

    def matches(self, name: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Pairs of the name that the star stands for, and what follows; shortest names first."""
        yield from self._match(self.parts, tuple(name), "")

    def _match(
        self, wanted: tuple[str, ...], name: tuple[str, ...], star: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        if not wanted:
            yield star, name
        elif wanted[0] == "*":
            for length in range(1, len(name)):
                yield from self._match(wanted[1:], name[length:], ".".join(name[:length]))
        elif name and (plain(name[0]) == wanted[0] or (wanted[0] == "*->*" and "->" in name[0])):
            yield from self._match(wanted[1:], name[1:], star)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Where a producer's settings stand, and how they are spelt there."""

    pattern: Pattern
    text: str
    reads: str
    only: frozenset[str]
    quiet: bool
    shared: bool

    @property
    def rank(self) -> tuple[int, int]:
        """The longest prefix of a name is its own; a word goes before a star."""
        return len(self.pattern.parts), -self.pattern.parts.count("*")


@dataclass(frozen=True, slots=True)
class When:
    """What a framework sets once an entry has one of these values."""

    key: str
    values: tuple[str, ...]
    sets: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of file; the fields are told in kinds.toml."""

    name: str
    title: str
    words: frozenset[str]
    whose: str
    marks: tuple[Pattern, ...]
    hints: tuple[Pattern, ...]
    prefixes: tuple[Prefix, ...]
    fields: Mapping[str, str]
    belongs: str
    sizes: frozenset[str]
    base: Mapping[str, str]
    when: tuple[When, ...]
    over: tuple[str, ...]
    no_effect: tuple[Pattern, ...]
    skip: tuple[Pattern, frozenset[str]] | None
    own: frozenset[str]
    topic: Mapping[str, str]
    placeholders: bool
    flows: bool
    given: bool

    @property
    def main_prefix(self) -> str:
        """The strongest prefix, as it is told to users; empty where Kafka's keys have none."""
        text = self.prefixes[-1].text
        return f"{text}." if text else ""


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, the most particular first."""
    with (Path(__file__).parent / "kinds.toml").open("rb") as file:
        data = tomllib.load(file)
    return tuple(_kind(row, data["base"]) for row in data["kind"])


def _kind(row: Mapping[str, Any], bases: Mapping[str, Mapping[str, str]]) -> Kind:
    skip = row.get("skip")
    return Kind(
        name=row["name"],
        title=row["title"],
        words=frozenset({row["name"], *row.get("aliases", ())}),
        whose=row["whose"],
        marks=tuple(map(Pattern.of, row.get("marks", ()))),
        hints=tuple(map(Pattern.of, row.get("hints", ()))),
        prefixes=tuple(map(_prefix, row["prefixes"])),
        fields={plain(name): key for name, key in row.get("fields", {}).items()},
        belongs=row.get("belongs", ""),
        sizes=frozenset(row.get("sizes", ())),
        base=bases[row["base"]] if "base" in row else {},
        when=tuple(
            When(each["key"], tuple(each["values"]), each["sets"]) for each in row.get("when", ())
        ),
        over=tuple(row.get("over", ())),
        no_effect=tuple(map(Pattern.of, row.get("no_effect", ()))),
        skip=(Pattern.of(skip["at"]), frozenset(skip["unless"])) if skip else None,
        own=frozenset(map(plain, row.get("own", ()))),
        topic=row.get("topic", {}),
        placeholders=row.get("placeholders", False),
        flows=row.get("flows", False),
        given=row.get("given", False),
    )


def _prefix(row: Mapping[str, Any]) -> Prefix:
    return Prefix(
        pattern=Pattern.of(row["at"]),
        text=row["at"],
        reads=row["reads"],
        only=frozenset(map(plain, row.get("only", ()))),
        quiet=row.get("quiet", False),
        shared=row.get("shared", False),
    )


def kind_called(word: str) -> Kind:
    """The kind of this name, or settings behind a prefix of one's own. Raises ConfigError."""
    if word.startswith(OWN_PREFIX):
        at = word.removeprefix(OWN_PREFIX).strip(".")
        row = {
            "name": word,
            "title": "an application",
            "whose": "the client's default",
            "prefixes": [{"at": at, "reads": "relaxed"}],
        }
        return _kind(row, {})
    for kind in kinds():
        if word.lower() in kind.words:
            return kind
    names = ", ".join(kind.name for kind in kinds() if not kind.given)
    raise ConfigError("--as", shown(word), f"must be one of {names}, or {OWN_PREFIX}PREFIX")
