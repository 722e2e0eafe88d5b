"""Progress: a bar with rate and time left on a terminal, plain lines elsewhere."""

import io

import pytest
from rich.console import Console

from experiments.kit.pool import Workers
from experiments.kit.progress import Progress, Waiting


def progress(terminal: bool) -> tuple[Progress, io.StringIO]:
    """Progress that is written to a string."""
    text = io.StringIO()
    output = Console(file=text, force_terminal=terminal, width=100, highlight=False)
    return Progress("tiny", output), text


def three_of_four(bar: Progress) -> None:
    """Four runs met, one of them kept from before, two made."""
    with bar:
        for digest in "abcda":
            bar.meets(digest)
        bar.kept()
        bar.ran("p", None)
        bar.ran("q", "ValueError: no")


def test_on_a_terminal_there_is_a_bar_with_points_done_and_time_left() -> None:
    bar, text = progress(terminal=True)
    three_of_four(bar)
    assert "3/4" in text.getvalue()
    assert "left" in text.getvalue()
    assert "q failed: ValueError: no" in text.getvalue()


def test_elsewhere_there_are_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.kit.progress.EVERY_S", 0)
    bar, text = progress(terminal=False)
    three_of_four(bar)
    lines = text.getvalue().splitlines()
    assert lines[0].startswith("tiny: 2 of 4 runs, ")
    assert lines[0].endswith(" s left")
    assert lines[1] == "tiny: q failed: ValueError: no"
    assert lines[2].startswith("tiny: 3 of 4 runs, ")
    assert "\x1b" not in text.getvalue()


def test_a_run_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bar, _ = progress(terminal=False)
    three_of_four(bar)
    assert (bar.done, bar.total, bar.kept_before) == (3, 4, 1)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("terminal", [True, False])
def test_who_waits_for_mapped_runs_sees_them_on_a_terminal_and_nothing_in_a_pipe(
    jobs: int, terminal: bool
) -> None:
    text = io.StringIO()
    output = Console(file=text, force_terminal=terminal, width=100, highlight=False)
    with Waiting("tiny", output=output) as waiting, Workers(jobs, waiter=waiting) as workers:
        assert workers.map(abs, [-1, -2]) == [1, 2]
        assert workers.map(abs, [-3]) == [3]
    assert ("3/3" in text.getvalue()) == terminal
    assert terminal or not text.getvalue()


def test_what_is_waited_for_one_by_one_is_counted() -> None:
    text = io.StringIO()
    output = Console(file=text, force_terminal=True, width=100, highlight=False)
    with Waiting("charts", "charts", output) as waiting:
        assert list(waiting.each("abc", 3)) == ["a", "b", "c"]
    assert "3/3" in text.getvalue()
