"""Replicas in a user's world: what is taken where nothing is said, one copy as before, the news."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.catalogue import every
from experiments.commands import faults
from experiments.compare import study
from experiments.compare.contenders import comparison
from experiments.compare.copies import by_distance, copies_table, gain, headline
from experiments.compare.gain_chart import gain_chart
from experiments.compare.stored import redraw, stored_copies
from experiments.compare.tasks import Runs, Task, carry_out
from experiments.faults.catalogue import CASES
from experiments.kit.copies import BETWEEN_MS, placed
from experiments.kit.estimates import pick
from experiments.kit.figures import FIGURES
from experiments.kit.pool import Workers
from experiments.kit.store import load_frame
from experiments.kit.world import World, world_of
from experiments.validation import trio
from model import BETWEEN_BROKERS, PRODUCTION_TOPIC, Scenario, TopicConfig, simulate
from tests.experiments.running import run

NOT_SAID: dict[str, Any] = {"properties": None, "kafka": "4.4", "overrides": (), "constants": None}
#: What `inflight compare` left before it knew of replicas (results/compare/rows.csv of then).
BEFORE = Path("tests/golden/compare_one_copy.csv")


@pytest.fixture(scope="module")
def copies() -> pd.DataFrame:
    """One in flight and five at two distances, with one copy and with three."""
    asked = comparison([0.2, 50.0], **NOT_SAID, partitions=1, replications=2)
    return study.copies(asked, Runs(Workers(1)), curve_ms=(5.0,))


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({}, (3, 3, 2)),
        ({"replicas": 1}, (1, 1, 1)),
        ({"replicas": 2}, (2, 2, 2)),
        ({"replicas": 5}, (5, 5, 2)),
        ({"brokers": 1}, (1, 1, 1)),
        ({"brokers": 2}, (2, 2, 2)),
        ({"brokers": 12}, (12, 3, 2)),
        ({"brokers": 12, "replicas": 4, "min_insync": 3}, (12, 4, 3)),
        ({"min_insync": 3}, (3, 3, 3)),
        ({"usual": (1, 2)}, (1, 1, 1)),
        ({"usual": (1, 2), "brokers": 5}, (5, 1, 1)),
        ({"usual": (5, 3), "brokers": 4}, (4, 4, 3)),
    ],
)
def test_what_is_not_said_follows_from_what_is(
    said: dict[str, int], taken: tuple[int, ...]
) -> None:
    topic = placed(7, **said)  # type: ignore[arg-type]  # by name
    assert (topic.brokers, topic.replicas, topic.min_insync_replicas) == taken
    assert topic.partitions == 7


def test_python_has_what_the_commands_take() -> None:
    world = world_of(**NOT_SAID, partitions=1)
    assert world.topic == PRODUCTION_TOPIC == World().topic
    scenario = world.at_full_load(world.own)
    assert scenario.replica_path == BETWEEN_BROKERS
    assert BETWEEN_BROKERS.rtt_ms == BETWEEN_MS


def test_a_file_of_settings_is_believed_about_its_topic(tmp_path: Path) -> None:
    path = tmp_path / "mine.properties"
    path.write_text("acks=all\nreplication.factor=5\nmin.insync.replicas=4\n")
    given = {**NOT_SAID, "properties": path, "partitions": 1}
    topic = world_of(**given).topic
    assert (topic.brokers, topic.replicas, topic.min_insync_replicas) == (5, 5, 4)
    assert world_of(**given, replicas=2).topic == TopicConfig(
        brokers=2, replicas=2, min_insync_replicas=2
    )


def test_one_copy_gives_the_rows_of_before_bit_for_bit() -> None:
    asked = comparison((), **NOT_SAID, partitions=1, replicas=1, replications=2)
    before = pick(pd.read_csv(BEFORE), phase="capacity")
    for label, config in asked.contenders.items():
        for distance, rtt_ms in asked.distances_ms.items():
            scenario = asked.world.at_full_load(config, rtt_ms)
            was = pick(before, producer=label, distance=distance, replication=1).iloc[0]
            task = Task("capacity", distance, label, 1, scenario, 2)
            found = carry_out(task).figures
            for name in ("records_per_s", "request_latency_ms", "in_flight_mean", "limit"):
                assert found[name] == was[name], (label, distance, name)


@pytest.mark.slow
def test_the_command_gives_them_too_and_nothing_beside(tmp_path: Path) -> None:
    assert run("compare", "--replicas=1", "--jobs=1", f"--out={tmp_path}") == 0
    assert (tmp_path / "rows.csv").read_bytes() == BEFORE.read_bytes()
    assert not (tmp_path / "copies.csv").exists()
    assert stored_copies(tmp_path) == {}
    assert load_frame(tmp_path, "requests")["appended_ms"].isna().all()
    assert "gain" not in {path.stem for path in redraw(tmp_path)}


def test_one_copy_beside_three_is_the_world_of_one_copy(copies: pd.DataFrame) -> None:
    before, alone = pd.read_csv(BEFORE), pick(copies, replicas=1, phase="capacity")
    for _, row in alone.iterrows():
        point = {name: row[name] for name in ("producer", "rtt_ms", "replication")}
        (was,) = pick(before, phase="capacity", **point)["records_per_s"]
        assert row["records_per_s"] == was
    assert set(copies["phase"]) == {"capacity", "curve"}
    assert set(copies["replicas"]) == {1, 3}


def test_the_wait_for_followers_takes_from_the_gain_near_and_not_far(
    copies: pd.DataFrame,
) -> None:
    near, far = (part for _, part in by_distance(copies))
    assert gain(near, 3).high < 1.5 < 2.2 < gain(near, 1).low
    assert gain(far, 3).value == pytest.approx(gain(far, 1).value, rel=0.01)
    said = headline(copies)
    least, most = gain(near, 3).value, gain(far, 3).value
    opening = "With three replicas and acks=all five idempotent requests in flight carry"
    assert said.startswith(f"{opening} {least:.2f} to {most:.2f} times")
    alone = f"{gain(near, 1).value:.2f} to {gain(far, 1).value:.2f}"
    assert f"With one copy of each partition they carry {alone} times as much." in said
    assert "Replicas take from the gain at 0.2 ms, because the broker reads nothing else" in said
    first, last = copies_table(copies).rows
    assert [cell.text for cell in first][-1] == "follower"
    assert [cell.text for cell in last][-1] == "in-flight window"


def test_the_picture_says_both_gains_and_what_limits_five(copies: pd.DataFrame) -> None:
    axes, strip = gain_chart(copies).axes
    words = [text.get_text() for text in (*axes.texts, *strip.texts)]
    near, _ = (part for _, part in by_distance(copies))
    for of in (1, 3):
        assert f"\N{MULTIPLICATION SIGN} {gain(near, of).value:.2f}" in words
    assert {"follower", "broker connection", "in-flight window"} <= set(words)
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in axes.lines}
    drawn = [len(values) for label, values in lines.items() if label.startswith("with ")]
    assert drawn == [3, 3]


def test_where_replicas_take_nothing_that_is_said(copies: pd.DataFrame) -> None:
    far = copies[copies["rtt_ms"] == 50.0]
    assert headline(far).endswith("Replicas take nothing of the gain here.")


def test_each_question_has_three_replicas_or_a_reason_for_one_copy() -> None:
    for experiment in every():
        world = replace(experiment.default_world(), fine=False)
        found = {point.scenario.topic.replicas for point in experiment.chosen(world)}
        assert found == {1 if experiment.one_copy_because else 3}, experiment.name
    copied = {experiment.name for experiment in every() if not experiment.one_copy_because}
    assert copied >= {"loss", "depth", "sync", "pipe", "batch_depth", "replication", "connect"}


def test_a_question_asked_of_replicas_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[World] = []
    monkeypatch.setattr("experiments.commands.ask.answer", lambda _, world, *__: told.append(world))
    for arguments in (
        ["order"],
        ["order", "--replicas=3"],
        ["order", "--replica-rtt-ms=4"],
        ["order", "--brokers=5"],
        ["depth"],
        ["depth", "--replicas=1"],
        ["depth", "--brokers=2", "--min-insync=1"],
    ):
        inflight.main(["ask", *arguments], standalone_mode=False)
    assert [world.topic.replicas for world in told] == [1, 3, 3, 1, 3, 1, 2]
    assert [world.topic.brokers for world in told] == [1, 3, 3, 5, 3, 1, 2]
    assert told[2].replica_rtt_ms == 4
    assert told[-1].topic.min_insync_replicas == 1


def test_a_schedule_strikes_three_replicas_and_the_table_counts_in_one_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[World] = []
    monkeypatch.setattr(faults, "_story", lambda world, *_: told.append(world))
    monkeypatch.setattr(faults, "_harm", lambda world, *_: told.append(world))
    schedule = "--schedule=experiments/faults/schedules/one_error.toml"
    for arguments in (
        [schedule],
        [schedule, "--replicas=1"],
        [schedule, "--replica-rtt-ms=3"],
        [],
        ["--replicas=3"],
        ["--replicas=3", "--replica-rtt-ms=3"],
    ):
        inflight.main(["faults", *arguments], standalone_mode=False)
    assert [(world.topic.replicas, world.replica_rtt_ms) for world in told] == [
        *((3, BETWEEN_MS), (1, BETWEEN_MS), (3, 3.0)),
        *((1, 0.1), (3, 0.1), (3, 3.0)),
    ]
    ones_own, copied = told[3:5]
    for case in CASES:
        before, after = (case.scenario(world.own, world) for world in (ones_own, copied))
        assert after.topic == (case.topic or TopicConfig(replicas=3, min_insync_replicas=2))
        assert before.topic == (case.topic or TopicConfig())


def test_a_connection_is_muted_for_its_work_and_for_its_followers(
    tiny: Callable[..., Scenario],
) -> None:
    alone, copied, careless = (
        simulate(tiny(topic=topic, acks=acks, enable_idempotence=acks == "all"), 1)
        for topic, acks in (
            (TopicConfig(), "all"),
            (PRODUCTION_TOPIC, "all"),
            (PRODUCTION_TOPIC, "1"),
        )
    )
    muted_ms = FIGURES["muted_ms"]
    assert muted_ms(alone) == pytest.approx(FIGURES["service_ms"](alone), rel=0.05)
    assert muted_ms(copied) > muted_ms(alone) + copied.scenario.replica_path.rtt_ms
    assert muted_ms(careless) == pytest.approx(muted_ms(alone), rel=0.05)


def test_measured_rows_of_three_replicas_stand_beside_the_headline() -> None:
    rows = pd.read_csv("results/validation/trio.csv", dtype=str, keep_default_na=False)
    measured = pd.read_csv("experiments/validation/measured/trio.csv")
    (table,) = trio.table(rows)
    assert [row[0].text for row in table.rows] == ["0.2 ms", "2 ms", "50 ms"]
    by_hand = measured[(measured["partitions"] == 1) & (measured["target_rate"] == 0)]
    by_hand = by_hand[~by_hand["settings"].str.contains("acks=1")]
    for row, rtt_us in zip(table.rows, (0, 1_000, 50_000), strict=True):
        here = by_hand[by_hand["rtt_us"] == rtt_us]
        one, five = (
            here.loc[here["settings"].str.endswith(f"connection={depth}"), "records_per_s"]
            for depth in (1, 5)
        )
        assert row[2].text == f"{one.mean():,.0f}"
        assert row[3].text == f"{five.mean():,.0f}"
        assert row[4].text.startswith(f"{five.mean() / one.mean():.2f} [")
    assert [row[-1].text for row in table.rows] == ["unsteady", "unsteady", "steady"]
