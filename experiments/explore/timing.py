"""How long a visitor waits: from a turned knob to the first digits, and from the shell to the page.

Measured in a real browser beside the server, as a visitor would be: a random walk over the knobs,
one stop of one knob at a time. What the page takes is read off the page's own clock, from the
instant a knob was turned until its digits are set. ``make bench-explore``.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pandas as pd

from experiments.bench.visits import BUSY, FOLDER, KNOB, ROWS, SIZE, START, told
from experiments.catalogue import OWN
from experiments.explore.knobs import FAULT, KNOBS
from experiments.kit.command import run_command, say
from experiments.kit.options import FILE
from experiments.kit.store import save_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Moves of the walk, and starts from the shell.
MOVES, STARTS, SEED = 100, 3, 1
EXTRA = "tornado"
ANSWERED = """query => {
    const { first, refused } = document.getElementById("answer").dataset;
    return [first, refused].includes(query) && location.search.slice(1) === query;
}"""


@contextmanager
def _served() -> Iterator[str]:
    """The address of a server that was started for this."""
    package = str(__package__).rpartition(".explore")[0]
    command = [sys.executable, "-m", package, "explore", "--port", "0", "--world", "none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[1]
        finally:
            server.terminate()


def _start_ms(browser: "Browser") -> float:
    """From the command to the first digits on the page."""
    began = time.perf_counter()
    with _served() as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_function(ANSWERED, arg="")
        taken_ms = (time.perf_counter() - began) * 1e3
        page.close()
    return taken_ms


def _walk(page: "Page") -> Iterator[tuple[str, str, float]]:
    """Moves that were answered: knob, stop, and how long it took; others are not moves."""
    chance, made = random.Random(SEED), 0
    stops = [(it.name, level) for it in KNOBS if it.group != FAULT for level in it.levels]
    while made < MOVES:
        name, level = chance.choice(stops)
        if page.input_value(f"#{name}") == level:
            continue
        query = page.evaluate(TURN, [name, level])
        page.wait_for_function(ANSWERED, arg=query)
        told: dict[str, str] = page.evaluate("({...document.getElementById('answer').dataset})")
        if told.get("first") == query:
            made += 1
            yield name, level, float(told["tookMs"])
        else:  # a combination that the model refuses: back, and on
            page.get_by_role("button", name="Back to where they were").click()
            page.wait_for_function(ANSWERED, arg="")


#: Turn a knob as a visitor does; the address that is asked then.
TURN = """async ([name, level]) => {
    const knob = document.getElementById(name);
    knob.value = level;
    knob.dispatchEvent(new Event(knob.tagName === "SELECT" ? "change" : "input"));
    await new Promise(requestAnimationFrame);
    return location.search.slice(1);
}"""


def _rows(browser: "Browser") -> Iterator[dict[str, Any]]:
    for number in range(STARTS):
        yield {"what": START, "number": number, "value": _start_ms(browser), "unit": "ms"}
    with _served() as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_function(ANSWERED, arg="")
        for number, (knob, stop, taken_ms) in enumerate(_walk(page)):
            turned = {"knob": knob, "stop": stop}
            yield {"what": KNOB, "number": number, "value": taken_ms, "unit": "ms", **turned}
    files = distribution(EXTRA).files or []
    size_mb = sum(Path(str(file.locate())).stat().st_size for file in files) / 1e6
    yield {"what": SIZE, "number": 0, "value": size_mb, "unit": "MB"}
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    yield {"what": BUSY, "number": 0, "value": waiting, "unit": "processes for each core"}


@click.command()
@click.option("--out", type=FILE, default=OWN / "bench", show_default=True, help="Where rows go.")
def command(out: Path) -> None:
    """Measure how long a visitor of the page waits."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = pd.DataFrame(_rows(browser))
        browser.close()
    save_run(out / FOLDER, {ROWS: rows}, {"experiment": "explore", "seed": SEED})
    say([told(rows)])


if __name__ == "__main__":
    run_command(command)
