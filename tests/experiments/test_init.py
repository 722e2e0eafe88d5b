"""`inflight init`: asks, checks, writes a world file whole or not at all."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from experiments.__main__ import inflight
from experiments.commands import init
from experiments.kit.worldkeys import NAME
from tests.experiments.test_bad_input import refused


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, answers: str, *arguments: str) -> Result:
    """Run it with somebody who answers."""
    monkeypatch.setattr(init, "is_terminal", lambda: True)
    return CliRunner().invoke(inflight, ["init", *arguments], input=answers)


def world() -> dict[str, Any]:
    """What was written."""
    return tomllib.loads(Path(NAME).read_text(encoding="utf-8"))


def test_it_asks_for_what_no_option_says_and_an_empty_answer_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = on_a_terminal(monkeypatch, "3\n\n\n\n\n500\n\n20000\n3.6\n\n", "--partitions=12")
    assert done.exit_code == 0, done.output
    assert "Partitions" not in done.output
    assert world() == {
        "brokers": 3,
        "replicas": 3,
        "min_insync": 2,
        "replica_rtt_ms": 0.5,
        "partitions": 12,
        "rtt_ms": 2.0,
        "record_bytes": 500,
        "producers": 1,
        "rate": 20_000.0,
        "kafka": "3.6",
    }


def test_it_asks_again_until_an_answer_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = "none\n0\n3\n5\n\n\n\n\n-1\n\n\n\n\n2.8\n\nnowhere.properties\n\n"
    done = on_a_terminal(monkeypatch, answers)
    assert done.exit_code == 0, done.output
    for told in (
        "a whole number",
        "brokers=0",
        "replicas=5",
        "rtt-ms=-1",
        "kafka=2.8",
        "nowhere.properties",
    ):
        assert told in done.output
    assert world()["brokers"] == 3


def test_who_goes_away_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    done = on_a_terminal(monkeypatch, "3\n12\n")
    assert done.exit_code != 0
    assert list(Path().iterdir()) == []


def test_without_a_terminal_it_takes_options_and_defaults() -> None:
    done = CliRunner().invoke(inflight, ["init", "--rtt-ms=0.5", "--key-space=9"])
    assert done.exit_code == 0, done.output
    assert (world()["rtt_ms"], world()["key_space"], world()["brokers"]) == (0.5, 9, 3)
    assert CliRunner().invoke(inflight, ["init", "--yes", "--force"]).exit_code == 0
    assert world()["rtt_ms"] == 2.0
    assert CliRunner().invoke(inflight, ["init", "--yes", "--force", "--brokers=1"]).exit_code == 0
    assert [world()[key] for key in ("brokers", "replicas", "min_insync")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], ["standard input", "terminal", "--yes"]),
        (["--yes", "--brokers=0"], ["brokers=0", "from 1"]),
        (["--properties=nowhere"], ["properties=nowhere", "cannot be read"]),
        (["--yes", "--arrivals=odd"], ["arrivals", "odd"]),
    ],
)
def test_it_refuses_and_writes_nothing(
    arguments: list[str],
    named: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(init, "is_terminal", lambda: False)
    line = refused(["init", *arguments], capsys)
    assert all(part in line for part in named), line
    assert list(Path().iterdir()) == []


def test_what_is_there_stays_unless_it_is_forced(capsys: pytest.CaptureFixture[str]) -> None:
    Path(NAME).write_text("brokers = 9\n", encoding="utf-8")
    assert "--force" in refused(["init", "--yes"], capsys)
    assert world() == {"brokers": 9}
    assert CliRunner().invoke(inflight, ["init", "--yes", "--force"]).exit_code == 0
    assert world()["brokers"] == 3


def test_a_path_that_toml_cannot_say_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    name = b"\xff.properties"
    Path(name.decode("utf-8", "surrogateescape")).write_text("acks=all\n")
    option = f"--properties={name.decode('utf-8', 'surrogateescape')}"
    assert "must be TOML" in refused(["init", option], capsys)
    assert not Path(NAME).exists()
