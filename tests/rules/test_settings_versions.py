"""Which versions there are, and what each has by default (KafkaVersion, keys)."""

import pytest

from model import ConfigError, ProducerConfig
from model.settings import KafkaVersion, resolve
from model.settings.keys import TABLE, Use

MINORS = [f"3.{minor}" for minor in range(10)] + [f"4.{minor}" for minor in range(5)]


@pytest.mark.parametrize("text", [*MINORS, "3.0.0", "3.1.1", "3.9.0", "4.1.1", "4.4.0"])
def test_a_version_is_told_back_as_it_was_written(text: str) -> None:
    assert str(KafkaVersion.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["2.8", "4.5", "5.0", "3.10", "4", "", "latest", "3.9.0-rc3", "3.9.x", "-3.0", "\uff13.0"],
)
def test_a_version_outside_3_0_to_4_4_is_refused_naming_what_is_supported(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^kafka=.*from 3\.0 to 4\.4"):
        KafkaVersion.parse(text)


@pytest.mark.parametrize(
    ("text", "older"), [("3.5", False), ("3.5.0", True), ("3.5.1", False), ("3.4", True)]
)
def test_a_bare_minor_version_is_its_last_patch_release(text: str, older: bool) -> None:
    assert KafkaVersion.parse(text).precedes((3, 5), 1) is older


@pytest.mark.parametrize("version", MINORS)
def test_the_defaults_are_those_of_the_version(version: str) -> None:
    producer = resolve({}, KafkaVersion.parse(version)).producer
    assert producer.linger_ms == (5 if version.startswith("4") else 0)
    assert (producer.acks, producer.enable_idempotence) == ("all", True)
    assert producer.max_in_flight_requests_per_connection == 5
    assert producer.batch_size_bytes == 16_384
    assert producer.buffer_memory_bytes == 33_554_432
    assert producer.max_block_ms == 60_000
    assert producer.max_request_size_bytes == 1_048_576
    assert producer.send_buffer_bytes == 131_072
    has_kip_794 = version not in ("3.0", "3.1", "3.2")
    assert producer.partitioner_adaptive_partitioning_enable is has_kip_794
    assert producer.partitioner_ignore_keys is False


@pytest.mark.parametrize("version", ["4.0", "4.1", "4.2", "4.3", "4.4"])
def test_all_of_4_make_the_same_producer_by_default(version: str) -> None:
    assert resolve({}, KafkaVersion.parse(version)).producer == ProducerConfig()


@pytest.mark.parametrize("version", MINORS)
def test_every_default_is_a_value_that_its_own_key_takes(version: str) -> None:
    kafka = KafkaVersion.parse(version)
    for key in TABLE:
        if key.default_in(kafka.minor):
            key.kind.read(key.name, key.default_in(kafka.minor))


@pytest.mark.parametrize(
    ("key", "first"),
    [
        ("partitioner.adaptive.partitioning.enable", "3.3"),
        ("partitioner.ignore.keys", "3.3"),
        ("retry.backoff.max.ms", "3.7"),
        ("enable.metrics.push", "3.7"),
        ("compression.lz4.level", "3.8"),
        ("metadata.recovery.strategy", "3.8"),
        ("metadata.recovery.rebootstrap.trigger.ms", "4.0"),
        ("buffer.memory.allocation.strategy", "4.4"),
        ("partitioner.rack.aware", "4.4"),
    ],
)
def test_a_key_has_no_effect_before_the_version_it_came_with(key: str, first: str) -> None:
    # nonsense is refused by whoever reads the key, and passed over by whoever does not
    for version in MINORS[: MINORS.index(first)]:
        ignored = resolve({key: "nonsense"}, KafkaVersion.parse(version)).ignored
        assert ignored == ((key, f"came with Kafka {first}"),)
    with pytest.raises(ConfigError, match=key):
        resolve({key: "nonsense"}, KafkaVersion.parse(first))


def test_a_key_has_no_effect_after_the_version_it_went_with() -> None:
    key = "auto.include.jmx.reporter"
    with pytest.raises(ConfigError, match=key):
        resolve({key: "nonsense"}, KafkaVersion.parse("3.9"))
    ignored = resolve({key: "nonsense"}, KafkaVersion.parse("4.0")).ignored
    assert ignored == ((key, "not in Kafka after 3.9"),)


def test_values_has_a_row_for_every_key_that_is_acted_on_or_checked() -> None:
    resolved = resolve({"linger.ms": "7"}, KafkaVersion.parse("4.4"))
    expected = [key.name for key in TABLE if key.use is not Use.IGNORES]
    assert [setting.key for setting in resolved.values] == expected
    origins = {setting.key: setting.origin for setting in resolved.values}
    assert origins.pop("linger.ms") == "set"
    assert set(origins.values()) == {"default of 4.4"}


def test_a_key_left_aside_says_why_and_every_other_key_does_not() -> None:
    assert {key.name for key in TABLE if not key.why} == {
        key.name for key in TABLE if key.use is not Use.IGNORES
    }
    assert len({key.name for key in TABLE}) == len(TABLE)
