"""A stored chart made fit for a page."""

import re

import pytest
from experiments.report.blocks import Chart

from experiments.report.svg import picture
from model import ConfigError

DRAWN = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     width="90pt" height="60pt" viewBox="0 0 90 60">
 <metadata>who drew it</metadata>
 <defs><style>*{stroke-linejoin: round}</style><path id="mark" d="M 0 0.123456
L 1.005 2"/></defs>
 <clipPath id="window"><rect x="1.23456" y="0" width="90" height="60"/></clipPath>
 <g id="axes_1"><use xlink:href="#mark" style="fill: COLOUR" clip-path="url(#window)"/>
 <g transform="scale(0.015625)"/><a xlink:href="https://example.org/">MORE</a></g>
</svg>"""


def drawn(name: str = "one", colour: str = "#0072b2", more: str = "") -> str:
    """The markup of the chart above."""
    svg = DRAWN.replace("COLOUR", colour).replace("MORE", more)
    return picture(Chart(name, svg, "A title", "What is shown", "")).markup


def test_two_charts_with_the_same_ids_can_stand_in_one_page() -> None:
    ids = re.findall(r'\bid="([^"]+)"', drawn("one") + drawn("two"))
    assert len(ids) == len(set(ids)) == 8


def test_references_follow_the_ids() -> None:
    markup = drawn("one")
    assert 'id="one-mark"' in markup
    assert 'href="#one-mark"' in markup
    assert 'clip-path="url(#one-window)"' in markup


def test_ids_that_nothing_refers_to_go() -> None:
    assert "axes_1" not in drawn()


def test_what_would_reach_beyond_the_chart_goes() -> None:
    markup = drawn(more="<script>alert(1)</script>")
    assert not re.search("<style|<script|metadata|example.org|DOCTYPE", markup)


def test_coordinates_lose_digits_that_no_screen_shows_but_scales_do_not() -> None:
    markup = drawn()
    assert 'd="M 0 0.12 L 1.00 2"' in markup
    assert 'x="1.23"' in markup
    assert "scale(0.015625)" in markup


def test_it_has_a_title_and_a_description_and_the_width_that_there_is() -> None:
    markup = drawn()
    assert '<title id="one-title">A title</title><desc id="one-desc">What is shown</desc>' in markup
    assert 'role="img" aria-labelledby="one-title one-desc"' in markup
    assert 'viewBox="0 0 90 60"' in markup
    assert "90pt" not in markup


def test_colours_of_the_palette_follow_light_and_dark() -> None:
    assert "fill: var(--chart-blue)" in drawn(colour="#0072b2")


@pytest.mark.parametrize(
    ("colour", "more"),
    [("#123456", ""), ("#0072b2", '<image xlink:href="data:image/png;base64,"/>')],
)
def test_other_colours_and_bitmaps_stay_as_they_are(colour: str, more: str) -> None:
    assert f"fill: {colour}" in drawn(colour=colour, more=more)


@pytest.mark.parametrize(
    "content", ["", "<svg", "<html/>", '<svg xmlns="http://www.w3.org/2000/svg"/>']
)
def test_what_is_no_chart_is_refused(content: str) -> None:
    with pytest.raises(ConfigError, match=r"one\.svg"):
        picture(Chart("one", content, "A title", "What is shown", ""))
