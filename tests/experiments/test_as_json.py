"""``--json``: standard output is one JSON document, with the fields that docs/run.md tells."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.commands import calibrate
from experiments.compare.contenders import LABELS
from experiments.faults.catalogue import CASES
from experiments.kit.as_json import plain
from experiments.kit.command import run_command
from experiments.kit.estimates import Interval, summarised
from experiments.validation.calibration import START, Fit
from model import REFERENCE_MACHINE

RUN = Path("docs/run.md").read_text(encoding="utf-8")
SCHEDULE = "--schedule=experiments/faults/schedules/one_error.toml"
MEASURED = (
    "cluster,rtt_us,jitter_us,rate_Bps,loss,partitions,size,key_space,target_rate,"
    "outstanding,secs,settings\nsingle,1000,0,0,0,1,100,0,0,0,0.01,\n"
)
FAULTS = (
    "cluster,fault,rtt_us,rate,before_s,during_s,after_s,partitions,size,settings\n"
    "single,none,20000,50,0.5,0.5,0.5,1,100,acks=1\n"
)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    """The document that a command prints; its tables go to standard error."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, [*arguments, "--json"])
    printed = capsys.readouterr()
    assert exit_info.value.code == code, printed.err
    assert printed.err
    return json.loads(printed.out, parse_constant=pytest.fail)


def documented(command: str) -> set[str]:
    """The fields that a row of the table in docs/run.md names."""
    (row,) = re.findall(rf"^\| `?{command}`? \| (.*) \|$", RUN, flags=re.MULTILINE)[-1:]
    return set(re.findall(r"`([a-z_]+)`", row))


@pytest.mark.slow
def test_a_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--jobs=1", "--rtt-ms=2", "--replications=2", "--rate=8000"]
    html = tmp_path / "page.html"
    found = answer(capsys, "compare", f"--out={tmp_path}", f"--html={html}", *arguments)
    page = html.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    conclusion, *rest = re.split(r"(?<=\.) (?=[A-Z])", found["answer"])
    assert conclusion in page
    assert " ".join(rest) in page
    assert f"compare --out={tmp_path} --html={html} --jobs=1" in page
    assert set(found) <= documented("all") | documented("compare")
    assert found["command"] == "compare"
    assert found["assumed"].startswith("Assumed: 3 brokers, 2 ms away")
    assert "3 replicas of it, 0.5 ms apart" in found["assumed"]
    assert found["world"]["rate_per_s"] == 8_000
    assert found["answer"].endswith(".")
    (ratios,) = found["ratios"]
    gain = ratios["five_over_one"]
    assert gain["low"] <= gain["value"] <= gain["high"]
    assert gain["high"] < ratios["one_copy_five_over_one"]["low"]  # followers take from the gain
    assert ratios["five_limited_by"] == "follower"
    assert found["headline"].startswith("With three replicas and acks=all five idempotent requests")
    assert {row["producer"] for row in found["figures"]} == set(LABELS)
    capacity = next(row for row in found["figures"] if row["phase"] == "capacity")
    assert capacity["runs"] == 2
    assert capacity["limit"] == "in-flight window"
    load = next(row for row in found["figures"] if row["phase"] == "load")
    assert load["overloaded"] is True  # so that nothing is said of its latency
    assert load["p99_ms"] == {"value": None, "low": None, "high": None}
    assert f"{tmp_path.as_posix()}/rows.csv" in found["files"]


def test_a_question_and_the_list_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--rtt-ms=5", "--replications=2", "--jobs=1", f"--out={tmp_path}"]
    found = answer(capsys, "ask", "sync", *arguments)
    assert set(found) <= documented("all") | documented("ask")
    assert found["name"] == "sync"
    assert all({"point", "runs"} <= set(row) for row in found["figures"])
    assert found["answer"] == (tmp_path / "answer.txt").read_text().strip()
    listed = answer(capsys, "ask")
    assert set(listed) <= documented("all") | documented("ask")
    assert all(set(each) == {"name", "question", "assumption"} for each in listed["questions"])


