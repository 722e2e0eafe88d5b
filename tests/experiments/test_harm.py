"""`inflight faults`: the table of harm against the specification's, schedules, measured rows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.commands.faults import command
from experiments.faults.catalogue import (
    CASES,
    FIVE,
    FIVE_ALL,
    IDEMPOTENT,
    ONE,
    read_schedule,
    written,
)
from experiments.faults.harm import harm_chart, harm_of, harm_rows, harm_table
from experiments.faults.measured import ELECT, FIGURES, disagreements, predict, read_faults
from experiments.faults.stored import excerpts, leave, redraw, sections
from experiments.kit.pool import Workers
from experiments.kit.store import load_frame
from experiments.kit.tables import markdown
from experiments.kit.world import World
from experiments.questions import likelihood
from model import REFERENCE_MACHINE, ConfigError, Fault, Scenario, simulate

MEASURED = Path("experiments/validation/measured/faults.csv")
COMMITTED = Path("results/validation/faults.csv")

#: Kinds of harm by fault and producer, D duplicates and O order broken, as the specification's
#: table of faults has them; "O" is displaced first copies or older copies after newer ones, L
#: acknowledged records that are not in the log.
EXPECTED = {
    "connection drops before the append": ("", "O", "O", ""),
    "connection drops after the append, acks lost": ("D", "DO", "DO", ""),
    "connection reset": ("D", "DO", "DO", ""),
    "acks lost for 0.4 s": ("", "", "", ""),
    "acks lost for 3 s": ("D", "DO", "DO", ""),
    "requests lost for 3 s": ("D", "DO", "DO", ""),
    "black hole for 3 s": ("D", "DO", "DO", ""),
    "latency of 3 s for 3 s": ("D", "DO", "DO", ""),
    "broker pauses for 0.5 s": ("", "", "", ""),
    "broker pauses for 3 s": ("D", "DO", "DO", ""),
    "broker slower than request.timeout.ms": ("D", "DO", "DO", ""),
    "broker crashes, back after 1 s": ("", "O", "O", ""),
    "disk full for 1 s": ("", "O", "O", ""),
    "one batch gets a retriable error": ("", "O", "O", ""),
    "below min.insync.replicas for 1 s": ("", "", "O", ""),
    "below min.insync.replicas after the append": ("", "", "DO", ""),
    "acks lost, then the broker restarts cleanly": ("D", "DO", "DO", "DO"),
    "one of two followers pauses for 3 s": ("", "", "DO", ""),
    "one of two followers is killed, back after 12 s": ("", "", "DO", ""),
    "leader is killed, back after 12 s": ("", "O", "O", ""),
    "leader shuts down, back after 8 s": ("", "O", "O", ""),
    "leader pauses for 12 s": ("", "O", "O", ""),
    "leader is cut off from the other brokers for 12 s": ("L", "LO", "", ""),
    "leader is killed while both followers stand still": ("L", "LO", "O", ""),
    "leader is killed while one follower stands still": ("", "O", "DO", ""),
    "all are killed, a follower returns first, unclean election": ("L", "LO", "LO", "L"),
    "producer restarts after 0.5 s and resends": ("D", "DO", "DO", "DO"),
}
#: Here it is chance whether a batch is between its append and its answer, and comes twice.
MAY_DUPLICATE = {"broker crashes, back after 1 s"}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The whole table as it is committed; that the code gives it today is a test of its own."""
    return load_frame(Path("results/faults/harm"), "harm")


def kinds(rows: pd.DataFrame, fault: str, producer: str) -> str:
    cell = rows[(rows["fault"] == fault) & (rows["producer"] == producer)].iloc[0]
    disorder = cell["displaced"] or (cell["inversions"] and producer != ONE)
    lost = "L" * bool(cell["acked_missing"])
    return lost + "D" * bool(cell["duplicates"]) + "O" * bool(disorder)


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_table_of_harm_is_the_specification_s(fault: str, rows: pd.DataFrame) -> None:
    *plain, idempotent = (kinds(rows, fault, label) for label in (ONE, FIVE, FIVE_ALL, IDEMPOTENT))
    if fault in MAY_DUPLICATE:
        plain = [told.replace("D", "") for told in plain]
    assert (*plain, idempotent) == EXPECTED[fault]


