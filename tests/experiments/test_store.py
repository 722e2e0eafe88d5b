"""Outputs go to regular files and folders only, whole or not at all, also on a full disk."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from experiments.kit.journal import NAME, Journal
from experiments.kit.store import replace_file, require_folder, require_place
from model import ConfigError
from tests.experiments.running import run


@contextmanager
def room_for(most_bytes: int) -> Iterator[None]:
    """No file may become larger: what is longer is written in part, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_nothing_stays_of_a_file_that_finds_no_room(tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    replace_file(target, b"old")
    with room_for(100), pytest.raises(ConfigError, match="must be writable"):
        replace_file(target, bytes(1_000))
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_a_partial_file_that_a_kill_left_is_no_hindrance_and_neither_is_a_pipe(
    tmp_path: Path,
) -> None:
    target = tmp_path / "rows.csv"
    os.mkfifo(tmp_path / ".rows.csv.partial")
    replace_file(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_a_journal_on_a_full_disk_keeps_what_it_had_and_says_so(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add({"digest": "a", "rows": []})
        kept = (tmp_path / NAME).read_bytes()
        with room_for(len(kept) + 10), pytest.raises(ConfigError, match="must be writable"):
            journal.add({"digest": "b", "rows": []})
        assert (tmp_path / NAME).read_bytes() == kept
        assert journal.rows("b") is None
        journal.add({"digest": "c", "rows": []})
    with Journal(tmp_path) as journal:
        assert set(journal.entries) == {"a", "c"}


def test_a_place_that_nothing_can_go_to_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    require_folder(tmp_path / "not" / "there" / "yet")
    require_place(tmp_path / "not" / "there" / "yet.csv")
    assert not (tmp_path / "not").exists()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=r"file.*must be writable"):
            require_folder(folder)
    with pytest.raises(ConfigError, match=r"out\.csv: must be writable"):
        require_place(tmp_path / "file" / "out.csv")


#: Commands that leave something, with the option that says where; what they need besides.
LEAVE = {
    "compare --out=": "",
    "compare --html=": "",
    "ask depth --out=": "",
    "ask depth --html=": "",
    "sweep depth --smoke --out=": "",
    "faults --out=": "",
    "faults --schedule=one_error --out=": "",
    "faults --campaign=1 --out=": "",
    "faults --measured=faults --out=": "csv",
    "validate --measured=single --out=": "csv",
    "validate --published --out=": "csv",
    "calibrate --measured=single --out=": "json",
    "bench --quick --out=": "",
    "report --out=": "html",
}


@pytest.mark.parametrize("command", LEAVE)
def test_outputs_go_to_regular_files_and_folders_only(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("mine")
    is_file = bool(LEAVE[command]) or "--html" in command
    places = ["pipe", "file/below", "/dev/null", *([] if is_file else ["file"])]
    monkeypatch.chdir(tmp_path)
    for place in places:
        assert run(*f"{command}{place}".split()) == 2, place
        printed = capsys.readouterr()
        assert (printed.err.count("\n"), printed.out) == (1, ""), printed
    assert (tmp_path / "file").read_text() == "mine"
    assert Path("/dev/null").is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "pipe"]


@pytest.mark.parametrize("command", ["report", "plot depth", "plot faults", "plot compare"])
def test_results_are_read_from_folders_only(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    for place in ("file", "loop", "/dev/null", "x" * 300):
        assert run(*f"{command} --results={place}".split()) == 2, place
        printed = capsys.readouterr()
        assert (printed.err.count("\n"), printed.out) == (1, ""), printed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


def test_a_name_that_is_too_long_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sweep", "depth", "--smoke", f"--out={tmp_path / ('x' * 300)}") == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("address", ["nonsense", "http://[::1", "", "tcp://", "a b:1"])
def test_what_is_no_address_of_a_scheduler_is_refused_at_once(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("sweep", "depth", "--smoke", f"--cluster={address}", f"--out={tmp_path / 'o'}") == 2
    assert "must be an address such as" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
