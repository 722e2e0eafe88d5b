"""The page in a real browser: knobs are turned, requests are clicked on, addresses come back."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pandas as pd
import pytest

from experiments.commands import compare
from experiments.compare.contenders import comparison
from experiments.compare.tasks import Runs, Task, replicated
from experiments.kit.pool import Workers
from tests.browser import DESK, MARKS, PHONE, Opened, launched, opened
from tests.explore.test_asked import random_positions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = MARKS

FIVE, ONE = "five in flight, idempotent", "one in flight"
#: In the address, nothing is at first; this is what an untouched page has asked.
UNTOUCHED = ""


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One browser for all tests."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def desk(browser: "Browser", served: str) -> Opened:
    """The page on a desk, opened once for all tests that turn its knobs."""
    return opened(browser, served)


def settled(it: Opened, query: str = UNTOUCHED, stage: str = "refined") -> None:
    """Wait until the page shows the answer to this address, the first digits or the last."""
    it.page.wait_for_function(
        "([query, stage]) => document.getElementById('answer').dataset[stage] === query",
        arg=[query, stage],
    )


def at(it: Opened, query: str, stage: str = "refined") -> None:
    """Set the knobs as an address says, by typing and choosing, and wait for the digits."""
    it.page.get_by_role("button", name="Back to where they were").click()
    for name, value in parse_qsl(query):
        if it.ask(f"document.getElementById('{name}').tagName") == "SELECT":
            it.page.select_option(f"#{name}", value)
        else:
            it.page.fill(f"#{name}", value)
    settled(it, query, stage)


def digits(it: Opened) -> dict[str, float]:
    """Records per second of each producer."""
    found = it.ask(
        "[...document.querySelectorAll('#digits tbody tr')]"
        ".map(row => [row.dataset.producer, Number(row.dataset.recordsPerS)])"
    )
    return dict(found)


def test_every_knob_changes_the_answer_in_its_direction(desk: Opened) -> None:
    at(desk, "rtt_ms=50", "first")
    far = digits(desk)
    assert 4.5 < far[FIVE] / far[ONE] < 5.5
    for query, less in (
        ("rtt_ms=100", True),
        ("rtt_ms=50&loss=2", True),
        ("rtt_ms=50&replica_rtt_ms=20", True),
        ("rtt_ms=50&batch_size=4096", True),
        ("rtt_ms=50&batch_size=65536", False),
        ("rtt_ms=50&partitions=6", False),
        ("rtt_ms=50&record_bytes=500", False),
        ("rtt_ms=50&record_bytes=5000", True),
    ):
        at(desk, query, "first")
        for label in (ONE, FIVE):
            assert (digits(desk)[label] < far[label]) == less, (query, label)
    at(desk, "rtt_ms=50&in_flight=2", "first")
    assert 1.8 < digits(desk)["yours"] / far[ONE] < 2.2


def test_a_slider_is_turned_by_keys_and_says_where_it_stands(desk: Opened) -> None:
    at(desk, UNTOUCHED)
    slider = desk.page.locator("#rtt_ms-slider")
    slider.focus()
    desk.page.keyboard.press("ArrowRight")
    settled(desk, "rtt_ms=50")
    assert slider.get_attribute("aria-valuetext") == "50"
    assert desk.page.input_value("#rtt_ms") == "50"
    assert desk.page.url.endswith("?rtt_ms=50")


def test_the_picture_has_a_stroke_for_each_request_in_view(desk: Opened) -> None:
    at(desk, UNTOUCHED)
    answer = desk.ask("fetch('answer/first').then(answer => answer.json())")
    for press in ("", "Zoom in", "Later", "Zoom out", "Whole"):
        if press:
            desk.page.get_by_role("button", name=press, exact=True).click()
        drawn, view = desk.ask(
            "[document.querySelectorAll('#stage .request .out').length,"
            " document.getElementById('view').textContent]"
        )
        from_ms, until_ms = map(float, re.findall(r"from ([-\d.]+) to ([-\d.]+) ms", view)[0])
        wanted = sum(
            sent <= until_ms and handled >= from_ms
            for picture in answer["pictures"].values()
            for sent, handled in zip(picture["sent"], picture["handled"], strict=True)
        )
        assert drawn == wanted > 0, press


def test_a_request_tells_its_story_to_keys_and_to_a_click(desk: Opened) -> None:
    at(desk, UNTOUCHED)
    page, story = desk.page, desk.page.locator("#story")
    page.locator("#stage").focus()
    for key in ("ArrowDown", "ArrowRight", "End", "Home"):
        page.keyboard.press(key)
    assert "Request 1 of five in flight: 16 records in 1 batch" in story.inner_text()
    assert "read; the broker mutes the connection" in story.inner_text()
    stroke = page.locator("#stage .request .out").nth(0).bounding_box()
    assert stroke is not None
    page.mouse.click(stroke["x"] + stroke["width"] / 2, stroke["y"] + stroke["height"] / 2)
    assert "Request 1 of one in flight" in story.inner_text()


def test_it_is_dragged_and_played(desk: Opened) -> None:
    at(desk, UNTOUCHED)
    page, before = desk.page, desk.page.inner_text("#view")
    box = page.locator("#stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 600, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 60, steps=4)
    page.mouse.up()
    assert page.inner_text("#view") != before
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("#stage .now", state="attached")
    page.get_by_role("button", name="Pause").click()
    assert page.locator("#play").get_attribute("aria-pressed") == "false"


def test_a_fault_is_dropped_on_the_time_axis_with_its_books(desk: Opened) -> None:
    at(desk, "idempotence=false")
    desk.page.get_by_role("button", name="Put a fault here").click()
    desk.page.locator("#stage").click(position={"x": 500, "y": 90})
    desk.page.wait_for_function("() => document.querySelector('#book [data-book=duplicates]')")
    assert desk.page.input_value("#fault") == "lost-acks"
    assert desk.page.locator("#stage .fault").count() == 1
    query = desk.page.url.partition("?")[2]
    settled(desk, query)
    count = "Number(document.querySelector('#book [data-book=duplicates]').dataset.count)"
    assert desk.ask(count) > 0
    desk.page.select_option("#idempotence", "true")
    settled(desk, query.replace("idempotence=false&", ""))
    assert desk.ask(count) == 0


def test_what_cannot_be_is_told_beside_its_knob_and_takes_itself_back(desk: Opened) -> None:
    at(desk, UNTOUCHED)
    desk.page.fill("#in_flight", "six")
    told = desk.page.locator("#in_flight-refused")
    told.filter(has_text="six: must be a whole number").wait_for()
    assert desk.page.get_attribute("#in_flight", "aria-invalid") == "true"
    desk.page.fill("#in_flight", "5")
    settled(desk)
    assert told.inner_text() == ""


def test_an_address_brings_everything_back(desk: Opened, browser: "Browser") -> None:
    query = "rtt_ms=5&in_flight=3&acks=1&linger_ms=1&idempotence=false"
    at(desk, UNTOUCHED)
    again = opened(browser, f"{desk.page.url}?{query}")
    again.page.wait_for_function("() => document.getElementById('answer').dataset.refined")
    assert again.page.input_value("#in_flight") == "3"
    assert again.page.input_value("#acks") == "1"
    assert set(again.page.inner_text("#take-address").split("?")[1].split("&")) == set(
        query.split("&")
    )
    assert "linger.ms=1" in again.page.inner_text("#take-properties")
    assert again.complaints == []
    again.page.context.close()


def test_copied_commands_give_the_digits_of_the_page(desk: Opened) -> None:
    at(desk, "rtt_ms=5&batch_size=32768")
    shown, (all_of_it, compared) = (
        digits(desk),
        desk.page.locator("#take pre").all_inner_texts()[1:3],
    )
    said = answer_of(all_of_it)["more"]["producers"]
    assert {label: each["records_per_s"] for label, each in said.items()} == shown
    figures = compared_digits(shlex.split(compared)[2:])
    for label in (ONE, FIVE):
        assert figures[label] == pytest.approx(shown[label], rel=1e-12)


def answer_of(command: str) -> dict[str, Any]:
    """What a command prints as JSON; in a process of its own, as this one's browser has a loop."""
    words = [sys.executable, "-P", "-m", "experiments", *shlex.split(command)[1:], "--json"]
    done = subprocess.run(
        words, env=os.environ | {"PYTHONPATH": os.getcwd()}, check=True, capture_output=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def compared_digits(words: list[str]) -> dict[str, float]:
    """What compare makes of these options as fast as they can, without the rest of it."""
    given = dict(compare.command.make_context("compare", words).params)
    rtt_ms = given.pop("rtt_ms")
    for name in ("out", "html", "jobs", "clients", "png"):
        del given[name]
    asked, tasks = comparison(rtt_ms, **given), list[Task]()
    for label in (ONE, FIVE):
        scenario = asked.world.at_full_load(asked.contenders[label])
        tasks += replicated(asked.world, "capacity", "", label, scenario)
    with Workers(2) as workers:
        done = Runs(workers).of(tasks)
    rows = pd.DataFrame([{"producer": task.producer, **outcome.figures} for task, outcome in done])
    carried = rows.groupby("producer")["records_per_s"].mean()
    return {str(label): float(figure) for label, figure in carried.items()}


def test_random_settings_leave_no_error_and_no_word_in_the_console(
    served: str, browser: "Browser"
) -> None:
    it = opened(browser, served)
    settled(it)
    for seed in range(6):
        it.page.get_by_role("button", name="Back to where they were").click()
        for name, value in random_positions(seed).items():
            it.ask(f"""(() => {{
                const knob = document.getElementById({json.dumps(name)});
                knob.value = {json.dumps(value)};
                knob.dispatchEvent(new Event(knob.tagName === 'SELECT' ? 'change' : 'input'));
            }})()""")
        it.ask("new Promise(requestAnimationFrame)")  # whatever was turned is asked once a frame
        it.page.wait_for_function("""() => {
            const { latency, refused } = document.getElementById('answer').dataset;
            return [latency, refused].includes(location.search.slice(1));
        }""")
    assert it.complaints == []
    assert all(url.startswith((served, "data:")) for url in it.requests)
    it.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_scrolls_sideways_and_the_digits_stay_in_sight(
    scheme: str, served: str, browser: "Browser"
) -> None:
    it = opened(browser, served, PHONE, scheme)
    settled(it)
    assert it.ask("document.documentElement.scrollWidth") == PHONE["width"]
    glance = it.page.locator("#glance")
    assert glance.is_visible()
    assert "five in flight: 3," in glance.inner_text()
    paper = it.ask("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(paper) > 600) == (scheme == "light")
    assert it.complaints == []
    it.page.context.close()


def test_everything_that_can_be_used_has_a_name_and_can_be_reached(desk: Opened) -> None:
    at(desk, UNTOUCHED)
    unnamed = desk.ask("""[...document.querySelectorAll("input, select, button, [tabindex='0']")]
        .filter(it => it.checkVisibility() && !(
            it.labels?.length || it.textContent.trim()
            || it.getAttribute("aria-label") || it.getAttribute("aria-labelledby")
        )).map(it => it.id)""")
    assert unnamed == []
    levels = desk.ask("[...document.querySelectorAll('h1, h2, h3')].map(it => +it.tagName[1])")
    assert levels[0] == 1
    ids = desk.ask("[...document.querySelectorAll('[id]')].map(it => it.id)")
    assert len(ids) == len(set(ids))


def test_it_asked_for_nothing_but_itself_and_complained_of_nothing(
    desk: Opened, served: str
) -> None:
    assert all(url.startswith((served, "data:")) for url in desk.requests)
    assert desk.complaints == []


def test_the_screen_is_a_desks(desk: Opened) -> None:
    assert desk.ask("document.documentElement.scrollWidth") == DESK["width"]
