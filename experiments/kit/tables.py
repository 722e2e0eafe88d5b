"""A table as a value, and its printers: terminal, Markdown, and cells for a page's template.

Who has rows makes a Table of them once; where it is read is the printer's affair. Left out: HTML,
which :mod:`experiments.report` makes of the same value with its templates.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any, ClassVar, Literal

from rich.box import SIMPLE
from rich.table import Table as TerminalTable

BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:s|ms|µs|%|B|kB|MB|KiB|MiB)(?!\w))")
#: Ours: a longer word, such as a path, is folded where there is no room.
MOST_UNBROKEN = 40
BEFORE_INTERVAL = re.compile(r"(?<=[\d%]) (?=\[)")


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read, what it is sorted by (None: its text), and how grave it is.

    ``tone`` is a word of the page's style sheet; ``note`` stands under the text in a smaller hand.
    """

    text: str
    key: float | None = None
    tone: str = ""
    note: str = ""
    strong: bool = False

    @property
    def sort_key(self) -> str:
        """For the page's script; empty for what has no number, which then comes last."""
        return self.text if self.key is None else ("" if self.key != self.key else f"{self.key:g}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; numbers are set to the right and sorted as numbers.

    ``spec`` and ``unit`` are how :func:`filled` writes them.
    """

    name: str
    numeric: bool = True
    spec: str = ",.0f"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first of each its heading.

    ``folded`` where only few will read it, ``wide`` where cells need room for words.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    folded: bool = False
    wide: bool = False
    kind: ClassVar[str] = "table"


def words(*names: str) -> list[Column]:
    """Columns of words."""
    return [Column(name, numeric=False) for name in names]


def numbers(*names: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(name) for name in names]


def number(value: float, spec: str = ",.0f", unit: str = "") -> Cell:
    """A number as a cell; a dash where there is none."""
    return Cell(f"{value:{spec}}{unit}" if value == value else "-", value)


def text(value: object) -> Cell:
    """Words as a cell."""
    return Cell(str(value))


def texts(*values: object) -> list[Cell]:
    """A row of words."""
    return [text(value) for value in values]


def filled(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    folded: bool = False,
    wide: bool = False,
) -> Table:
    """A table of plain values, written as their columns say; what is a cell already stays it."""
    cells = [
        [_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in rows
    ]
    return Table(caption, columns, cells, folded, wide)


def _cell(value: Any, column: Column) -> Cell:
    if isinstance(value, Cell):
        return value
    return number(float(value), column.spec, column.unit) if column.numeric else text(value)


def unbroken(sentence: str) -> str:
    """Words in which a number and its unit stay on one line."""
    return BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", sentence)


def terminal(table: Table, narrow: bool = False) -> TerminalTable:
    """The table for a terminal; a row with one cell is the heading of those under it.

    Numbers are never cut. ``narrow``: headings are folded, and intervals stand under their values.
    """
    printed = TerminalTable(title=table.caption, title_justify="left", box=SIMPLE, pad_edge=False)
    rows = [[_lines(cell, narrow) for cell in row] for row in table.rows]
    for place, column in enumerate(table.columns):
        side: Literal["right", "left"] = "right" if column.numeric else "left"
        cells = [row[place] for row in rows if place < len(row)]
        heading = _folded(column.name, cells) if narrow and column.numeric else column.name
        parts = [
            each.splitlines() if column.numeric else each.split() for each in (heading, *cells)
        ]
        longest = max((len(part) for of in parts for part in of), default=0)
        least = longest if column.numeric else min(longest, MOST_UNBROKEN)
        printed.add_column(heading, justify=side, min_width=least, overflow="fold")
    for row in rows:
        style = "bold" if len(row) == 1 and len(table.columns) > 1 else ""
        printed.add_row(*row, style=style)
    return printed


def _lines(cell: Cell, narrow: bool) -> str:
    text = BEFORE_INTERVAL.sub("\n", cell.text) if narrow else cell.text
    return "\n".join(filter(None, (text, cell.note)))


def _folded(heading: str, cells: Iterable[str]) -> str:
    """A heading over lines no longer than the cells under it, where its words allow."""
    parts = [*heading.split(), *(line for cell in cells for line in cell.splitlines())]
    return fill(heading, max(map(len, parts), default=1), break_on_hyphens=False)


def as_fields(table: Table) -> dict[str, Any]:
    """The table as fields of JSON: a number is what its cell is sorted by, words are as read."""
    rows = [[cell.text if cell.key is None else cell.key for cell in row] for row in table.rows]
    return {
        "caption": table.caption,
        "columns": [column.name for column in table.columns],
        "rows": rows,
    }


def markdown(table: Table, notes: bool = False) -> str:
    """The table in Markdown, without its caption, notes if wanted; a strong cell is set in bold."""
    rules = ("---:" if column.numeric else "---" for column in table.columns)
    lines = [_line(column.name for column in table.columns), f"|{'|'.join(rules)}|"]
    return "\n".join([*lines, *(_line(_markdown(c, notes) for c in row) for row in table.rows)])


def _markdown(cell: Cell, notes: bool) -> str:
    text = "; ".join(filter(None, (cell.text, cell.note if notes else "")))
    escaped = text.replace("|", "\\|").replace("\n", " ")
    return f"**{escaped}**" if cell.strong else escaped


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
