"""The comparison end to end, and what it stores."""

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.compare.contenders import FIVE, FIVE_PLAIN, LABELS, ONE
from experiments.compare.stored import by_distance, excerpts, five_to_one, sections
from experiments.kit.command import run_command
from experiments.kit.estimates import pick
from experiments.kit.page import Chart, Figures
from experiments.kit.store import load_frame
from experiments.kit.tables import Table
from experiments.kit.world import World

SMALL = ["--jobs=1", "--rtt-ms=2", "--replications=2"]
COMMITTED = Path("results/compare")


def compare(out: Path, *arguments: str) -> None:
    """Run `inflight compare` in this process; it must end with exit code 0."""
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["compare", f"--out={out}", *SMALL, *arguments])
    assert exit_info.value.code == 0


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small comparison's folder."""
    out = tmp_path_factory.mktemp("results") / "compare"
    compare(out)
    return out


def test_it_leaves_rows_charts_and_a_manifest_that_vouches_for_them(results: Path) -> None:
    manifest = json.loads((results / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {
        "rows.csv",
        "latencies.csv",
        "in_flight.csv",
        "requests.csv",
        "changes.csv",
        "copies.csv",
    }
    assert {"versions", "commit", "seed", "producers", "machine_us"} <= set(manifest)
    for chart in ("space_time", "gain", "throughput", "latency", "in_flight"):
        assert (results / f"{chart}.svg").read_text().rstrip().endswith("</svg>")
        assert not (results / f"{chart}.png").exists()  # who wants pictures says so
    assert not list(results.glob(".*"))  # nothing half-written stays behind


def test_all_contenders_see_the_same_load_and_none_passes_its_bound(results: Path) -> None:
    rows = load_frame(results, "rows")
    assert set(rows["producer"]) == set(LABELS)
    load = rows[rows["phase"] == "load"]
    assert load.groupby("replication")["offered_records_per_s"].nunique().eq(1).all()
    full = rows[rows["phase"] != "load"]  # a Poisson load may bring more than its mean for a while
    assert (full["records_per_s"] <= full["bound_records_per_s"] * (1 + 1e-9)).all()
    assert not rows["duplicates"].any()
    assert not rows["inversions"].any()


@pytest.mark.slow
def test_a_second_run_leaves_the_same_bytes(results: Path, tmp_path: Path) -> None:
    compare(tmp_path)
    for path in results.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_text_tells_settings_tables_ratio_advice_and_paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(tmp_path, "--set=acks=1", "--set=lingerms=3", "--replicas=1")
    printed = capsys.readouterr().out
    assert "idempotence is off because acks=1 was set" in printed
    assert "did you mean linger.ms?" in printed
    assert all(label in printed for label in LABELS)
    assert "five / one in flight = 4." in printed
    assert "with one copy of each partition, as here, there are none" in printed
    assert "\nSet max.in.flight.requests.per.connection=3 with enable.idempotence=true" in printed
    assert str(tmp_path / "space_time.svg") in printed
    assert "replicas" not in printed.replace("all replicas in sync", "")


@pytest.mark.slow
def test_who_runs_into_the_receive_window_is_told_which_broker_setting_to_raise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(tmp_path, "--set=batch.size=65536")
    printed = capsys.readouterr().out
    assert "What then limits you at 2 ms is what the broker's socket takes (" in printed
    assert "socket.receive.buffer.bytes=4194304 on the brokers" in printed


@pytest.mark.slow
def test_an_overloaded_producer_gets_no_latency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(tmp_path, "--rate=8000")
    lines = capsys.readouterr().out.splitlines()
    overloaded = [line for line in lines if "8,000" in line and "overload" in line]
    assert len(overloaded) == 1
    assert ONE in overloaded[0]
    rows, latencies = load_frame(tmp_path, "rows"), load_frame(tmp_path, "latencies")
    load = rows[rows["phase"] == "load"].set_index("producer")
    assert load.loc[[ONE], "overloaded"].all()
    assert not load.loc[[FIVE, FIVE_PLAIN], "overloaded"].any()
    for times in (load["p99_ms"], latencies.set_index("producer")["latency_ms"]):
        assert times.loc[ONE].isna().all()
        assert times.loc[[FIVE, FIVE_PLAIN]].notna().all()


@pytest.mark.parametrize(("share", "records"), [(0.7, 800), (0.9, 10_000), (1.1, 10_000)])
def test_a_load_near_capacity_is_looked_at_for_long_enough_to_tell(
    share: float, records: int
) -> None:
    world = World(rtt_ms=2)
    one = world.in_flight(1)
    rate_per_s = share * world.carries(one)
    assert world.at_load(one, rate_per_s).measured_s * rate_per_s == pytest.approx(records)


@pytest.mark.slow
def test_a_closed_loop_is_its_own_load(tmp_path: Path) -> None:
    compare(tmp_path, "--outstanding=32")
    rows = load_frame(tmp_path, "rows")
    load, capacity = (rows[rows["phase"] == phase] for phase in ("load", "capacity"))
    assert list(load["records_per_s"]) == list(capacity["records_per_s"])
    assert load["p99_ms"].notna().all()


@pytest.mark.slow
def test_plot_redraws_the_same_charts_and_refuses_rows_that_were_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(tmp_path, "--png")
    chart = tmp_path / "latency.png"
    drawn = chart.read_bytes()
    assert drawn.startswith(b"\x89PNG")
    chart.unlink()
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["plot", "compare", f"--results={tmp_path}"])
    assert exit_info.value.code == 0
    assert chart.read_bytes() == drawn
    rows = tmp_path / "rows.csv"
    rows.write_text(rows.read_text().replace("capacity", "Capacity", 1))
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["plot", "compare", f"--results={tmp_path}"])
    assert exit_info.value.code == 2
    assert "does not fit its manifest" in capsys.readouterr().err


