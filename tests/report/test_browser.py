"""The page in a real browser, opened from disk."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import DESK, MARKS, PHONE, Opened, launched
from tests.browser import opened as opened_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = MARKS

Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One browser for all tests."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def open_anew(browser: "Browser", html_file: Path) -> Iterator[Open]:
    """The page on a screen of this size, in light or dark, for a test that changes it."""
    contexts = []

    def open_page(size: dict[str, int] = DESK, scheme: str = "light") -> Opened:
        it = opened_in(browser, html_file.as_uri(), size, scheme)
        contexts.append(it.page.context)
        return it

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def opened(open_anew: Open) -> Open:
    """The same, opened once for all tests that only look."""
    pages: dict[tuple[int, str], Opened] = {}

    def look(size: dict[str, int] = DESK, scheme: str = "light") -> Opened:
        key = size["width"], scheme
        if key not in pages:
            pages[key] = open_anew(size, scheme)
        return pages[key]

    return look


def column(table: "Locator", place: int) -> list[str]:
    """The texts of a column, from above."""
    cells = table.locator(f"tbody tr > :nth-child({place + 1})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(
    opened: Open, html_file: Path
) -> None:
    it = opened()
    it.page.mouse.wheel(0, 100_000)
    it.page.wait_for_load_state("networkidle")
    assert it.requests == [html_file.as_uri()]
    assert it.complaints == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_figure_has_a_size_and_every_text_in_it_too(
    size: dict[str, int], opened: Open
) -> None:
    it = opened(size)
    sizes = it.ask("""[...document.querySelectorAll("figure")].map(figure =>
        [...figure.querySelectorAll("svg")].filter(
            svg => svg.getClientRects().length && getComputedStyle(svg).visibility == "visible"
        ).map(svg => [svg.getBoundingClientRect().width, svg.getBoundingClientRect().height]))""")
    assert len(sizes) > 0
    for drawn in sizes:
        assert drawn
        assert all(width > 10 and height > 10 for width, height in drawn)
        assert max(width for width, _ in drawn) > 200
        assert sum(height for _, height in drawn) > 100
    hidden = it.ask("""[...document.querySelectorAll("figure svg text")].filter(
        text => text.textContent.trim() && !text.getBoundingClientRect().width).length""")
    assert hidden == 0


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_itself_never_scrolls_sideways(size: dict[str, int], opened: Open) -> None:
    it = opened(size)
    assert it.ask("document.documentElement.scrollWidth") == size["width"]


def test_on_a_phone_what_is_wide_scrolls_in_its_own_frame_and_can_be_reached(
    opened: Open,
) -> None:
    it = opened(PHONE)
    wide = it.ask("""[...document.querySelectorAll(".scroller")].filter(
        frame => frame.scrollWidth > frame.clientWidth).map(
        frame => [frame.tabIndex, frame.getAttribute("aria-label")])""")
    assert wide
    assert all(tab == 0 and label for tab, label in wide)


def test_on_a_phone_a_chart_is_read_part_by_part_and_its_axis_stays_in_sight(opened: Open) -> None:
    it = opened(PHONE)
    parts = it.ask("""[...document.querySelectorAll(".part")].map(part => {
        part.scrollLeft = part.scrollWidth;
        const frame = part.getBoundingClientRect(), axis = part.querySelector(".axis");
        const seen = axis && axis.getBoundingClientRect();
        return [part.scrollWidth > part.clientWidth + 1,
                !seen || (seen.left >= frame.left && seen.right <= frame.right)];
    })""")
    assert len(parts) > 10
    assert all(in_sight for _, in_sight in parts)
    assert any(scrolls for scrolls, _ in parts)


def test_what_scrolls_says_so_on_a_phone_and_nothing_says_so_that_does_not(opened: Open) -> None:
    hints = """[...document.querySelectorAll(".scroller")].filter(
        frame => frame.checkVisibility()).map(frame => {
        const whole = frame.closest("figure") || frame, line = whole.previousElementSibling;
        const frames = whole === frame ? [frame] : [...whole.querySelectorAll(".scroller")];
        return [frames.some(it => getComputedStyle(it).visibility == "visible"
                                  && it.scrollWidth > it.clientWidth + 4),
                line !== null && line.className === "hint" && !line.hidden];
    })"""
    opened(PHONE).page.wait_for_function("document.querySelector('.hint:not([hidden])')")
    found = opened(PHONE).ask(hints)
    assert any(scrolls for scrolls, _ in found)
    assert all(scrolls == said for scrolls, said in found)
    assert all(scrolls == said for scrolls, said in opened().ask(hints))


def test_headings_are_in_order(opened: Open) -> None:
    levels = opened().ask(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(heading => +heading.tagName[1])"
    )
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_a_click_on_a_heading_sorts_numbers_as_numbers(open_anew: Open) -> None:
    table = open_anew().page.locator("#distances table").first
    heading = table.locator("thead th").nth(2)
    heading.get_by_role("button").click()
    rates = [float(text.replace(",", "")) for text in column(table, 2)]
    assert heading.get_attribute("aria-sort") == "ascending"
    assert rates == sorted(rates)
    assert rates[0] < rates[-1]


def test_enter_on_a_heading_sorts_and_once_more_turns_it_round(open_anew: Open) -> None:
    it = open_anew()
    table = it.page.locator("#harm table").first
    before, heading = column(table, 0), table.locator("thead th").first
    heading.get_by_role("button").focus()
    it.page.keyboard.press("Enter")
    assert column(table, 0) == sorted(before, key=str.casefold) != before
    it.page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert column(table, 0) == sorted(before, key=str.casefold, reverse=True)


def test_only_the_heading_sorted_by_says_so(open_anew: Open) -> None:
    table = open_anew().page.locator("#distances table").first
    for place in (3, 1):
        table.locator("thead button").nth(place).click()
    assert table.locator("[aria-sort]").count() == 1


def test_the_first_tab_leads_past_the_navigation(open_anew: Open) -> None:
    it = open_anew()
    it.page.keyboard.press("Tab")
    assert it.ask("document.activeElement.getBoundingClientRect().left") >= 0
    it.page.keyboard.press("Enter")
    assert it.ask("document.activeElement.id") == "content"


def test_in_the_dark_the_page_and_its_charts_are_dark_and_their_ink_is_light(opened: Open) -> None:
    inks = """[document.body, document.querySelector("#picture svg")].map(
        element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).fill,
                    getComputedStyle(element).color].map(
            colour => (colour.match(/\\d+/g) || []).slice(0, 3).map(Number)))"""
    light, dark = opened().ask(inks), opened(scheme="dark").ask(inks)
    assert sum(light[0][0]) > 600 > 150 > sum(dark[0][0])
    assert sum(light[1][1]) < 150 < 600 < sum(dark[1][1])
    assert sum(light[0][2]) < 150 < 600 < sum(dark[0][2])


def test_on_paper_it_is_light_and_what_was_folded_is_open(open_anew: Open) -> None:
    it = open_anew(scheme="dark")
    it.page.emulate_media(media="print")
    assert (
        it.ask("getComputedStyle(document.documentElement).getPropertyValue('--ink')") == "#1d1f22"
    )
    assert it.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
    folded = "[...document.querySelectorAll('details')].map(it => it.clientHeight)"
    without_script = it.ask(folded)
    it.ask("dispatchEvent(new Event('beforeprint'))")
    assert it.ask("[...document.querySelectorAll('details')].every(folded => folded.open)")
    assert it.ask(folded) == without_script  # as high as when it is open: nothing is hidden
