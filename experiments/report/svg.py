"""A stored chart made fit to stand in a page beside others.

Ids that nothing refers to go, the others get the figure's name in front; the chart scales, has a
text alternative, and is a picture to a screen reader. Colours of the project's palette become
variables of the page's style sheet; a chart with any other colour keeps its light paper. A narrow
page shows the parts of the same chart under each other; a part that is still too wide is scrolled
under its axis, which stays where it is.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from experiments.kit.crops import ATTRIBUTE, Part
from experiments.kit.page import Chart
from experiments.kit.palette import PALETTE
from model import ConfigError

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
HREF = f"{{{XLINK}}}href"
#: What the page has no use for; a style element would reach the whole page.
LEFT_OUT = {f"{{{SVG}}}{tag}" for tag in ("metadata", "style", "script")}
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
REFERENCE = re.compile(r"url\(#([^)]+)\)")
COORDINATES = {"d", "points", "x", "y"}
LONG_NUMBER = re.compile(r"(\d+\.\d{2})\d+")
#: On a phone a chart is scrolled rather than shrunk below this share of its own width.
LEAST_SHARE = 0.72
PX_PER_PT = 4 / 3
#: Ours: what a phone shows of a chart without scrolling, in px.
NARROW_PX = 340
#: Ours: titles and legends are shrunk so much more before they are scrolled.
WORDS_SHARE = 0.8

ElementTree.register_namespace("", SVG)


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of a chart on a narrow page: what is to be seen of it, and how wide, in px.

    ``axis`` is the strip of labels that stays in sight, ``body`` what is scrolled beside it; each a
    view box of the chart. One that fits has no axis of its own.
    """

    body: str
    body_px: int
    axis: str = ""
    axis_px: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Markup; ``themed`` if it follows the reader's light or dark; ``whole``: its drawing's id."""

    markup: str
    themed: bool
    width_px: int
    least_px: int
    whole: str
    strips: tuple[Strip, ...]


def picture(chart: Chart) -> Picture:
    """A chart as markup. Raises ConfigError for what is no SVG."""
    root = _parsed(chart)
    width_px = round(float(root.attrib["viewBox"].split()[2]) * PX_PER_PT)
    stored = root.attrib.pop(ATTRIBUTE, "")
    strips = tuple(_strip(Part.parse(part)) for part in stored.split(";") if part)
    _prune(root)
    _name_ids(root, chart.name)
    whole = f"{chart.name}-whole"
    _describe(root, chart, whole)
    markup = ElementTree.tostring(root, encoding="unicode")
    themed = set(COLOUR.findall(markup)) <= set(PALETTE) and "<image" not in markup
    if themed:
        markup = COLOUR.sub(lambda found: f"var(--chart-{PALETTE[found[0]]})", markup)
    least_px = round(width_px * LEAST_SHARE)
    if least_px <= NARROW_PX:  # all of it is seen as it is
        strips = ()
    return Picture(markup, themed, width_px, least_px, whole, strips)


def _strip(part: Part) -> Strip:
    """A part as a phone shows it: whole if it fits, else its axis and, scrolled, the rest."""
    px = part.width * PX_PER_PT * LEAST_SHARE
    if px <= NARROW_PX or not part.axis:
        shrunk_px = max(NARROW_PX, round(px * WORDS_SHARE))
        return Strip(_view(part.x, part.y, part.width, part.height), min(round(px), shrunk_px))
    return Strip(
        _view(part.x + part.axis, part.y, part.width - part.axis, part.height),
        round((part.width - part.axis) * PX_PER_PT * LEAST_SHARE),
        _view(part.x, part.y, part.axis, part.height),
        round(part.axis * PX_PER_PT * LEAST_SHARE),
    )


def _view(*box: float) -> str:
    return " ".join(f"{value:.1f}" for value in box)


def _parsed(chart: Chart) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(chart.svg)
    except ElementTree.ParseError as error:
        raise ConfigError("results", f"{chart.name}.svg", "must be an SVG chart") from error
    if root.tag != f"{{{SVG}}}svg" or "viewBox" not in root.attrib:
        raise ConfigError("results", f"{chart.name}.svg", "must be an SVG chart with a viewBox")
    return root


def _prune(root: ElementTree.Element) -> None:
    """Take out what is not drawn, and digits that no screen shows."""
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in LEFT_OUT]:
            parent.remove(child)
        parent.text, parent.tail = _stripped(parent.text), _stripped(parent.tail)
        for name in COORDINATES & parent.attrib.keys():
            parent.set(name, LONG_NUMBER.sub(r"\1", " ".join(parent.attrib[name].split())))


def _stripped(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _name_ids(root: ElementTree.Element, name: str) -> None:
    """Keep the ids that are referred to, with the figure's name in front; no link leaves it."""
    kept = set()
    for element in root.iter():
        target = element.attrib.pop(HREF, "")
        if target.startswith("#"):
            kept.add(target[1:])
            element.set("href", f"#{name}-{target[1:]}")
        elif target.startswith("data:"):
            element.set("href", target)
        for attribute, value in element.attrib.items():
            kept.update(REFERENCE.findall(value))
            element.set(attribute, REFERENCE.sub(rf"url(#{name}-\1)", value))
    for element in root.iter():
        if (own := element.attrib.pop("id", None)) in kept:
            element.set("id", f"{name}-{own}")


def _describe(root: ElementTree.Element, chart: Chart, whole: str) -> None:
    """A picture with a title and a description; its drawing in a group that can be shown again."""
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    drawing = ElementTree.Element(f"{{{SVG}}}g", {"id": whole})
    drawing.extend(root)
    del root[:]
    root.set("role", "img")
    root.set("aria-labelledby", f"{chart.name}-title {chart.name}-desc")
    for tag, text in (("title", chart.title), ("desc", chart.shows)):
        ElementTree.SubElement(root, f"{{{SVG}}}{tag}", id=f"{chart.name}-{tag}").text = text
    root.append(drawing)
