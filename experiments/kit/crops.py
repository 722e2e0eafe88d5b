"""Where the parts of a figure lie, so that a narrow page can show them one under the other.

A part is a panel with its axis and its labels, a title, a legend or a note. Its place is stored in
the SVG itself, in points from the upper left: ``x,y,width,height,axis``, where ``axis`` is how wide
the strip of axis labels at its left is. What a page makes of it: :mod:`experiments.report.svg`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

ATTRIBUTE = "data-parts"
POINTS_PER_INCH = 72
#: Ours: room around a part, in points.
MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a figure in points from its upper left; ``axis`` 0: it has no axis."""

    x: float
    y: float
    width: float
    height: float
    axis: float = 0.0

    def __str__(self) -> str:
        return ",".join(f"{v:.1f}" for v in (self.x, self.y, self.width, self.height, self.axis))

    @classmethod
    def parse(cls, text: str) -> "Part":
        """A part as it stands in an SVG."""
        return cls(*map(float, text.split(",")))


def parts(chart: Figure) -> list[Part]:
    """The parts of a figure that is laid out, in the order in which they are read."""
    heads = [artist for artist in (chart._suptitle,) if artist]  # type: ignore[attr-defined]  # no public way
    feet: list[Artist] = [*chart.legends]
    feet += [artist for artist in (chart._supxlabel,) if artist]  # type: ignore[attr-defined]  # as above
    return [
        *(_part(chart, _box(chart, artist)) for artist in heads),
        *_panels(chart),
        *(_part(chart, _box(chart, artist)) for artist in feet),
    ]


def attribute(chart: Figure) -> str:
    """The parts as an attribute of the SVG's root."""
    return f'{ATTRIBUTE}="{";".join(map(str, parts(chart)))}"'


def _panels(chart: Figure) -> Iterator[Part]:
    """Each panel with all that belongs to it, from the upper left on."""
    boxes = [(_box(chart, axes), axes.get_window_extent().x0) for axes in chart.axes]
    for box, left in sorted(boxes, key=lambda each: (-round(each[0].y1), each[0].x0)):
        yield _part(chart, box, left)


def _box(chart: Figure, artist: Artist) -> Bbox:
    box = artist.get_tightbbox(chart.canvas.get_renderer())  # type: ignore[attr-defined]  # Agg's
    assert box is not None  # what is drawn has one
    return Bbox.from_extents(*box.extents)


def _part(chart: Figure, box: Bbox, axis_left: float | None = None) -> Part:
    """A box in pixels from the lower left as a part, with some room around it."""
    scale, height = POINTS_PER_INCH / chart.dpi, chart.bbox.height
    x, y = box.x0 * scale - MARGIN, (height - box.y1) * scale - MARGIN
    axis = 0.0 if axis_left is None else max(0.0, axis_left * scale - x)
    return Part(x, y, box.width * scale + 2 * MARGIN, box.height * scale + 2 * MARGIN, axis)
