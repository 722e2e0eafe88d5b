"""Files of every kind: what is read of them, which producer is meant, and what is refused."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.files.kinds import kinds
from experiments.files.source import Source, read_source
from experiments.kit.properties import describe, load_settings
from model import ConfigError
from model.settings.keys import KEYS

REAL = tomllib.loads((Path(__file__).parent / "real_files.toml").read_text("utf-8"))["file"]
IN_FLIGHT = "max.in.flight.requests.per.connection"
SPRING = """\
spring:
  profiles:
    active: {active}
---
spring:
  config.activate.on-profile: dev
  kafka.producer.acks: 1
---
spring:
  config.activate.on-profile: prod
  kafka.producer:
    acks: all
    batch-size: 32KB
    properties:
      "[linger.ms]": ${{LINGER:20}}
"""


def source(folder: Path, name: str, text: str, as_kind: str = "", which: str = "") -> Source:
    path = folder / name
    path.write_text(text)
    return read_source(path, as_kind, which)


def settings(folder: Path, name: str, text: str, *options: str) -> dict[str, str]:
    """What the client is handed."""
    found = source(folder, name, text, *options)
    return {key: setting.value for key, setting in found.settings.items()}


def refusal(folder: Path, name: str, text: str, *options: str) -> str:
    with pytest.raises(ConfigError) as caught:
        source(folder, name, text, *options)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_each_kind_hands_the_client_keys_that_it_knows() -> None:
    for kind in kinds():
        sets = [key for when in kind.when for key in when.sets]
        assert {*kind.base, *kind.fields.values(), *kind.sizes, *sets} <= set(KEYS)


def test_a_spring_file_is_read_as_spring_reads_it(tmp_path: Path) -> None:
    found = source(tmp_path, "application.yml", SPRING.format(active="prod"))
    assert {key: (each.value, each.origin) for key, each in found.settings.items()} == {
        "acks": ("all", "line 12"),
        "batch.size": ("32768", "line 13"),
        "linger.ms": ("20", "line 15"),
    }
    assert found.notes == (
        "Taken from a placeholder's default: linger.ms; your environment decides",
    )


def test_profiles_that_differ_are_asked_for(tmp_path: Path) -> None:
    text = SPRING.format(active="").replace("active: ", "include: x")
    assert "--which with one of dev, prod" in refusal(tmp_path, "application.yml", text)
    assert settings(tmp_path, "application.yml", text, "", "dev") == {"acks": "1"}


def test_what_a_framework_passes_over_is_said_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "application.properties"
    path.write_text(
        "spring.kafka.producer.acks=all\nspring.kafka.producer.enable-idempotence=false\n"
    )
    loaded = load_settings(path, [], "4.1")
    assert loaded.producer.enable_idempotence
    first, *rest = describe(loaded)
    assert first.endswith("not understood: spring.kafka.producer.enable-idempotence")
    assert any("write spring.kafka.producer.properties.KEY" in line for line in rest)


def test_names_are_the_same_with_dashes_capitals_and_underscores(tmp_path: Path) -> None:
    wanted = {"acks": "1", "batch.size": "100"}
    for text in (
        "spring.kafka.producer.acks=1\nspring.kafka.producer.batchSize=100",
        "SPRING_KAFKA_PRODUCER_ACKS=1\nexport SPRING_KAFKA_PRODUCER_BATCH_SIZE='100'",
        "SPRING_KAFKA_PRODUCER_ACKS=${ACKS:-1}\nSPRING_KAFKA_PRODUCER_BATCHSIZE=100",
    ):
        assert settings(tmp_path, "file.env", text) == wanted


@pytest.mark.parametrize(
    "environment",
    [
        "      CONNECT_PRODUCER_LINGER_MS: 7",
        "      - CONNECT_PRODUCER_LINGER_MS=7",
        "      - {name: CONNECT_PRODUCER_LINGER_MS, value: '7'}",
    ],
)
def test_an_environment_is_read_in_each_of_its_forms(tmp_path: Path, environment: str) -> None:
    text = f"services:\n  one:\n    environment:\n{environment}\n"
    found = source(tmp_path, "compose.yml", text)
    assert found.settings["linger.ms"].value == "7"
    assert found.settings[IN_FLIGHT] == found.settings["acks"].__class__("1", "Connect's default")
    assert "a Kafka Connect worker (one)" in found.told


def test_what_a_connector_sets_goes_before_connects_own_and_a_worker_knows_no_override(
    tmp_path: Path,
) -> None:
    connector = '{"name": "c", "config": {"connector.class": "X", "producer.override.acks": 1}}'
    assert settings(tmp_path, "c.json", connector)["acks"] == "1"
    worker = "key.converter=X\nproducer.acks=1\nproducer.override.linger.ms=9\n"
    assert settings(tmp_path, "w.properties", worker)["acks"] == "1"
    assert "linger.ms" not in settings(tmp_path, "w.properties", worker)


def test_mirrormakers_flows_have_producers_of_their_own(tmp_path: Path) -> None:
    text = (
        "clusters=A,B\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\n"
        "A->B.enabled=true\nB->A.enabled=true\nB.producer.linger.ms=9\nproducer.acks=1\n"
        "B->A.producer.override.linger.ms=8\n"
    )
    assert "--which with one of A->B, B->A" in refusal(tmp_path, "mm2.properties", text)
    for flow, linger in (("A->B", "9"), ("B->A", "8")):
        found = source(tmp_path, "mm2.properties", text, "", flow)
        assert found.settings["linger.ms"].value == linger
        assert found.settings["acks"].origin == "Connect's default"
        assert found.misplaced == ("producer.acks",)


def test_a_file_in_a_config_map_is_read(tmp_path: Path) -> None:
    text = "kind: ConfigMap\ndata:\n  application.yml: |\n    spring.kafka.producer.acks: 0\n"
    assert settings(tmp_path, "map.yaml", text) == {"acks": "0"}


def test_micronauts_producers_share_what_is_kafkas_and_not_the_default_ones(tmp_path: Path) -> None:
    text = "kafka:\n  acks: 1\n  producers:\n    default: {retries: 9}\n    other: {linger.ms: 3}\n"
    assert "one of default, other" in refusal(tmp_path, "a.yml", text)
    assert settings(tmp_path, "a.yml", text, "", "other") == {"acks": "1", "linger.ms": "3"}


def test_what_a_client_logged_is_read_as_it_ended_up(tmp_path: Path) -> None:
    text = (
        "[main] INFO ProducerConfig - ProducerConfig values:\n\tacks = 1\n\tclient.id = a\n"
        "\tlinger.ms = 0\n\ttransactional.id = null\n\tinterceptor.classes = []\n\n"
        "[main] INFO ConsumerConfig values:\n\tlinger.ms = 9\n"
        "[main] INFO ProducerConfig values:\n\tacks = -1\n\tclient.id = b\n"
    )
    assert "--which with one of a, b" in refusal(tmp_path, "app.log", text)
    found = source(tmp_path, "app.log", text, "", "a")
    assert {key: (each.value, each.origin) for key, each in found.settings.items()} == {
        "acks": ("1", "line 2"),
        "client.id": ("a", "line 3"),
        "linger.ms": ("0", "line 4"),
    }


def test_confluents_operator_has_the_workers_settings_as_lines(tmp_path: Path) -> None:
    text = "kind: Connect\nspec:\n  configOverrides:\n    server: [producer.acks=1]\n"
    assert settings(tmp_path, "connect.yaml", text)["acks"] == "1"


def test_what_streams_sets_for_exactly_once(tmp_path: Path) -> None:
    text = "application.id=a\nbootstrap.servers=b:1\nprocessing.guarantee=exactly_once_v2\n"
    found = settings(tmp_path, "streams.properties", text)
    assert (found["linger.ms"], found["enable.idempotence"]) == ("100", "true")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yml", "acks: all\nacks: 1\n", "acks twice"),
        ("a.json", '{"acks": 1, "acks": 2}', "acks twice"),
        ("a.yml", "a: [1\n", "YAML (line 2)"),
        ("a.json", '{"a": }', "JSON (line 1)"),
        ("a.yml", "a: \x1b[31m\n", "characters"),
        ("a.yml", "a: &a [*a]\n", "deeper than 40"),
        ("a.yml", "[" * 100, "deeper than 40"),
        ("a.json", "[" * 100_000, "deeper than 40"),
        ("a.yml", "? [a]\n: b\n", "no plain word"),
        ("a.py", "conf = {}\n", "source code"),
        ("a.conf", "kafka {\n  acks = all\n}\n", "HOCON"),
        ("a.config", "sasl.mechanisms=PLAIN\nlinger.ms=5\n", "librdkafka"),
        ("a.properties", "queue.buffering.max.ms=5\nacks=all\n", "librdkafka"),
        ("a.yml", "bootstrap_servers: a\nlinger_ms: 5\n", "kafka-python"),
        ("a.properties", "producer.acks=all\nconsumer.group.id=a\n", "--as connect or --as prefix"),
        ("a.yml", "app.kafka.producer.linger-ms: 5\n", "--as prefix:app.kafka.producer"),
        ("a.properties", "", "has no producer's setting; read are"),
        ("a.yml", "", "has no producer's setting; read are"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    assert words in refusal(tmp_path, name, text)


def test_a_bomb_of_aliases_or_merges_is_refused(tmp_path: Path) -> None:
    levels = "abcdefghijkl"
    for many in ("{0}: &{0} [{1}]\n", "{0}: &{0} {{<<: [{1}]}}\n"):
        text = "z: &z {k: v}\n"
        for below, level in zip("z" + levels, levels, strict=False):
            text += many.format(level, ", ".join([f"*{below}"] * 9))
        assert "over 20000 values" in refusal(tmp_path, "bomb.yml", text)


def test_a_prefix_of_ones_own_is_read_when_it_is_named(tmp_path: Path) -> None:
    text = "app:\n  kafka:\n    producer:\n      linger-ms: 5\n      batchSize: 9\n      other: 1\n"
    found = source(tmp_path, "a.yml", text, "prefix:app.kafka.producer")
    assert {key: each.value for key, each in found.settings.items()} == {
        "linger.ms": "5",
        "batch.size": "9",
    }
    assert found.unknown == {"other": "1"}


def test_a_kind_without_a_file_is_what_it_sets_itself() -> None:
    producer = load_settings(None, [], "4.1", "connect").producer
    assert producer.max_in_flight_requests_per_connection == 1
    assert not producer.enable_idempotence
    with pytest.raises(ConfigError, match="--as=nobody: must be one of"):
        read_source(None, "nobody")
    with pytest.raises(ConfigError, match="--which=x"):
        read_source(None, "", "x")


def test_keys_of_others_are_told_without_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "java.config"
    path.write_text("acks=all\nsession.timeout.ms=45000\nreplication.factor=3\n")
    lines = describe(load_settings(path, [], "4.1"))
    assert "Of consumers, not of the producer: session.timeout.ms" in lines
    assert "Of the topic: replication.factor=3" in lines
    assert not any("did you mean" in line for line in lines)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A real file with some of it cut out, doubled, or replaced by what readers trip over."""
    case = draw(st.sampled_from(REAL))
    content = case["text"].encode()
    pieces = st.sampled_from(
        [b"\0", b"\xff", b"{", b"[", b": ", b"- ", b"*a", b"&a ", b"${", b"'", b"\t", b"%", b"->"]
    )
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        middle = draw(st.one_of(pieces, st.just(b""), st.just(content[start:end] * 2)))
        content = content[:start] + middle + content[end:]
    return draw(st.sampled_from([case["name"], "x", "x.yml", "x.json", "x.env"])), content


@given(damaged())
def test_a_damaged_file_is_answered_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[str, bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / file[0]
    path.write_bytes(file[1])
    try:
        lines = describe(load_settings(path, [], "3.6"))
    except ConfigError as error:
        lines = [str(error)]
    assert all(line.isprintable() for line in lines)
