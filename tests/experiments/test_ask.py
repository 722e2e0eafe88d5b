"""`inflight ask`: what it prints and what it leaves."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.__main__ import inflight
from experiments.catalogue import find
from experiments.kit.command import run_command
from experiments.kit.store import load_frame


def test_it_prints_the_answer_and_leaves_rows_manifest_and_chart(tmp_path: Path) -> None:
    arguments = ["sync", "--rtt-ms=5", "--replications=2", "--jobs=1", f"--out={tmp_path}"]
    done = CliRunner().invoke(inflight, ["ask", *arguments])
    assert done.exit_code == 0, done.output
    experiment, stored = find("sync"), load_frame(tmp_path, "rows")
    assert experiment.answer(stored) in done.output
    assert experiment.assumption in done.output
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["world"]["rtt_ms"] == 5.0
    assert {"versions", "commit", "seed", "question", "assumption"} <= set(manifest)
    assert {"own_producer", "machine_us", "kafka"} <= set(manifest["world"])
    assert set(stored["replication"]) == {0, 1}
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "chart.svg").read_text().rstrip().endswith("</svg>")


@pytest.mark.slow
def test_acks_of_one_are_no_reason_not_to_answer(tmp_path: Path) -> None:
    in_flight = "--set=max.in.flight.requests.per.connection=5"
    arguments = ["sync", "--set=acks=1", in_flight, "--replications=2", "--jobs=1"]
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["ask", *arguments, f"--out={tmp_path}"])
    assert exit_info.value.code == 0