def test_all_records_end_and_a_clean_election_loses_nothing_with_acks_all(
    rows: pd.DataFrame,
) -> None:
    clean = rows[~rows["fault"].str.contains("unclean")]
    lossy = clean[clean["acked_missing"] > 0]
    assert set(lossy["producer"]) == {ONE, FIVE}
    assert lossy["fault"].str.contains("leader").all()
    assert not rows["unfinished"].any()
    assert (rows["sent"] == rows["acked"] + rows["failed"]).all()


def test_a_timeout_does_not_mean_that_a_record_is_not_written(rows: pd.DataFrame) -> None:
    """And whoever resends it duplicates it, idempotent or not."""
    silent = rows[rows["fault"] == "acks lost until delivery.timeout.ms"]
    assert (silent["failed_but_present"] > 0).all()
    assert not silent["duplicates"].any()
    resent = rows[rows["fault"] == "the same, and the application resends"]
    assert (resent["duplicates"] > 0).all()


def test_the_table_has_every_case_and_a_picture(rows: pd.DataFrame) -> None:
    assert list(rows["fault"].unique()) == [case.name for case in CASES]
    words = [text.get_text() for text in harm_chart(rows).axes[0].texts]
    assert len(words) == len(rows)
    assert "no harm" in words


@pytest.mark.slow
def test_the_committed_table_is_what_the_code_gives_today(rows: pd.DataFrame) -> None:
    with Workers(2) as workers:
        today = harm_rows(replace(World().with_one_copy(), replica_rtt_ms=0.1), workers)
    pd.testing.assert_frame_equal(today, rows, check_exact=False, rtol=1e-9)


def test_terminal_page_and_docs_show_one_table(rows: pd.DataFrame, tmp_path: Path) -> None:
    leave(rows, tmp_path / "faults" / "harm")
    lines = excerpts(tmp_path)["harm"].splitlines()
    assert lines == markdown(harm_table(rows)).splitlines()
    assert len(lines) == 2 + len(CASES)
    (section,) = sections(tmp_path)
    assert harm_table(rows) in section.blocks
    before = (tmp_path / "faults" / "harm" / "harm.png").read_bytes()
    assert [path.name for path in redraw(tmp_path / "faults")] == ["harm.svg", "harm.png"]
    assert (tmp_path / "faults" / "harm" / "harm.png").read_bytes() == before


def test_the_summary_counts_the_faults_that_leave_each_harm(
    rows: pd.DataFrame, tmp_path: Path
) -> None:
    leave(rows, tmp_path / "faults" / "harm")
    summary = excerpts(tmp_path)["harm_summary"]
    one = rows[rows["producer"] == ONE]
    assert f"| {ONE} | {int((one['duplicates'] > 0).sum())} |" in summary


def test_a_run_of_likelihood_is_that_of_the_stored_rows() -> None:
    committed = pd.read_csv("results/sweeps/likelihood/rows.csv")
    chosen = [
        point
        for point in likelihood.points(likelihood.EXPERIMENT.default_world())
        if point.levels["losses_per_million"] == 100 and point.levels["in_flight"] == 1
    ]
    for point in chosen:
        (row,) = likelihood.EXPERIMENT.measure(simulate(point.run_of(2), 2))
        levels = [committed[name] == value for name, value in point.levels.items()]
        stored = committed[levels[0] & levels[1] & levels[2] & (committed["replication"] == 1)]
        for column in ("duplicates_per_million", "displaced_per_million", "failed_per_million"):
            assert row[column] == stored[column].item()