def test_the_report_and_the_readme_say_what_the_rows_say(results: Path) -> None:
    rows = load_frame(results, "rows")
    ((name, part),) = by_distance(rows)
    gain = five_to_one(part)
    answer, picture, full = sections(results.parent)
    (figure,) = next(block for block in answer.blocks if isinstance(block, Figures)).figures
    assert figure[:2] == (f"\N{MULTIPLICATION SIGN} {gain.value:.2f}", name)
    assert [type(block) for block in picture.blocks] == [Chart]
    assert next(block.name for block in full.blocks if isinstance(block, Chart)) == "gain"
    capacity, latency = (block for block in full.blocks if isinstance(block, Table))
    means = part[part["phase"] == "capacity"].groupby("producer")["records_per_s"].mean()
    assert [row[2].text for row in capacity.rows] == [f"{means[label]:,.0f}" for label in LABELS]
    assert [row[1].text for row in latency.rows] == list(LABELS)
    headline = excerpts(results.parent)["headline"]
    assert f"| **{gain:.2f}** | follower |" in headline
    copies = load_frame(results, "copies")
    for replicas in (1, 3):
        for label in (ONE, FIVE):
            of = pick(copies, replicas=replicas, producer=label, phase="capacity")
            assert f"| {of['records_per_s'].mean():,.0f} |" in headline
    assert f"| {means[FIVE]:,.0f} |" in headline
    assert "three replicas 0.5 ms apart (round trip)" in headline
    assert headline.splitlines()[-1].startswith("With three replicas and acks=all five idempotent")


def test_the_committed_results_are_what_the_code_gives_today(tmp_path: Path) -> None:
    """All phases at one distance: the same seeds must give the committed rows."""
    compare(tmp_path, "--rtt-ms=50", "--replications=5")
    fresh, stored = load_frame(tmp_path, "rows"), load_frame(COMMITTED, "rows")
    for frame in (fresh, stored):
        frame["distance"] = frame["distance"].replace({"50 ms": "far"})
    point = ["phase", "distance", "producer", "replication"]
    both = fresh[fresh["rtt_ms"] != 2.0].merge(stored, on=point, suffixes=("", "_stored"))
    assert len(both) == 3 * (5 + 5 + 10)
    for column in ("records_per_s", "p99_ms", "bound_records_per_s", "in_flight_mean"):
        pd.testing.assert_series_equal(both[column], both[f"{column}_stored"], check_names=False)
    assert list(both["limit"]) == list(both["limit_stored"])


def test_idempotence_changes_nothing_but_the_numbers_on_the_batches(results: Path) -> None:
    rows = load_frame(results, "rows").set_index(["producer", "phase", "rtt_ms", "replication"])
    idempotent, plain = (pd.DataFrame(rows.loc[label]) for label in (FIVE, FIVE_PLAIN))
    pd.testing.assert_frame_equal(idempotent, plain)
    assert five_to_one(load_frame(results, "rows").query("phase == 'capacity'")).value > 2.5
