"""A real browser for tests: skipped where there is none, unless INFLIGHT_NEEDS_BROWSER=1 says that
there has to be one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Where these tests have to run, as in CI, what they lack makes them fail.
NEEDED = os.environ.get("INFLIGHT_NEEDS_BROWSER") == "1"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

if NEEDED:
    import playwright.sync_api as playwright
else:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra 'browser'")
MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None and not NEEDED, reason="needs a Chromium on this machine"),
]

#: No sandbox within a container, and nothing that calls home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: A busy machine is no failure.
PATIENCE_MS = 120_000
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Opened:
    """A page, what it asked for, and what it complained of."""

    page: "Page"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        return self.page.evaluate(expression)


@contextmanager
def launched() -> "Iterator[Browser]":
    """A browser."""
    assert CHROMIUM is not None, "INFLIGHT_NEEDS_BROWSER=1, but there is no chromium on the path"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def opened(
    browser: "Browser", url: str, size: dict[str, int] = DESK, scheme: str = "light"
) -> Opened:
    """A page on a screen of this size, in light or dark, in a context of its own."""
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    it = Opened(context.new_page())
    it.page.on("request", lambda request: it.requests.append(request.url))
    it.page.on("console", lambda message: it.complaints.append(message.text))
    it.page.on("pageerror", lambda error: it.complaints.append(str(error)))
    it.page.set_default_timeout(PATIENCE_MS)
    it.page.goto(url)
    return it