@pytest.mark.slow
def test_the_measured_faults_without_an_election_are_predicted() -> None:
    rows = read_faults(MEASURED)
    rows = rows[~rows["fault"].isin(ELECT)]
    with Workers(2) as workers:
        predicted = predict(rows, REFERENCE_MACHINE, workers)
    assert len(predicted) == 36
    committed = pd.read_csv(COMMITTED, dtype=str, keep_default_na=False)
    committed = committed[~committed["fault"].isin(ELECT)]
    for column in ("model_duplicates", "model_displaced", "model_stall_s"):
        assert list(predicted[column].astype(str)) == list(committed[column])
    assert disagreements(predicted) == []


@pytest.mark.trial
def test_the_measured_elections_are_predicted_as_they_are_committed() -> None:
    rows = read_faults(MEASURED)
    with Workers(2) as workers:
        predicted = predict(rows[rows["fault"].isin(ELECT)], REFERENCE_MACHINE, workers)
    committed = pd.read_csv(COMMITTED, dtype=str, keep_default_na=False)
    committed = committed[committed["fault"].isin(ELECT)]
    assert len(predicted) == len(committed) == 10
    for column in ("model_acked_missing_high", "model_stall_s_low", "model_stall_s_high"):
        assert list(predicted[column].astype(str)) == list(committed[column])


def test_a_range_is_held_against_what_was_measured() -> None:
    ends = {f"model_{name}_{end}": "0" for name in FIGURES for end in ("low", "high")}
    row = {f"model_{name}": "0" for name in FIGURES} | ends
    row |= {"model_acked_missing_high": "4", "model_stall_s_low": "7.2", "model_stall_s_high": "10"}

    def told(**measured: str) -> list[str]:
        calm = dict.fromkeys(FIGURES, "0") | {"stall_s": "9.0"}
        return [words for _, words in disagreements(pd.DataFrame([row | calm | measured]))]

    assert told() == told(acked_missing="3") == []
    assert told(duplicates="3") == ["duplicates: 3 measured, 0 predicted"]
    assert told(stall_s="6.5") == [
        "longest time without an ack: 6.50 s measured, 7.20 to 10.00 s predicted"
    ]


def test_a_prediction_that_is_off_is_found() -> None:
    with Workers(1) as workers:
        predicted = predict(read_faults(MEASURED).iloc[4:5], REFERENCE_MACHINE, workers)
    assert disagreements(predicted) == []
    waits = "longest time without an ack"
    for column, value, named in (
        ("duplicates", "0", "duplicates"),
        ("duplicates", "50", "duplicates"),
        ("stall_s", "5.0", waits),
    ):
        off = predicted.assign(**{column: value})
        assert [told.split(":")[0] for _, told in disagreements(off)] == [named]


