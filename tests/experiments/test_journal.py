"""The journal: what was done is kept, a torn line is dropped, damage is told and left alone."""

from pathlib import Path

import pytest

from experiments.kit.journal import NAME, Journal, entry_of, line_of
from model import ConfigError


def test_entries_come_back_and_of_one_digest_the_last_counts(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add({"digest": "a", "error": "no"})
        journal.add({"digest": "b", "rows": [{"x": 0.1}]})
        journal.add({"digest": "a", "rows": [{"x": float("inf")}]})
    with Journal(tmp_path) as journal:
        assert journal.rows("a") == [{"x": float("inf")}]
        assert journal.rows("b") == [{"x": 0.1}]
        assert journal.rows("c") is None


@pytest.mark.parametrize("left", [1, 10, -1])
def test_a_line_that_a_kill_cut_short_is_dropped_and_the_next_one_is_whole(
    left: int, tmp_path: Path
) -> None:
    with Journal(tmp_path) as journal:
        journal.add({"digest": "a", "rows": []})
    path = tmp_path / NAME
    whole = path.read_bytes()
    path.write_bytes(whole + line_of({"digest": "b", "rows": []})[:left])
    with Journal(tmp_path) as journal:
        assert set(journal.entries) == {"a"}
        assert path.read_bytes() == whole
        journal.add({"digest": "c", "rows": []})
    with Journal(tmp_path) as journal:
        assert set(journal.entries) == {"a", "c"}


@pytest.mark.parametrize(
    ("old", "new"), [(b"0.25", b"0.26"), (b'{"digest"', b'"digest"'), (b"\n", b"\n\n")]
)
def test_a_damaged_line_is_told_with_its_number_and_nothing_is_written(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    with Journal(tmp_path) as journal:
        journal.add({"digest": "a", "rows": [{"x": 0.25}]})
        journal.add({"digest": "b", "rows": [{"x": 1.0}]})
    path = tmp_path / NAME
    damaged = path.read_bytes().replace(old, new, 1)
    path.write_bytes(damaged)
    with pytest.raises(ConfigError, match=r"line [12] is damaged"), Journal(tmp_path):
        pass
    assert path.read_bytes() == damaged


def test_a_last_line_that_is_whole_but_damaged_is_damage(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"digest": "a"}\n')
    with pytest.raises(ConfigError, match="line 1 is damaged"), Journal(tmp_path):
        pass


def test_two_runs_never_write_one_journal(tmp_path: Path) -> None:
    with (
        Journal(tmp_path),
        pytest.raises(ConfigError, match="in use by another run"),
        Journal(tmp_path),
    ):
        pass


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="must be writable"), Journal(tmp_path / "file"):
        pass


def test_a_line_says_what_went_in() -> None:
    entry = {"digest": "ä", "rows": [{"x": 1e-300, "y": None, "z": True}]}
    assert entry_of(line_of(entry)) == entry
