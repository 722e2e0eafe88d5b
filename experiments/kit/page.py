"""What the report is made of: sections of prose, charts and tables. Says nothing of HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from experiments.kit.tables import Table


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    text: str
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; a ``lead`` is set larger."""

    text: str
    lead: bool = False
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True, slots=True)
class Code:
    """Something to type, as it is typed."""

    text: str
    kind: ClassVar[str] = "code"


@dataclass(frozen=True, slots=True)
class Figures:
    """A few large numbers, each with what it is of and what is to be added."""

    figures: tuple[tuple[str, str, str], ...]
    kind: ClassVar[str] = "figures"


@dataclass(frozen=True, slots=True)
class Chart:
    """A stored SVG by its path below the results, what it shows, and the sentence under it."""

    name: str
    svg: str
    title: str
    shows: str
    sentence: str
    kind: ClassVar[str] = "chart"


Block = Heading | Prose | Code | Figures | Chart | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that the navigation leads to by its ``short`` name."""

    anchor: str
    short: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
