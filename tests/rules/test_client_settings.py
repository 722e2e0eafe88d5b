"""Options of other clients: their defaults by version, their spellings, what they refuse."""

from typing import Any

import pytest

from model import ConfigError, ProducerConfig, producer_of
from model.clients import PROFILES
from model.clients.options import Option
from model.clients.profile import Names, Profile
from model.settings import ClientRelease, presets, release_name, resolve, resolve_preset
from model.settings.versions import KafkaVersion

OTHERS = [name for name, profile in PROFILES.items() if profile.options]
LIBRDKAFKA_IDEMPOTENT = {"enable.idempotence": "true"}


def of(client: str, version: str = "", **options: Any) -> ProducerConfig:
    """A producer with these options; underscores stand for dots where the client has dots."""
    return producer_of(client, version, **options)


@pytest.mark.parametrize("client", OTHERS)
def test_every_client_makes_a_producer_by_default(client: str) -> None:
    producer = producer_of(client)
    assert producer.client == client
    assert producer.profile is PROFILES[client]


@pytest.mark.parametrize("client", OTHERS)
def test_oldest_and_newest_release_are_read_and_no_other(client: str) -> None:
    profile = PROFILES[client]
    for version in (profile.oldest, profile.newest, f"{profile.newest}.1"):
        assert resolve_preset(client, version, {}).producer.profile.title == profile.title
    for version in ("0.0.1", "99.0", "latest"):
        with pytest.raises(ConfigError, match=f"version of {client}"):
            resolve_preset(client, version, {})


@pytest.mark.parametrize(
    ("version", "attribute", "value"),
    [
        ("0.11", "acks", "1"),
        ("0.11", "linger_ms", 0.0),
        ("1.4", "linger_ms", 0.5),
        ("1.5.1", "retries", 2),
        ("1.5.2", "retries", 2**31 - 1),
        ("1.5.1", "produce_timeout_ms", 5_000),
        ("2.2", "retry_backoff_max_ms", 100),
        ("2.3", "retry_backoff_max_ms", 1_000),
        ("1.5", "sticky_partitioning_linger_ms", 0),
        ("1.6", "sticky_partitioning_linger_ms", 10),
    ],
)
def test_defaults_of_librdkafka_change_with_its_version(
    version: str, attribute: str, value: object
) -> None:
    assert getattr(producer_of("librdkafka", version), attribute) == value


@pytest.mark.parametrize(
    ("client", "version", "attribute", "value"),
    [
        ("kafka-python", "2.0.2", "retries", 0),
        ("kafka-python", "2.0.2", "buffer_records", None),
        ("kafka-python", "2.2", "enable_idempotence", False),
        ("kafka-python", "3.0", "enable_idempotence", True),
        ("kafka-python", "3.0", "acks", "all"),
        ("franz-go", "1.19", "linger_ms", 0.0),
        ("franz-go", "1.20", "linger_ms", 10.0),
        ("sarama", "1.42", "batch_size_bytes", 1_000_000),
        ("sarama", "1.47", "guarantees_message_order", False),
        ("sarama", "1.48", "guarantees_message_order", True),
        ("aiokafka", "0.14", "max_in_flight_requests_per_connection", 1),
    ],
)
def test_defaults_of_others_change_with_their_version(
    client: str, version: str, attribute: str, value: object
) -> None:
    assert getattr(producer_of(client, version), attribute) == value


def test_idempotent_librdkafka_allows_five_unless_fewer_are_set() -> None:
    five = resolve_preset("librdkafka", "", LIBRDKAFKA_IDEMPOTENT).producer
    assert (five.max_in_flight_requests_per_connection, five.acks) == (5, "all")
    two = resolve_preset("librdkafka", "", {**LIBRDKAFKA_IDEMPOTENT, "max.in.flight": "2"}).producer
    assert two.max_in_flight_requests_per_connection == 2


def test_librdkafka_stays_on_a_partition_for_two_lingers_unless_told() -> None:
    assert producer_of("librdkafka", **{"linger.ms": 20}).sticky_partitioning_linger_ms == 40
    told = {"linger.ms": 20, "sticky.partitioning.linger.ms": 0}
    assert producer_of("librdkafka", **told).sticky_partitioning_linger_ms == 0


def test_idempotent_franz_go_keeps_five_whatever_its_setting_says() -> None:
    assert producer_of("franz-go").max_in_flight_requests_per_connection == 5
    plain = producer_of("franz-go", DisableIdempotentWrite=True)
    assert plain.max_in_flight_requests_per_connection == 1


