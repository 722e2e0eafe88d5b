"""What a page is made of: sections of prose, charts and tables. Says nothing of HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:s|ms|µs|%|B|kB|MB|KiB|MiB)(?!\w))")


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


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read, what it is sorted by (its text unless told), and how grave it is."""

    text: str
    key: float | None = None
    tone: str = ""
    note: str = ""

    @property
    def sort_key(self) -> str:
        """For the table's script; empty for what has no number, which then comes last."""
        return self.text if self.key is None else ("" if self.key != self.key else f"{self.key:g}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; numbers are set to the right and sorted as numbers."""

    name: str
    numeric: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first of each its heading; ``folded`` where only few will read it,
    ``wide`` where cells need room for words."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    folded: bool = False
    wide: bool = False
    kind: ClassVar[str] = "table"


Block = Heading | Prose | Figures | Chart | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that the navigation leads to by its ``short`` name."""

    anchor: str
    short: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)


def figure(value: float, spec: str, unit: str = "") -> Cell:
    """A number as a cell; a dash where there is none."""
    return Cell(f"{value:{spec}}{unit}" if value == value else "-", value)


def text(value: object) -> Cell:
    """Words as a cell."""
    return Cell(unbroken(str(value)))


def unbroken(told: str) -> str:
    """Words in which a number and its unit stay on one line."""
    return BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", told)


def words(*names: str) -> list[Column]:
    """Columns of words."""
    return [Column(name, numeric=False) for name in names]


def numbers(*names: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(name) for name in names]