@pytest.mark.trial
def test_stories_and_campaigns_and_measured_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = documented("all") | documented("faults")
    story, again = (answer(capsys, "faults", SCHEDULE, f"--out={tmp_path}") for _ in range(2))
    assert json.dumps(story) == json.dumps(again)  # the same seed
    assert set(story) <= fields
    assert any("FAULT" in line for line in story["story"])
    assert story["harm"]["duplicates"] == 0
    campaign = answer(capsys, "faults", "--campaign=2", "--jobs=1", f"--out={tmp_path}")
    assert set(campaign) <= fields
    assert (campaign["schedules"], campaign["broken"]) == (2, [])
    measured = tmp_path / "faults.csv"
    measured.write_text(FAULTS, encoding="utf-8")
    out = f"--out={tmp_path / 'out.csv'}"
    predicted = answer(capsys, "faults", f"--measured={measured}", out, "--jobs=1")
    assert set(predicted) <= fields
    assert (predicted["predicted"], predicted["left_empty"]) == (1, 0)


def test_the_table_of_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.faults.harm.CASES", CASES[:1])
    found = answer(capsys, "faults", f"--out={tmp_path}", "--jobs=1")
    assert set(found) <= documented("all") | documented("faults")
    assert len(found["rows"]) == 4
    assert found["summary"]["columns"][0] == "producer"


def test_a_sweep_and_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = f"--out={tmp_path}"
    found = answer(capsys, "sweep", "sync", "--smoke", "--jobs=1", out)
    assert set(found) <= documented("all") | documented("sweep")
    (sweep,) = found["sweeps"]
    assert set(sweep) <= documented("all") | documented("ask") | documented("sweep")
    assert sweep["failed"] == {}
    assert sweep["assumed"].endswith("inflight.toml is not for this.")
    listed = answer(capsys, "list")
    assert set(listed) <= documented("all") | documented("list")
    assert {"compare", "sweeps/depth"} <= {each["name"] for each in listed["experiments"]}


def test_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured = tmp_path / "measured.csv"
    measured.write_text(MEASURED, encoding="utf-8")
    out = f"--out={tmp_path / 'out.csv'}"
    found = answer(capsys, "validate", f"--measured={measured}", out, "--jobs=1")
    assert set(found) <= documented("all") | documented("validate")
    assert all(set(table) == documented("validate") - {"tables"} for table in found["tables"])


def test_fitted_constants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    residuals = pd.DataFrame({"rtt_ms": [1.0], "figure": ["records_per_s"], "percent": [2.0]})
    fitted = Fit(REFERENCE_MACHINE, dict.fromkeys(START, 0.1), residuals, 1)
    monkeypatch.setattr(calibrate, "fit", lambda rows, workers: fitted)
    measured = tmp_path / "measured.csv"
    measured.write_text(MEASURED, encoding="utf-8")
    out = tmp_path / "constants.json"
    found = answer(capsys, "calibrate", f"--measured={measured}", f"--out={out}", "--jobs=1")
    assert set(found) <= documented("all") | documented("calibrate")
    assert found["fit"] == json.loads(out.read_text(encoding="utf-8"))


def test_what_json_lacks_is_null() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [math.nan, math.inf], "c": [True, False]})
    assert plain({"frame": frame, "path": Path("a/b"), 1: np.float64("nan")}) == {
        "frame": [{"a": 1, "b": None, "c": True}, {"a": 2, "b": None, "c": False}],
        "path": "a/b",
        "1": None,
    }
    assert plain((np.int64(3), np.array([1.5, -math.inf]))) == [3, [1.5, None]]
    assert plain(Interval(1.0, -math.inf, math.inf)) == {"value": 1.0, "low": None, "high": None}


def test_points_are_summarised_with_intervals_flags_and_words() -> None:
    rows = pd.DataFrame(
        {
            "depth": [1, 1, 5],
            "level": [math.nan, math.nan, 2.0],
            "replication": [0, 1, 0],
            "rate": [10.0, 12.0, 50.0],
            "late": [False, True, False],
            "limit": ["a", "a", None],
        }
    )
    one, five = summarised(rows, ["depth", "level"])
    assert (one["runs"], one["rate"].value, one["late"], one["limit"]) == (2, 11.0, True, "a")
    assert (five["runs"], five["late"], five["limit"]) == (1, False, None)
    assert "replication" not in one