@pytest.mark.slow
def test_measured_rows_keep_their_order_and_columns(tmp_path: Path) -> None:
    out = tmp_path / "predicted.csv"
    result = CliRunner().invoke(command, ["--measured", str(MEASURED), "--out", str(out)])
    assert result.exit_code == 0, result.output
    before = pd.read_csv(MEASURED, dtype=str, keep_default_na=False)
    after = pd.read_csv(out, dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(after[before.columns], before)
    assert list(after.columns[len(before.columns) :]) == [
        "model_duplicates",
        "model_acked_missing",
        "model_failed_but_present",
        "model_inversions",
        "model_displaced",
        "model_failed",
        "model_stall_s",
        "model_duplicates_low",
        "model_duplicates_high",
        "model_acked_missing_low",
        "model_acked_missing_high",
        "model_failed_but_present_low",
        "model_failed_but_present_high",
        "model_inversions_low",
        "model_inversions_high",
        "model_displaced_low",
        "model_displaced_high",
        "model_failed_low",
        "model_failed_high",
        "model_stall_s_low",
        "model_stall_s_high",
    ]


def test_a_schedule_is_read_as_it_was_written(tmp_path: Path) -> None:
    faults = (
        Fault(what="latency-spike", at_s=1.5, for_s=2.0, rtt_ms=300.0, broker=0),
        Fault(what="nack", at_s=2.0, error="KAFKA_STORAGE_ERROR", requests=3),
        Fault(what="slow-broker", at_s=0.0, for_s=1.0, times=10.0),
        Fault(what="connection-reset", at_s=4.0),
    )
    path = tmp_path / "schedule.toml"
    path.write_text(written(faults), encoding="utf-8")
    assert read_schedule(path) == (faults, {})


def test_a_schedule_may_say_how_many_copies_there_are(tmp_path: Path) -> None:
    text = Path("experiments/faults/schedules/leader_killed.toml").read_text("utf-8")
    path = tmp_path / "schedule.toml"
    path.write_text(text, encoding="utf-8")
    faults, topic = read_schedule(path)
    assert [fault.what for fault in faults] == ["broker-crash"]
    assert topic == {"replicas": 3, "min_insync_replicas": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "schedule="),
        ("fault = 3", "schedule="),
        ("[[fault]]", "must have what"),
        ('[[fault]]\nwhat = "lost-acks"', "must have at_s"),
        ('[[fault]]\nwhat = "lost-socks"\nat_s = 1', "what=lost-socks"),
        ('[[fault]]\nwhat = "lost-acks"\nat_s = 1', "for_s=0.0"),
        ('[[fault]]\nwhat = "lost-acks"\nat_s = "soon"\nfor_s = 1', "at_s=soon"),
        ('[[fault]]\nwhat = "lost-acks"\nat_s = 1\nfor_s = 1\nwhere = 2', "fault=where"),
        ('[[fault]]\nwhat = "nack"\nat_s = 1\nrequests = 1\nerror = "OOPS"', "error=OOPS"),
        ('[[fault]]\nwhat = "nack"\nat_s = 1\nrequests = 1.5\nerror = "OOPS"', "requests=1.5"),
        ('[[fault]]\nwhat = "lost-acks"\nat_s = nan\nfor_s = 1', "at_s=nan"),
        ("[[fault", "must be TOML"),
        ("topic = 3\nfault = [{ what = 'connection-reset', at_s = 1 }]", "topic=3"),
        ("topic.racks = 3\nfault = [{ what = 'connection-reset', at_s = 1 }]", "topic=racks"),
        (
            "topic.replicas = true\nfault = [{ what = 'connection-reset', at_s = 1 }]",
            "replicas=True",
        ),
    ],
)
def test_a_bad_schedule_is_refused_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        read_schedule(path)
    assert told in str(refusal.value)
    assert "\n" not in " ".join(str(refusal.value).split())


def test_a_story_tells_what_happened_and_leaves_its_rows_and_picture(tmp_path: Path) -> None:
    schedule = tmp_path / "lost.toml"
    schedule.write_text('[[fault]]\nwhat = "lost-acks"\nat_s = 1\nfor_s = 2\n', encoding="utf-8")
    out = tmp_path / "story"
    arguments = ["--schedule", str(schedule), "--out", str(out), "--rate", "300"]
    result = CliRunner().invoke(command, [*arguments, "--set", "request.timeout.ms=1000"])
    assert result.exit_code == 0, result.output
    for told in (
        "lost-acks begins",
        "gives up",
        "REQUEST_TIMED_OUT",
        "duplicate",
        "What became of",
    ):
        assert told in result.output
    assert {path.name for path in out.iterdir()} >= {"attempts.csv", "story.svg", "manifest.json"}


def test_harm_is_none_where_nothing_fails(tiny: Callable[..., Scenario]) -> None:
    run = simulate(tiny(), 1)
    harm = harm_of(run, run)
    assert not any(harm[name] for name in ("failed", "duplicates", "displaced", "inversions"))
    assert (harm["acked_missing"], harm["failed_but_present"]) == (0, 0)
    assert (harm["behind"], harm["recovery_s"]) == (0, 0.0)
