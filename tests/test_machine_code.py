"""Which model runs: machine code of these very sources, or the sources, and one is told why."""

from pathlib import Path

import pytest

from experiments.__main__ import inflight
from experiments.kit.command import run_command
from model import machine_code
from model.machine_code import Runs, fingerprint, path, runs


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of one module, and a place for machine code of it."""
    sources = tmp_path / "model"
    (sources / "broker").mkdir(parents=True)
    (sources / "broker" / "broker.py").write_text("HANDLERS = 8\n")
    (sources / "constants.json").write_text("{}")
    monkeypatch.setattr(machine_code, "SOURCES", sources)
    monkeypatch.setattr(machine_code, "FOLDER", tmp_path / "build")
    monkeypatch.setattr(machine_code, "STAMP", tmp_path / "of")
    monkeypatch.delenv(machine_code.SWITCH)
    return sources


def test_without_machine_code_the_sources_run(clone: Path) -> None:
    assert runs() is Runs.SOURCES


@pytest.mark.parametrize("name", ["broker/broker.py", "constants.json", "broker/new.py"])
def test_machine_code_runs_until_a_source_is_edited(
    clone: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_code.STAMP.write_text(fingerprint())
    assert runs() is Runs.COMPILED
    monkeypatch.setenv(machine_code.SWITCH, "0")
    assert runs() is Runs.SOURCES
    monkeypatch.delenv(machine_code.SWITCH)
    (clone / name).write_text("HANDLERS = 9\n")
    assert runs() is Runs.EDITED


def test_modules_are_looked_for_in_machine_code_first(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])
    assert path(["model"]) == ["model"]
    monkeypatch.setattr(machine_code, "RUNS", Runs.COMPILED)
    folder = clone.parent / "build"
    assert path(["model"]) == [str(folder / "model"), "model"]


def test_a_command_says_that_edited_sources_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for state, said in ((Runs.EDITED, True), (Runs.COMPILED, False), (Runs.SOURCES, False)):
        monkeypatch.setattr(machine_code, "RUNS", state)
        with pytest.raises(SystemExit):
            run_command(inflight, ["list"])
        assert ("edited since `make compiled`" in capsys.readouterr().err) == said
