"""The README's numbers are those in results/, its example runs, its commands exist."""

import re
from pathlib import Path

import pytest
from experiments.readme import with_answers, with_numbers

from experiments.__main__ import COMMANDS

README = Path("README.md").read_text(encoding="utf-8")


def test_its_numbers_are_those_in_the_results() -> None:
    assert with_numbers(README) == README


def test_the_sweeps_answers_are_those_of_their_rows() -> None:
    text = Path("experiments/README.md").read_text(encoding="utf-8")
    assert with_answers(text) == text


def test_its_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    text = capsys.readouterr().out
    assert re.fullmatch(
        r"[\d,]+ records/s, limited by the [\w -]+\nat most [\d,]+; a request takes [\d.]+ ms\n",
        text,
    )


def test_its_commands_are_there() -> None:
    assert set(re.findall(r"inflight (\w+)", README)) <= set(COMMANDS)
    targets = re.findall(r"^(\w+):", Path("Makefile").read_text(encoding="utf-8"), flags=re.M)
    assert set(re.findall(r"make (\w+)", README)) - {"sure"} <= set(targets)


def test_its_first_commands_are_compare_and_test() -> None:
    commands = re.findall(r"^    (\S+ \S+)", README, flags=re.MULTILINE)
    assert commands[:2] == ["make compare", "make test"]


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert all(Path(link).exists() for link in links)
