"""Progress: a bar with rate and time left on a terminal, plain lines elsewhere."""

import io

import pytest
from rich.console import Console

from experiments.kit.progress import Progress


def progress(terminal: bool) -> tuple[Progress, io.StringIO]:
    """Progress that is told to a string."""
    told = io.StringIO()
    output = Console(file=told, force_terminal=terminal, width=100, highlight=False)
    return Progress("tiny", output), told


def three_of_four(it: Progress) -> None:
    """Four runs met, one of them kept from before, two made."""
    with it:
        for digest in "abcda":
            it.meets(digest)
        it.kept()
        it.ran("p", None)
        it.ran("q", "ValueError: no")


def test_on_a_terminal_there_is_a_bar_with_points_done_and_time_left() -> None:
    it, told = progress(terminal=True)
    three_of_four(it)
    assert "3/4" in told.getvalue()
    assert "left" in told.getvalue()
    assert "q failed: ValueError: no" in told.getvalue()


def test_elsewhere_there_are_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.kit.progress.EVERY_S", 0)
    it, told = progress(terminal=False)
    three_of_four(it)
    lines = told.getvalue().splitlines()
    assert lines[0].startswith("tiny: 2 of 4 runs, ")
    assert lines[0].endswith(" s left")
    assert lines[1] == "tiny: q failed: ValueError: no"
    assert lines[2].startswith("tiny: 3 of 4 runs, ")
    assert "\x1b" not in told.getvalue()


def test_a_run_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    it, _ = progress(terminal=False)
    three_of_four(it)
    assert (it.done, it.total, it.kept_before) == (3, 4, 1)