@pytest.mark.parametrize(
    ("client", "options", "told"),
    [
        ("librdkafka", {**LIBRDKAFKA_IDEMPOTENT, "max.in.flight": "6"}, "max.in.flight.*at most 5"),
        ("librdkafka", {**LIBRDKAFKA_IDEMPOTENT, "acks": "1"}, "acks.*all"),
        ("librdkafka", {**LIBRDKAFKA_IDEMPOTENT, "retries": "0"}, "retries.*at least 1"),
        ("librdkafka", {"linger.ms": "900001"}, "linger.ms"),
        ("librdkafka", {"linger.mss": "1"}, "did you mean linger.ms"),
        ("librdkafka", {"linger.ms": "10", "message.timeout.ms": "10"}, "greater than linger.ms"),
        ("librdkafka", {"reconnect.backoff.max.ms": "10"}, "reconnect.backoff.max.ms.*at least"),
        ("librdkafka", {"enable.gapless.guarantee": "true"}, "enable.gapless.guarantee"),
        ("franz-go", {"MaxProduceRequestsInflightPerBroker": "5"}, "1 unless"),
        ("franz-go", {"RequiredAcks": "1"}, "RequiredAcks=1"),
        ("sarama", {"Producer.Idempotent": "true"}, "WaitForAll"),
        (
            "sarama",
            {"Producer.Idempotent": "true", "Producer.Retry.Max": "0"},
            "Max=0: .*at least 1",
        ),
        (
            "sarama",
            {"Producer.Idempotent": "true", "Producer.RequiredAcks": "-1"},
            "=5: must be 1 w",
        ),
        ("kafka-python", {"max_in_flight_requests_per_connection": "6"}, "at most 5"),
        ("kafka-python", {"retries": "0"}, "retries=0: must be above 0"),
        ("kafka-python", {"acks": "1"}, "acks=1: must be all"),
        ("librdkafka", {"linger.ms": "${file:linger}"}, "linger.ms=.a placeholder.*"),
        ("kafka-python", {"linger.ms": "6"}, "no option.*did you mean linger_ms"),
        ("aiokafka", {"enable_idempotence": "true", "acks": "1"}, "acks=1"),
        ("aiokafka", {"linger_ms": "soon"}, "linger_ms=soon"),
    ],
)
def test_what_a_client_refuses_is_refused_in_one_line(
    client: str, options: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as refusal:
        resolve_preset(client, "", options)
    assert "\n" not in str(refusal.value)


def test_an_option_that_a_release_does_not_have_is_none_of_it() -> None:
    with pytest.raises(ConfigError, match=r"no option of librdkafka 2\.2"):
        resolve_preset("librdkafka", "2.2", {"retry.backoff.max.ms": "5"})
    with pytest.raises(ConfigError, match=r"no option of kafka-python 2\.1"):
        resolve_preset("kafka-python", "2.1", {"buffer_memory": "5000000"})


#: A client that says nothing but its options, whose rules are Java's.
PLAIN = Profile(
    name="sarama",
    title="plain",
    names=Names(idempotent={}, plain={}, batch_bytes="batch"),
    oldest="1.1",
    newest="1.9",
    options=(
        Option("wait", "number", 3.0, "linger_ms", was=(("1.2", 1.0), ("1.4", 2.0))),
        Option("batch", "whole", 7, "batch_size_bytes", ("size",), low=5, high=9, until="1.3"),
        Option("retries", "whole", 8, since="1.4"),
    ),
)


@pytest.mark.parametrize(
    ("version", "waits", "batch"),
    [("1.1.0", 1.0, 7), ("1.1", 1.0, 7), ("1.2", 2.0, 7), ("1.3.9", 2.0, 7), ("1.4", 3.0, 16_384)],
)
def test_a_client_that_lists_its_options_is_one(
    version: str, waits: float, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presets, "PROFILES", {"plain": PLAIN})
    resolved = resolve_preset("plain", version, {})
    assert (resolved.producer.linger_ms, resolved.producer.batch_size_bytes) == (waits, batch)
    assert (resolved.notes, resolved.ignored) == ((), ())
    # 1.3 is the last with the second, 1.4 the first with the third; 1.2.x is of 1.2
    names = [setting.key for setting in resolved.values]
    assert names == ["wait", "retries" if version == "1.4" else "batch"]


@pytest.mark.parametrize(
    ("option", "text", "taken"),
    [("size", "4", False), ("size", "5", True), ("batch", "9", True), ("batch", "10", False)],
)
def test_an_option_takes_what_is_between_its_ends(
    option: str, text: str, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presets, "PROFILES", {"plain": PLAIN})
    if taken:
        resolved = resolve_preset("plain", "1.3", {option: text})
        assert resolved.producer.batch_size_bytes == int(text)
    else:
        with pytest.raises(ConfigError, match=f"^batch={text}: must be .* from 5 to 9$"):
            resolve_preset("plain", "1.3", {option: text})


def test_a_placeholder_for_what_is_left_aside_is_no_matter() -> None:
    resolved = resolve_preset("librdkafka", "", {"client.id": "${env:ME}"})
    assert [name for name, _ in resolved.ignored] == ["client.id"]


@pytest.mark.parametrize(
    ("client", "options"),
    [
        ("librdkafka", {**LIBRDKAFKA_IDEMPOTENT, "max.in.flight": "5", "retries": "1"}),
        (
            "sarama",
            {
                "Producer.Idempotent": "true",
                "Producer.RequiredAcks": "WaitForAll",
                "Net.MaxOpenRequests": "1",
                "Producer.Retry.Max": "1",
            },
        ),
        ("kafka-python", {"max_in_flight_requests_per_connection": "5", "retries": "1"}),
        ("kafka-python", {"enable_idempotence": "false", "retries": "0", "acks": "1"}),
        ("franz-go", {"DisableIdempotentWrite": "true", "RequiredAcks": "1"}),
        ("aiokafka", {"enable_idempotence": "true", "acks": "all"}),
    ],
)
def test_what_is_just_allowed_is_taken(client: str, options: dict[str, str]) -> None:
    assert resolve_preset(client, "", options).producer.client == client


def test_what_is_left_aside_is_listed_without_its_value() -> None:
    given = {"ssl.key.password": "secret", "client.id": "me", "linger.ms": "1"}
    resolved = resolve_preset("librdkafka", "", given)
    assert {name for name, _ in resolved.ignored} == {"ssl.key.password", "client.id"}
    assert "secret" not in repr(resolved) + str(resolved.values) + str(resolved.ignored)


def test_where_a_setting_is_from_is_told_under_its_own_name() -> None:
    given = {"queue.buffering.max.ms": "3"}
    resolved = resolve_preset("librdkafka", "", given, {"queue.buffering.max.ms": "a file"})
    settings = {each.key: each for each in resolved.values}
    assert (settings["linger.ms"].value, settings["linger.ms"].origin) == ("3", "a file")
    assert settings["acks"].origin == "default of librdkafka 2.16"


def test_a_release_has_the_name_that_people_use() -> None:
    assert release_name(ClientRelease("sarama", "1.61")) == "sarama 1.61"
    assert release_name(KafkaVersion.parse("3.6")) == "Kafka 3.6"
    assert repr(resolve_preset("sarama", "", {})).startswith("<Resolved for sarama 1.61")
    assert repr(resolve({}, KafkaVersion.parse("3.6"))).startswith("<Resolved for Kafka 3.6")


def test_a_client_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="client=rskafka: must be one of java, "):
        resolve_preset("rskafka", "", {})
    with pytest.raises(ConfigError, match="client=rskafka: must be one of java, "):
        ProducerConfig(client="rskafka")


