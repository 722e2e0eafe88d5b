"""A sweep that is killed or interrupted goes on to the same bytes, and leaves nobody behind."""

from pathlib import Path

import pytest

from tests.trying.kills import KINDS, carry_out, drawn, left, reference


@pytest.mark.slow
def test_killed_and_interrupted_sweeps_go_on_to_the_same_bytes(tmp_path: Path) -> None:
    """Each kind once; ``make kills`` tries a hundred."""
    kills = drawn(seed=2, count=len(KINDS))
    for place in ("undisturbed", *KINDS):
        (tmp_path / place).mkdir()
    expected = reference(tmp_path / "undisturbed")
    for kill in kills:
        assert carry_out(kill, tmp_path / kill.kind) == "", kill
        assert left(tmp_path / kill.kind) == expected
