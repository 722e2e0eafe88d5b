"""docs/extend.md: each change applies, touches as many files as it may, and does what it shows."""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = Path("docs/extend.md").read_text(encoding="utf-8")
COPIED = ("model", "experiments", "tests")
#: Section to how many files its change takes.
FILES = {
    "A question": 2,
    "An experiment of another kind": 3,
    "A rule of the broker that takes time": 5,
    "A kind of fault with a parameter of its own": 3,
    "A client": 1,
}
#: ``...`` on the page is anything, and white space of any kind is as good as any other.
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: A diff of one file: the file's name, and all the rest.
ONE_FILE = re.compile(r"--- (?:a/.+|/dev/null)\n\+\+\+ b/(.+)\n(?:[@ +-].*\n|\n)+")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", PAGE, flags=re.MULTILINE))


def blocks(section: str, language: str) -> list[str]:
    """The code blocks of a section in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", SECTIONS[section], re.DOTALL | re.MULTILINE)


def examples(section: str) -> Iterator[tuple[Sequence[str], str]]:
    """What to call Python with, and what that prints."""
    for session in blocks(section, "console"):
        for command, printed in re.findall(r"^\$ python (.+)\n((?:(?!\$ ).*\n)*)", session, re.M):
            yield shlex.split(command), printed
    for program, printed in zip(blocks(section, "python"), blocks(section, "text"), strict=True):
        yield ["-c", program], printed


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code in a folder of its own, without what runs left."""
    for name in COPIED:
        shutil.copytree(name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("pyproject.toml", tmp_path)
    return tmp_path


def call(copy: Path, *command: str, given: str | None = None) -> str:
    """What a command prints there; neither the repository nor the path leads back to this one."""
    apart = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    apart |= {"GIT_CEILING_DIRECTORIES": str(copy.parent), "PYTHONPATH": str(copy)}
    called = subprocess.run(
        command,
        cwd=copy,
        env=apart,
        input=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return called.stdout


def test_the_page_says_how_many_files_each_takes() -> None:
    said = re.findall(r"^\| \[(.+)\]\(#.+\) \| (\d) \|$", PAGE, flags=re.MULTILINE)
    assert {name.capitalize(): int(files) for name, files in said} == FILES
    assert set(SECTIONS) == set(FILES)


@pytest.mark.parametrize("section", FILES)
def test_a_change_takes_so_many_files_and_does_what_the_page_shows(
    section: str, copy: Path
) -> None:
    changes = [ONE_FILE.fullmatch(diff) for diff in blocks(section, "diff")]
    assert len({change[1] for change in changes if change}) == len(changes) == FILES[section]
    for diff in blocks(section, "diff"):
        assert call(copy, "git", "apply", "-", given=diff) == ""
    shown = list(examples(section))
    assert shown
    for arguments, wanted in shown:
        printed = call(copy, sys.executable, *arguments)
        same = doctest.OutputChecker().check_output(wanted, printed, LOOSELY)
        assert same, f"{arguments} printed\n{printed}\nand not\n{wanted}"