#: One default for each kind that the real client tells when it refuses.
REFUSED_BY_LIBRDKAFKA = [
    {},
    {"max.in.flight": "6"},
    {"max.in.flight": "5"},
    {"acks": "1"},
    {"acks": "all"},
    {"acks": "-2"},
    {"acks": "every"},
    {"retries": "0"},
    {"linger.ms": "0.5"},
    {"linger.ms": "900001"},
    {"batch.size": "0"},
    {"batch.num.messages": "0"},
    {"message.max.bytes": "999"},
    {"queue.buffering.max.kbytes": "0"},
    {"socket.timeout.ms": "9"},
    {"request.timeout.ms": "0"},
    {"enable.gapless.guarantee": "true"},
    {"queuing.strategy": "lifo"},
    {"partitioner": "murmur2"},
    {"partitioner": "mine"},
    {"reconnect.backoff.max.ms": "50"},
    {"message.timeout.ms": "5", "linger.ms": "5"},
    {"message.timeout.ms": "0", "linger.ms": "5"},
    {"retry.backoff.ms": "0"},
    {"sticky.partitioning.linger.ms": "900001"},
    {"linger_ms": "5"},
]


@pytest.mark.parametrize("idempotent", ["false", "true"])
@pytest.mark.parametrize("options", REFUSED_BY_LIBRDKAFKA, ids=str)
def test_refusals_are_those_of_the_real_librdkafka(
    options: dict[str, str], idempotent: str
) -> None:
    real = pytest.importorskip("confluent_kafka")
    given = {"enable.idempotence": idempotent, **options}
    try:
        real.Producer({**given, "log_level": "0"})
        taken = True
    except real.KafkaException:
        taken = False
    try:
        resolve_preset("librdkafka", "", given)
        ours = True
    except ConfigError:
        ours = False
    assert ours == taken
