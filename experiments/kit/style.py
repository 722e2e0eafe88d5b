"""One look for every chart, and how a chart is stored: SVG and PNG, the same bytes every time.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; the producers also differ
in marker and line, for black-and-white print.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.kit.crops import attribute
from experiments.kit.store import replace_file

INK, FAINT, GRID = "#222222", "#777777", "#e3e3e3"
BROKER, CLIENT = "#e69f00", "#cc79a7"
PNG_DPI = 160

mpl.rcParams.update(
    {
        "font.family": "sans-serif",
        # In an SVG the reader's machine chooses: Verdana is as wide as DejaVu, so labels still fit.
        "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
        "svg.hashsalt": "inflight",
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """How one producer is drawn, wherever it is drawn.

    Where producers coincide the thin line of the higher ``order`` lies on the wide one, and the
    small filled marker in the large hollow one.
    """

    name: str
    colour: str
    marker: str
    marker_size: float = 5.0
    hollow: bool = False
    width: float = 1.6
    order: int = 3


#: By requests in flight, and whether idempotent: one is vermilion, five with idempotence are blue.
LOOKS = {
    (1, False): Look("one in flight", "#d55e00", "o", 5.5, False, 4.0, 4),
    (1, True): Look("one in flight, idempotent", "#d55e00", "v"),
    (2, False): Look("two in flight", "#e69f00", "s"),
    (5, False): Look("five in flight, not idempotent", "#56b4e9", "s", 10, True, 7.0, 3),
    (5, True): Look("five in flight, idempotent", "#0072b2", "D", 5, False, 1.3, 5),
}
_OTHER = Look("another producer", "#009e73", "^")
_BY_NAME = {look.name: look for look in LOOKS.values()}


def look(depth: int, idempotent: bool) -> Look:
    """The look of a producer by what it keeps in flight."""
    return LOOKS.get((int(depth), bool(idempotent)), _OTHER)


def look_of(name: str) -> Look:
    """The look of a producer by its name."""
    return _BY_NAME.get(name, _OTHER)


def figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches that lays itself out."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def blank(reason: str) -> Figure:
    """A figure that only says why there is nothing to see."""
    chart = figure(5.0, 1.2)
    chart.text(0.5, 0.5, f"nothing to draw: {reason}", ha="center", va="center", color=FAINT)
    return chart


def quiet_grid(axes: Axes) -> None:
    """Thin lines behind the data."""
    axes.grid(visible=True, which="major", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def number(value: float) -> str:
    """Three digits, thousands as k and millions as M: for ticks and labels."""
    if value >= 999_500:
        return f"{value / 1_000_000:.3g}M"
    if value >= 10_000:
        return f"{value / 1_000:.3g}k"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def save(chart: Figure, folder: Path, name: str) -> list[Path]:
    """Write NAME.svg and NAME.png, each whole or not at all; the paths."""
    FigureCanvasAgg(chart)
    if (engine := chart.get_layout_engine()) is not None:
        engine.execute(chart)
        chart.set_layout_engine("none")  # laid out once, not once for each format
    parts = attribute(chart)
    paths = []
    for kind, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
        content = io.BytesIO()
        chart.savefig(content, format=kind, dpi=PNG_DPI, metadata=metadata)
        drawn = content.getvalue()
        if kind == "svg":
            drawn = drawn.replace(b"<svg ", f"<svg {parts} ".encode(), 1)
        paths.append(folder / f"{name}.{kind}")
        replace_file(paths[-1], drawn)
    return paths
