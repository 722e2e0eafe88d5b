"""Where results go and are found: one's own beside the committed ones, which no run touches."""

import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from experiments import catalogue
from experiments.__main__ import COMMANDS
from experiments.commands import bench, compare, faults, report
from tests.experiments.running import run as exit_code
from tests.experiments.test_compare import SMALL

ROOT = Path(__file__).parents[2]
DEFAULTS = (
    *(compare.OUT / "rows.csv", bench.OUT / "side_by_side.csv", report.OUT, faults.FOLDER / "x"),
    *(catalogue.OWN / "ask" / "depth" / "rows.csv", catalogue.OWN_SWEEPS / "depth" / "rows.csv"),
    catalogue.SMOKE / "depth" / "rows.csv",
)


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def run(*arguments: str) -> None:
    """A command that has to succeed."""
    assert exit_code(*arguments) == 0


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with what is ignored here and some committed results, and one stands in it."""
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for name in ("compare", "validation", "faults", "sweeps/depth", "sweeps/likelihood"):
        shutil.copytree(ROOT / "results" / name, tmp_path / "results" / name)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    who = "-c", "user.name=somebody", "-c", "user.email=somebody@example.org"
    git(tmp_path, *who, "commit", "--quiet", "--message=results", "--no-gpg-sign")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_a_command_leaves_by_itself_is_ignored_by_git(clone: Path) -> None:
    names = [path.as_posix() for path in DEFAULTS]
    assert git(clone, "check-ignore", "--", *names).split() == names


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_writes_to_the_committed_results_unless_told_to(name: str) -> None:
    command = import_module(COMMANDS[name][0]).command
    defaults = [str(option.default) for option in command.params]
    assert not [default for default in defaults if default.startswith("results")]


@pytest.mark.slow
def test_committed_results_are_drawn_listed_and_reported_beside_them(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("plot", "depth")
    run("plot", "faults")
    run("report")
    run("list")
    printed = capsys.readouterr().out
    assert "Chart: inflight-results/sweeps/depth/chart.svg" in printed
    assert "Chart: inflight-results/faults/harm/harm.svg" in printed
    assert "Report of results: inflight-results/report.html" in printed
    assert " results/sweeps/depth\n" in printed
    assert git(clone, "status", "--porcelain") == ""


@pytest.mark.trial
def test_ones_own_results_come_first(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("compare", *SMALL)
    run("plot", "compare")
    run("report")
    run("list")
    printed = capsys.readouterr().out
    assert "Rows: inflight-results/compare/rows.csv" in printed
    assert "Report of inflight-results: inflight-results/report.html" in printed
    assert " inflight-results/compare\n" in printed
    assert git(clone, "status", "--porcelain") == ""


def test_a_damaged_committed_result_is_refused_by_its_own_name(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = clone / "results" / "sweeps" / "depth" / "rows.csv"
    rows.write_text("no rows")
    assert exit_code("plot", "depth") == 2
    assert "results/sweeps/depth/rows.csv: must be as written" in capsys.readouterr().err
