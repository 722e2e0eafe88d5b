"""One look for every chart, and how a chart is stored: SVG and PNG, the same bytes every time.

What each colour means is in :mod:`experiments.kit.looks`.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from experiments.kit.crops import attribute
from experiments.kit.inks import FAINT as FAINT
from experiments.kit.inks import GRID as GRID
from experiments.kit.inks import INK as INK
from experiments.kit.store import Contents, write

PNG_DPI = 160
#: Format to what it says of its making: nothing that changes from one time to the next.
KINDS: Mapping[str, dict[str, str | None]] = {"svg": {"Date": None}, "png": {"Software": None}}

mpl.rcParams.update(
    {
        "font.family": "sans-serif",
        # In an SVG the reader's machine chooses: Verdana is as wide as DejaVu, so labels still fit.
        "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.titlesize": 11.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "legend.fontsize": 10,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
        "svg.hashsalt": "inflight",
    }
)


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
    return write(drawn(chart, folder, name))


def drawn(chart: Figure, folder: Path, name: str, kinds: Iterable[str] = KINDS) -> Contents:
    """What NAME.svg and so on are to hold."""
    FigureCanvasAgg(chart)
    if (engine := chart.get_layout_engine()) is not None:
        engine.execute(chart)
        chart.set_layout_engine("none")  # laid out once, not once for each format
    parts, contents = attribute(chart), []
    for kind in kinds:
        content = io.BytesIO()
        chart.savefig(content, format=kind, dpi=PNG_DPI, metadata=KINDS[kind])
        picture = content.getvalue()
        if kind == "svg":
            picture = picture.replace(b"<svg ", f"<svg {parts} ".encode(), 1)
        contents.append((folder / f"{name}.{kind}", picture))
    return contents
