"""The page's structure, held by a parser: self-contained, in order, readable by machines."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

VOID = {"meta", "link", "br", "hr", "img", "input"}


@dataclass(repr=False, eq=False)
class Element:
    """A tag with its attributes, its place, and the text in it."""

    tag: str
    attributes: dict[str, str]
    above: tuple["Element", ...]
    text: str = ""

    def within(self, tag: str) -> bool:
        """Whether it is somewhere in such an element."""
        return any(element.tag == tag for element in self.above)


@dataclass(repr=False, eq=False)
class Markup(HTMLParser):
    """All elements of a page in order."""

    html: str
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes, tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element and close it."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which has to be this one."""
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"

    def handle_data(self, data: str) -> None:
        """Text belongs to every element that is open."""
        for element in self.open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """The elements of these tags, in order."""
        return [element for element in self.elements if element.tag in tags]

    def values(self, attribute: str) -> list[str]:
        """An attribute's values, in order, of all elements that have it."""
        return [it.attributes[attribute] for it in self.elements if attribute in it.attributes]


@pytest.fixture(scope="module")
def markup(html: str) -> Markup:
    """The page taken apart."""
    return Markup(html)


def test_it_is_one_small_file(html: str, markup: Markup) -> None:
    assert len(html.encode()) < 3_000_000
    assert html.startswith("<!DOCTYPE html>")
    assert not markup.open


def test_it_asks_for_nothing_outside_itself(html: str, markup: Markup) -> None:
    loading = [
        value
        for element in markup.elements
        for name, value in element.attributes.items()
        if name in {"src", "srcset", "href", "xlink:href", "data", "action", "poster"}
        and not (element.tag == "a" and value.startswith("https://"))
    ]
    assert loading
    assert [value for value in loading if not value.startswith(("#", "data:"))] == []
    assert re.findall(r"url\((?!#)[^)]*\)|@import|https?://(?!www\.w3\.org/)", html) == []


def test_it_forbids_the_browser_to_ask_for_anything(markup: Markup) -> None:
    (policy,) = (
        meta.attributes["content"]
        for meta in markup.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")


def test_no_id_is_there_twice_and_all_that_are_referred_to_are_there(
    html: str, markup: Markup
) -> None:
    ids = markup.values("id")
    assert len(ids) == len(set(ids))
    named = [value[1:] for value in markup.values("href") if value.startswith("#")]
    named += " ".join(markup.values("aria-labelledby")).split()
    named += re.findall(r"url\(#([^)]+)\)", html)
    assert set(named) <= set(ids)


def test_headings_go_down_one_step_at_a_time_from_one_first(markup: Markup) -> None:
    levels = [
        int(heading.tag[1]) for heading in markup.all(*(f"h{level}" for level in range(1, 7)))
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    steps = [below - above for above, below in pairwise(levels)]
    assert max(steps) == 1


def test_it_has_landmarks_a_language_and_a_way_past_the_navigation(markup: Markup) -> None:
    assert all(len(markup.all(tag)) == 1 for tag in ("header", "nav", "main", "footer"))
    assert [title.text for title in markup.all("title") if title.within("head")] != []
    assert markup.all("html")[0].attributes["lang"] == "en"
    assert "viewport" in markup.values("name")
    skip = markup.all("a")[0].attributes["href"]
    assert skip == f"#{markup.all('main')[0].attributes['id']}"
    anchors = [f"#{section.attributes['id']}" for section in markup.all("section")]
    assert [a.attributes["href"] for a in markup.all("a") if a.within("nav")] == anchors


def test_every_figure_is_a_picture_with_a_text_in_its_place(markup: Markup) -> None:
    charts = [svg for svg in markup.all("svg") if "aria-labelledby" in svg.attributes]
    assert len(charts) == len(markup.all("figure")) >= 8
    texts = {it.attributes.get("id"): it.text for it in markup.all("title", "desc")}
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert "viewbox" in chart.attributes
        assert not {"width", "height"} & set(chart.attributes)
        title, shows = (texts[name] for name in chart.attributes["aria-labelledby"].split())
        assert title
        assert len(shows) > 30


def test_every_table_has_a_caption_and_headings_with_a_scope(markup: Markup) -> None:
    tables = markup.all("table")
    assert len(tables) >= 9
    captions = [caption.text for caption in markup.all("caption")]
    assert len(captions) == len(tables)
    assert all(captions)
    assert {heading.attributes["scope"] for heading in markup.all("th")} == {"col", "row"}


@pytest.mark.slow
def test_another_process_that_hashes_otherwise_writes_the_same_bytes(
    results: Path, html: str, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    arguments = ["-m", "experiments", "report", f"--results={results}", f"--out={out}"]
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
    assert out.read_bytes() == html.encode()


def test_parts_show_again_the_drawing_of_their_figure(markup: Markup) -> None:
    shown = [use.attributes["href"] for use in markup.all("use") if "part" in _classes(use)]
    assert len(shown) > 10
    assert {href.removeprefix("#") for href in shown} <= set(markup.values("id"))
    for svg in markup.all("svg"):
        if "part" in _classes(svg):
            assert svg.attributes.get("aria-hidden") == "true" or svg.attributes["aria-label"]


def _classes(element: Element) -> set[str]:
    """The classes of all that an element is in."""
    return {name for it in element.above for name in it.attributes.get("class", "").split()}
