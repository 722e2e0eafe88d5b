"""`inflight ask`: what it prints and what it leaves."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.__main__ import inflight
from experiments.catalogue import find, load
from experiments.kit.command import run_command
from experiments.kit.store import load_frame


def test_it_prints_the_answer_and_leaves_rows_manifest_and_chart(tmp_path: Path) -> None:
    arguments = ["sync", "--rtt-ms=5", "--repeats=2", "--jobs=1", f"--out={tmp_path}"]
    done = CliRunner().invoke(inflight, ["ask", *arguments])
    assert done.exit_code == 0, done.output
    experiment, stored = load("sync"), load_frame(tmp_path, "rows")
    assert experiment.answer(stored) in done.output
    assert experiment.assumption in done.output
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["world"]["rtt_ms"] == 5.0
    assert {"versions", "commit", "seed", "question", "assumption"} <= set(manifest)
    assert {"own_producer", "machine_us", "kafka"} <= set(manifest["world"])
    assert set(stored["replication"]) == {0, 1}
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "chart.svg").read_text().rstrip().endswith("</svg>")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["max.in.flight"], {"order", "loss", "connection"}),
        (["in", "FLIGHT", "enough"], {"order", "depth"}),
        (["exactly-once"], {"order", "story", "idempotence", "likelihood", "out_of_order"}),
        (["bandwidth"], {"pipe"}),
        (["timeout"], {"timeout"}),  # its name, although others ask for it too
        (["why"], {"depth", "clients", "producers_memory", "steps", "sync", "out_of_order"}),
    ],
)
def test_words_find_the_questions_that_have_them_all(words: list[str], found: set[str]) -> None:
    assert {experiment.name for experiment in find(" ".join(words))} == found


def test_several_questions_are_listed_by_their_numbers_and_nothing_is_run(tmp_path: Path) -> None:
    done = CliRunner().invoke(inflight, ["ask", "max.in.flight", f"--out={tmp_path / 'out'}"])
    assert done.exit_code == 0, done.output
    listed = [load(name) for name in ("order", "loss", "connection")]
    assert all(experiment.question[:40] in done.output for experiment in listed)
    assert load("depth").question not in done.output
    assert not (tmp_path / "out").exists()


def test_the_former_name_of_an_option_goes_on_working_and_is_not_shown() -> None:
    help_of = CliRunner().invoke(inflight, ["ask", "--help"]).output
    assert "--repeats" in help_of
    assert "--replications" not in help_of
    refused = CliRunner().invoke(inflight, ["ask", "3", "--replicatoins=3"])
    assert "--replications" not in refused.output


@pytest.mark.slow
def test_acks_of_one_are_no_reason_not_to_answer(tmp_path: Path) -> None:
    in_flight = "--set=max.in.flight.requests.per.connection=5"
    arguments = ["sync", "--set=acks=1", in_flight, "--repeats=2", "--jobs=1"]
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["ask", *arguments, f"--out={tmp_path}"])
    assert exit_info.value.code == 0
