"""README and docs: numbers are those in results/, examples run, commands and links exist."""

import re
from functools import cache
from pathlib import Path

import pytest

from experiments.__main__ import COMMANDS
from experiments.report.markdown import excerpts, filled, pages

README = Path("README.md").read_text(encoding="utf-8")
ALL = {path.as_posix(): path.read_text(encoding="utf-8") for path in pages()}
blocks = cache(excerpts)


@pytest.mark.slow
def test_their_numbers_are_those_in_the_results() -> None:
    stale = [path for path, text in ALL.items() if filled(text, blocks()) != text]
    assert not stale, "make figures"


def test_every_block_that_somebody_fills_stands_on_a_page() -> None:
    opened = {name for text in ALL.values() for name in re.findall(r"<!-- ([a-z_]+): ", text)}
    assert opened == set(blocks())


def test_the_readme_is_a_first_page() -> None:
    assert len(README.splitlines()) <= 178


def test_its_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert re.fullmatch(
        r"[\d,]+ records/s, limited by the [\w -]+\nat most [\d,]+; a request takes [\d.]+ ms\n",
        printed,
    )


def test_the_example_of_a_fault_shows_what_idempotence_is_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", ALL["docs/run.md"], flags=re.DOTALL)
    exec(compile(example, "run.md", "exec"), {})
    plain, idempotent = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"idempotent: False, [1-9]\d* duplicates", plain)
    assert idempotent == "idempotent: True, 0 duplicates"


@pytest.mark.parametrize("path", ALL)
def test_commands_are_there(path: str) -> None:
    assert set(re.findall(r"inflight (?!import\b)([a-z]+)\b", ALL[path])) <= set(COMMANDS)
    targets = re.findall(r"^([\w-]+):", Path("Makefile").read_text(encoding="utf-8"), flags=re.M)
    named = set(re.findall(r"`make ([\w-]+)`|^    make ([\w-]+)", ALL[path], flags=re.M))
    assert {name for pair in named for name in pair if name} <= set(targets)


def test_the_readmes_first_commands_are_compare_and_test() -> None:
    commands = re.findall(r"^    (\S+ \S+)", README, flags=re.MULTILINE)
    assert commands[:2] == ["make compare", "make test"]


@pytest.mark.parametrize("path", ALL)
def test_links_lead_somewhere(path: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", ALL[path])
    assert [link for link in links if not (Path(path).parent / link).exists()] == []
