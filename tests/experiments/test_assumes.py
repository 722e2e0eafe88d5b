"""What an answer assumes: read off the scenarios, and told first."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from experiments.__main__ import inflight
from experiments.catalogue import every
from experiments.kit.assumes import ONE_COPY, about_copies, assumed
from experiments.kit.world import World
from model import ClosedLoop, OpenLoop, PathConfig, Scenario, TopicConfig, Workload
from model.settings import KafkaVersion

KAFKA = KafkaVersion.parse("3.6")


def test_it_says_the_world(tiny: Callable[..., Scenario]) -> None:
    topic = TopicConfig(partitions=12, brokers=3)
    workload = Workload(arrival=OpenLoop(20_000), value_bytes=500, key_space=100)
    scenario = replace(
        tiny(topic=topic, workload=workload, path=PathConfig(rtt_ms=2), acks="all"), producers=4
    )
    line = assumed([scenario], KAFKA)
    assert line.startswith(
        "Assumed: 3 brokers, 2 ms away (round trip)."
        " 12 partitions, one copy of each: acks=all waits for nobody else."
        " 4 producers with the client of Kafka 3.6, at 20,000 records/s."
        " Records of 500 bytes with 100 keys. "
    )
    assert line.count("\n") == 0


def test_what_scenarios_differ_in_is_a_range(tiny: Callable[..., Scenario]) -> None:
    near = tiny(path=PathConfig(rtt_ms=0.2), topic=TopicConfig(partitions=1))
    far = tiny(
        path=PathConfig(rtt_ms=50),
        topic=TopicConfig(partitions=96, brokers=2, replicas=3),
        workload=Workload(arrival=ClosedLoop(32)),
    )
    line = assumed([near, far], KAFKA)
    assert "1 to 3 brokers, 0.2 to 50 ms away" in line
    assert "1 to 96 partitions, 1 to 3 replicas of each, 0.1 ms apart (round trip)," in line
    assert "3 brokers" in line  # one leads nothing, and has a copy
    assert "as fast as it can and with 32 records outstanding" in line


def test_whose_constants_and_whether_copies_are_left_out(tiny: Callable[..., Scenario]) -> None:
    world = World().with_one_copy()
    ours = world.at_full_load(world.own)
    assert "constants fitted on our laboratory's broker" in assumed([ours], KAFKA)
    assert "broker, some of them varied." in assumed([ours, tiny()], KAFKA)
    with click.Context(click.Command("ask")) as context:
        context.params["constants"] = Path("mine.json")
        assert "Machine constants of mine.json." in assumed([tiny()], KAFKA)
    assert about_copies([ours]) == [ONE_COPY]
    (why,) = about_copies([ours], "nobody waits")
    assert why == "One copy of each partition: nobody waits; --replicas asks with more."
    assert about_copies([ours, tiny(topic=TopicConfig(replicas=2))]) == []


def test_acks_of_one_are_not_said_to_be_all(tiny: Callable[..., Scenario]) -> None:
    assert "acks=all" not in assumed([tiny(acks="1", enable_idempotence=False)], KAFKA)


def test_it_is_the_first_line_with_what_was_left_out_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Path("experiments/faults/schedules/one_error.toml").resolve()
    monkeypatch.delenv("INFLIGHT_WORLD")
    monkeypatch.chdir(tmp_path)
    Path("inflight.toml").write_text("partitions = 2\nrtt_ms = 5\nrecord_bytes = 9\nrate = 9\n")
    done = CliRunner().invoke(inflight, ["faults", f"--schedule={schedule}", "--brokers=2"])
    first, *_ = done.output.splitlines()
    assert "2 brokers, 5 ms away (round trip). 2 partitions" in first
    assert "at 600 records/s" in first  # faults keep their own
    assert first.endswith("From inflight.toml, but for record_bytes, rate; options on top.")
    Path("inflight.toml").unlink()
    done = CliRunner().invoke(inflight, ["faults", f"--schedule={schedule}"])
    assert done.output.splitlines()[0].endswith("No inflight.toml: options and defaults.")


def test_every_question_can_be_asked_in_a_world_with_keys() -> None:
    topic = TopicConfig(partitions=12, brokers=3, replicas=3, min_insync_replicas=2)
    world = World(topic=topic, key_space=10, fine=False)
    for experiment in every():
        scenarios = [point.scenario for point in experiment.chosen(world)]
        assert assumed(scenarios, KAFKA).startswith("Assumed: "), experiment.name
