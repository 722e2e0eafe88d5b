"""How long something takes is told before it runs, where that is long, and near what it is."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.kit import effort
from experiments.kit.effort import run_s, told, told_s
from experiments.kit.world import World
from model import TopicConfig
from tests.experiments.running import run

MEASURED = Path("experiments/validation/measured/single.csv")


@pytest.mark.parametrize(
    ("work_s", "words"),
    [(10.0, ""), (12.0, "12 seconds"), (100.0, "2 minutes"), (7_000.0, "2 hours")],
)
def test_what_is_long_is_told_in_the_largest_unit_that_fits(work_s: float, words: str) -> None:
    assert told_s(work_s, jobs=1) == ([f"This takes about {words}."] if words else [])


def test_what_is_more_takes_longer() -> None:
    world = World(topic=TopicConfig(partitions=12, brokers=3))
    many = replace(world, topic=TopicConfig(partitions=1_000, brokers=3))
    copied = replace(world, topic=TopicConfig(partitions=12, brokers=3, replicas=3))
    base_s = run_s(world.at_load(world.own, 5_000))
    assert run_s(world.at_load(world.own, 50_000)) > 2 * base_s
    assert run_s(copied.at_load(world.own, 5_000)) > 2 * base_s
    assert run_s(many.at_load(world.own, 5_000)) > 2 * base_s
    assert run_s(many.at_full_load(world.own)) > 2 * run_s(world.at_full_load(world.own))
    assert not told([world.at_full_load(world.own)], None)


def test_a_sweep_and_a_validation_tell_what_is_left_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(effort, "WORTH_TELLING_S", 0.0)
    source = tmp_path / "one.csv"
    source.write_text("".join(MEASURED.read_text().splitlines(keepends=True)[:2]))
    for command in (
        ("sweep", "depth", "--smoke", f"--out={tmp_path / 'depth'}"),
        ("validate", f"--measured={source}", f"--out={tmp_path / 'out.csv'}"),
    ):
        assert run(*command, "--jobs=1") == 0
        assert "This takes about" in capsys.readouterr().out
    assert run("sweep", "depth", "--smoke", f"--out={tmp_path / 'depth'}", "--jobs=1") == 0
    assert "This takes about" not in capsys.readouterr().out  # all of it is kept


def test_what_is_refused_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    for command, named in {
        "compare --rate 1e-6": "rate in records/s=1e-06: must be at least",
        "compare --rate 1e15": "must be at most 100,000,000",
        "compare --rtt-ms 1e7": "rtt-ms=10000000.0: must be at most 60,000",
        "ask depth --rtt-ms 1e9": "rtt-ms=1000000000.0: must be at most 60,000",
        "faults --rtt-ms 1e9": "rtt-ms=1000000000.0: must be at most 60,000",
        "faults --campaign 99999999999999999999": "1<=x<=1000000",
        "sweep depth --jobs 1000000": "1<=x<=256",
    }.items():
        assert run(*command.split()) == 2, command
        printed = capsys.readouterr()
        assert named in printed.err, command
        assert (printed.err.count("\n"), printed.out) == (1, "")
