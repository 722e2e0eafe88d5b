"""``--client``: options of another client in files and when typed, and what is said of them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.commands.settings import answer, command
from experiments.kit.properties import describe, load_settings
from experiments.kit.world import world_of
from inflight import load_settings as public
from model import ConfigError, ProducerConfig


def settings(*arguments: str) -> tuple[int, str]:
    """What the command prints."""
    result = CliRunner().invoke(command, list(arguments))
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.properties", "enable.idempotence=true\nlinger.ms=20\nssl.ca.location=/ca\n"),
        ("a.json", '{"enable.idempotence": true, "linger.ms": 20, "ssl.ca.location": "/ca"}'),
        ("a.yml", "kafka:\n  producer:\n    enable.idempotence: true\n    linger.ms: 20\n"),
    ],
)
def test_a_file_of_librdkafka_is_read_under_its_own_names(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    loaded = load_settings(tmp_path / name, (), "4.4", client="librdkafka")
    assert (loaded.producer.enable_idempotence, loaded.producer.linger_ms) == (True, 20)
    assert loaded.producer.max_in_flight_requests_per_connection == 5
    assert "librdkafka" in loaded.told


def test_what_is_typed_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.properties").write_text("linger.ms=20\n")
    loaded = load_settings(
        tmp_path / "a.properties", ["queue.buffering.max.ms=1"], "4.4", client="librdkafka"
    )
    assert loaded.producer.linger_ms == 1


def test_a_file_of_another_client_says_how_to_read_it(tmp_path: Path) -> None:
    (tmp_path / "a.properties").write_text("queue.buffering.max.ms=20\nlinger.ms=3\n")
    with pytest.raises(ConfigError, match="pass --client librdkafka"):
        load_settings(tmp_path / "a.properties", (), "4.4")
    with pytest.raises(ConfigError, match="has no option of kafka-python"):
        load_settings(tmp_path / "a.properties", (), "4.4", client="kafka-python")


def test_a_version_stands_behind_an_at_sign() -> None:
    assert load_settings(None, (), "4.4", client="kafka-python@2.0.2").producer.retries == 0
    assert load_settings(None, (), "4.4", client="java@3.6").producer.linger_ms == 0
    with pytest.raises(ConfigError, match="version of sarama"):
        load_settings(None, (), "4.4", client="sarama@1.2")


def test_a_kind_of_file_is_of_kafkas_own_client() -> None:
    with pytest.raises(ConfigError, match="--as or --which=connect"):
        load_settings(None, (), "4.4", as_kind="connect", client="sarama")


def test_the_command_says_what_the_client_does() -> None:
    code, printed = settings("--client", "librdkafka", "--set", "enable.idempotence=true")
    assert code == 0
    assert "Your producer (librdkafka 2.16): acks=all, idempotent, at most 5 in flight" in printed
    assert "issue 4989" in printed
    assert "default of librdkafka 2.16" in printed


def test_and_programs_are_told_too() -> None:
    told = json.loads(json.dumps(answer(load_settings(None, (), "4.4", client="franz-go"))))
    assert (told["client"], told["kafka"]) == ("franz-go", "franz-go 1.22")
    assert told["settings"]["ProducerLinger"]["value"] == "10"


def test_guarantees_are_the_clients() -> None:
    _, sarama = settings("--client", "sarama")
    assert "3 retries, which a broker that is not there uses up too" in sarama
    _, plain = settings("--client", "franz-go", "--set", "DisableIdempotentWrite=true")
    assert "sent again in order, as late duplicates" not in plain  # one in flight
    assert "first copies are in order" in plain


def test_a_world_has_any_client() -> None:
    world = world_of(
        properties=None,
        kafka="4.4",
        overrides=("max_in_flight_requests_per_connection=1",),
        constants=None,
        partitions=3,
        brokers=1,
        client="kafka-python",
    )
    assert world.own.client == "kafka-python"
    assert world.own.max_in_flight_requests_per_connection == 1
    assert world.manifest()["kafka"] == "kafka-python 3.0"
    json.dumps(world.manifest())


def test_python_reads_them_too() -> None:
    resolved = public(overrides={"linger_ms": 7}, client="aiokafka")
    assert (resolved.producer.client, resolved.producer.linger_ms) == ("aiokafka", 7)
    assert public().producer == ProducerConfig()


def test_what_is_said_first_names_the_client() -> None:
    lines = describe(load_settings(None, (), "4.4", client="sarama@1.47"))
    assert lines[0].startswith("Your producer (sarama 1.47): acks=1, not idempotent")
    assert any("One request more than Net.MaxOpenRequests" in line for line in lines)
