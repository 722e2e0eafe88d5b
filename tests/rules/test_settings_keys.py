"""What text each key takes, what is ignored and what is unknown (ConfigDef.parseType)."""

import re

import pytest

from model import ConfigError
from model.settings import KafkaVersion, Resolved, resolve

LATEST = KafkaVersion.parse("4.4")


def resolved(key: str, text: str, kafka: str = "4.1") -> Resolved:
    return resolve({key: text}, KafkaVersion.parse(kafka))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("linger.ms", "2.5"),
        ("linger.ms", "-1"),
        ("linger.ms", ""),
        ("linger.ms", "5ms"),
        ("linger.ms", "1_000"),
        ("linger.ms", "0x10"),
        ("linger.ms", "9223372036854775808"),
        ("linger.ms", "9" * 5000),
        ("linger.ms", "\U0001d7d9"),  # a digit beyond the first 65536 characters
        ("batch.size", "-1"),
        ("batch.size", "2147483648"),
        ("batch.size", "16k"),
        ("retries", "-1"),
        ("retries", "2147483648"),
        ("max.in.flight.requests.per.connection", "0"),
        ("delivery.timeout.ms", "2147483648"),
        ("request.timeout.ms", "-1"),
        ("send.buffer.bytes", "-2"),
        ("receive.buffer.bytes", "-2"),
        ("buffer.memory", "32MB"),
        ("enable.idempotence", "yes"),
        ("enable.idempotence", "1"),
        ("enable.idempotence", ""),
        ("partitioner.ignore.keys", "on"),
        ("compression.type", "lzo"),
        ("compression.type", "GZIP"),
        ("compression.gzip.level", "0"),
        ("compression.gzip.level", "10"),
        ("compression.lz4.level", "18"),
        ("compression.zstd.level", "23"),
        ("metadata.max.idle.ms", "4999"),
        ("metrics.num.samples", "0"),
        ("metrics.recording.level", "info"),
        ("client.dns.lookup", "default"),
        ("transactional.id", ""),
        ("key.serializer", ""),
        ("partitioner.class", " "),
        ("security.protocol", "TLS"),
        ("metadata.recovery.strategy", "never"),
        ("sasl.login.refresh.window.factor", "0.4"),
        ("sasl.login.refresh.window.jitter", "lots"),
        ("sasl.login.refresh.buffer.seconds", "3601"),
    ],
)
def test_text_that_the_client_refuses_is_refused_in_one_line(key: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(key, text)
    assert str(caught.value).startswith(f"{key}=")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("linger.ms", "+5"),
        ("linger.ms", "\t 5 \n"),
        ("linger.ms", "005"),
        ("linger.ms", "\u0665"),  # parseLong takes an Arabic-Indic five
        ("enable.idempotence", "tRuE"),
        ("security.protocol", "plaintext"),
        ("metadata.recovery.strategy", "Rebootstrap"),
        ("compression.gzip.level", "-1"),
        ("compression.zstd.level", "-131072"),
        ("connections.max.idle.ms", "-1"),
        ("interceptor.classes", ""),
        ("client.id", ""),
        ("sasl.login.refresh.window.factor", "0.5"),
        ("sasl.kerberos.ticket.renew.jitter", ".05d"),
    ],
)
def test_text_that_the_client_takes_is_taken(key: str, text: str) -> None:
    assert resolved(key, text).producer == resolve({}, LATEST).producer


def test_a_message_escapes_what_cannot_be_printed_and_cuts_what_is_long() -> None:
    with pytest.raises(ConfigError) as caught:
        resolved("acks", "a\x1b[2Jone\ntwo" + "x" * 1000)
    assert r"acks=a\x1b[2Jone\ntwoxxx" in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("protocol", "kafka", "refused"),
    [
        ("ssl", "3.2", False),
        ("ssl", "3.3", True),
        ("ssl", "3.5.0", True),
        ("ssl", "3.5.1", False),
        ("ssl", "4.4", False),
        ("SSL", "3.4", False),
    ],
)
def test_the_case_of_the_protocol_mattered_from_3_3_0_to_3_5_0(
    protocol: str, kafka: str, refused: bool
) -> None:
    if refused:
        with pytest.raises(ConfigError, match=r"^security\.protocol=ssl"):
            resolved("security.protocol", protocol, kafka)
    else:
        assert resolved("security.protocol", protocol, kafka).producer


@pytest.mark.parametrize(("kafka", "refused"), [("3.2", False), ("3.3", True), ("4.4", True)])
def test_sasl_without_a_mechanism_is_refused_from_3_3_on(kafka: str, refused: bool) -> None:
    settings = {"security.protocol": "SASL_SSL", "sasl.mechanism": ""}
    if refused:
        with pytest.raises(ConfigError, match=r"^sasl\.mechanism="):
            resolve(settings, KafkaVersion.parse(kafka))
    else:
        assert resolve(settings, KafkaVersion.parse(kafka)).producer


@pytest.mark.parametrize("name", ["internals.DefaultPartitioner", "UniformStickyPartitioner"])
def test_partitioners_that_4_0_removed_are_refused_from_then_on(name: str) -> None:
    text = f"org.apache.kafka.clients.producer.{name}"
    assert resolved("partitioner.class", text, "3.9").producer
    with pytest.raises(ConfigError, match=r"^partitioner\.class="):
        resolved("partitioner.class", text, "4.0")


