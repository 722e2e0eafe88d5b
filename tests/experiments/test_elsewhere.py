"""Commands in a folder of one's own: what came with Inflight is found, and extras are asked for."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from experiments.catalogue import PUBLISHED, results_of
from experiments.kit import results
from experiments.kit.published import OwnOrPublished
from experiments.kit.store import MANIFEST
from model import ConfigError
from tests.experiments.running import run

SCHEDULES = OwnOrPublished("faults/schedules", ".toml")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where commands run."""
    monkeypatch.chdir(tmp_path)


def test_results_are_ones_own_or_those_that_came_with_it() -> None:
    assert results_of("compare") == PUBLISHED / "compare"
    Path("inflight-results/compare").mkdir(parents=True)
    assert results_of("compare") == PUBLISHED / "compare"
    Path("inflight-results/compare/rows.csv").touch()
    assert results_of("compare") == Path("inflight-results/compare")


def test_a_list_says_where_results_are(capsys: pytest.CaptureFixture[str]) -> None:
    Path("inflight-results/compare").mkdir(parents=True)
    Path("inflight-results/compare/rows.csv").touch()
    assert run("list") == 0
    compare, *others = capsys.readouterr().out.splitlines()
    assert compare.endswith(" inflight-results/compare")
    assert all(str(PUBLISHED) in line for line in others)


@pytest.mark.slow
def test_a_report_of_what_came_with_it_is_left_here() -> None:
    assert run("report") == 0
    assert [path.name for path in Path().rglob("*.html")] == ["report.html"]
    assert Path("inflight-results/report.html").is_file()


def test_a_bare_name_is_a_file_that_came_with_it_unless_there_is_one_here() -> None:
    named = SCHEDULES.convert("lost_acks", None, None)
    assert named.is_file()
    assert named.suffix == ".toml"
    for unknown in ("lost_acks.toml", "no_such"):
        with pytest.raises(ConfigError, match=f"{unknown}: must be a file, or one of .*lost_acks"):
            SCHEDULES.convert(unknown, None, None)
    Path("lost_acks").touch()
    assert SCHEDULES.convert("lost_acks", None, None) == Path("lost_acks")


def test_a_campaign_says_how_to_get_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("experiments.commands.faults.find_spec", lambda name: None)
    assert run("faults", "--campaign=5", "--jobs=1") == 2
    printed = capsys.readouterr().err
    assert "pip install 'inflight[campaign]'" in printed
    assert printed.count("\n") == 1


@pytest.mark.slow
def test_without_pyarrow_rows_are_left_as_csv_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_spec("pyarrow") is not None
    monkeypatch.setattr(results, "find_spec", lambda name: None)
    assert run("sweep", "depth", "--smoke", "--jobs=1", "--out=here") == 0
    assert sorted(path.suffix for path in Path("here").glob("rows.*")) == [".csv"]
    assert "parquet" not in Path("here", MANIFEST).read_text()
    assert run("plot", "depth", "--results=here") == 0