def test_two_phase_commit_excludes_a_transaction_timeout() -> None:
    settings = {
        "transactional.id": "t",
        "transaction.two.phase.commit.enable": "true",
        "transaction.timeout.ms": "60000",
    }
    assert resolve(settings, KafkaVersion.parse("4.0")).producer
    with pytest.raises(ConfigError, match=r"^transaction\.timeout\.ms="):
        resolve(settings, LATEST)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("max.in.flight.request.per.connection", "max.in.flight.requests.per.connection"),
        ("max.inflight.requests.per.connection", "max.in.flight.requests.per.connection"),
        ("MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION", "max.in.flight.requests.per.connection"),
        ("linger_ms", "linger.ms"),
        ("batchsize", "batch.size"),
        ("ack", "acks"),
        ("enable.idempotance", "enable.idempotence"),
        ("compresion.type", "compression.type"),
        ("bootstrap.server", "bootstrap.servers"),
        ("ssl.trustore.location", "ssl.truststore.location"),
        ("group.id", None),
        ("schema.registry.url", None),
    ],
)
def test_a_misspelt_key_is_unknown_and_gets_a_suggestion(written: str, meant: str | None) -> None:
    outcome = resolved(written, "1")
    assert outcome.unknown == ((written, meant),)
    assert outcome.producer == resolve({}, LATEST).producer


@pytest.mark.parametrize(
    "key",
    [
        "ssl.keystore.location",
        "sasl.jaas.config",
        "sasl.oauthbearer.client.credentials.client.id",
        "sasl.oauthbearer.jwt.retriever.class",
        "security.providers",
        "config.providers.file.class",
        "interceptor.classes",
        "key.serializer",
    ],
)
def test_a_key_that_the_model_does_not_use_is_ignored_with_a_reason(key: str) -> None:
    outcome = resolved(key, "none")
    ((name, why),) = outcome.ignored
    assert name == key
    assert why
    assert not outcome.unknown


def test_a_key_left_at_its_default_is_said_to_be_there() -> None:
    assert resolved("client.dns.lookup", "use_all_dns_ips").ignored == (
        ("client.dns.lookup", "at its default"),
    )


def test_a_codec_and_its_level_are_the_producer_s() -> None:
    levels = {"compression.gzip.level": "1", "compression.zstd.level": "9"}
    settings = {"compression.type": "zstd", **levels}
    producer = resolve(settings, LATEST).producer
    assert (producer.compression_type, producer.compression_level) == ("zstd", 9)
    assert resolve(settings, KafkaVersion.parse("3.7")).producer.compression_level is None
    assert resolve({"compression.type": "lz4"}, LATEST).producer.compression_level is None


def test_security_is_the_producer_s() -> None:
    settings = {
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "SCRAM-SHA-256",
        "ssl.enabled.protocols": "TLSv1.2",
    }
    producer = resolve(settings, LATEST).producer
    assert producer.security_protocol == "SASL_SSL"
    assert producer.sasl_mechanism == "SCRAM-SHA-256"
    assert producer.tls_version == "TLSv1.2"
    assert resolve({"security.protocol": "SSL"}, LATEST).producer.tls_version == "TLSv1.3"


@pytest.mark.parametrize("key", ["ssl.cipher.suites", "interceptor.classes", "metric.reporters"])
@pytest.mark.parametrize("text", ["a,,b", "a,", " , "])
def test_a_list_with_an_empty_member_is_refused_from_4_2_on(key: str, text: str) -> None:
    assert resolved(key, text, "4.1").producer
    with pytest.raises(ConfigError, match=rf"^{re.escape(key)}=.*without an empty member"):
        resolved(key, text, "4.2")
    assert resolved(key, "", "4.2").producer


@pytest.mark.parametrize("kafka", ["3.0", "4.1", "4.2", "4.4"])
def test_no_client_starts_without_an_address(kafka: str) -> None:
    with pytest.raises(ConfigError, match=r"^bootstrap\.servers=: must be one address or more"):
        resolved("bootstrap.servers", "", kafka)


def test_rack_awareness_needs_a_rack() -> None:
    aware = {"partitioner.rack.aware": "true"}
    with pytest.raises(ConfigError, match=r"^client\.rack=: must be given"):
        resolve(aware, LATEST)
    assert resolve(aware | {"client.rack": "a"}, LATEST).producer
    assert resolve(aware, KafkaVersion.parse("4.3")).producer


@pytest.mark.parametrize(
    ("codec", "batch", "kafka", "refused"),
    [
        ("lz4", "16384", "4.4", True),
        ("lz4", "16383", "4.4", False),
        ("lz4", "16384", "4.3", False),
        ("none", "16384", "4.4", False),
        ("${file:codec}", "16384", "4.4", False),
    ],
)
def test_buffers_that_grow_take_no_compression(
    codec: str, batch: str, kafka: str, refused: bool
) -> None:
    strategy = {"buffer.memory.allocation.strategy": "Incremental"}
    settings = strategy | {"compression.type": codec, "batch.size": batch}
    if refused:
        with pytest.raises(ConfigError, match=rf"^compression\.type={codec}: must be none"):
            resolve(settings, KafkaVersion.parse(kafka))
    else:
        assert resolve(settings, KafkaVersion.parse(kafka)).producer


def test_a_reconnect_backoff_set_alone_is_told_as_what_the_client_makes_of_it() -> None:
    settings = {row.key: row for row in resolved("reconnect.backoff.ms", "9").values}
    assert settings["reconnect.backoff.max.ms"].value == "9"
    assert settings["reconnect.backoff.max.ms"].origin == "changed by the client"
