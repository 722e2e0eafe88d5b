"""Timeouts and backoffs, and what else the client changes by itself (producer.md 1.2)."""

import pytest

from model import ConfigError
from model.settings import KafkaVersion, Resolved, resolve
from model.settings.keys import TABLE, Use

ALL = ["3.0.0", "3.0", "3.6", "3.9", "4.0", "4.1", "4.4"]


def resolved(version: str, **settings: str) -> Resolved:
    """Settings with underscores for dots."""
    return resolve(
        {key.replace("_", "."): text for key, text in settings.items()}, KafkaVersion.parse(version)
    )


def value(outcome: Resolved, key: str) -> tuple[str, str]:
    row = next(setting for setting in outcome.values if setting.key == key)
    return row.value, row.origin


@pytest.mark.parametrize("version", ALL)
def test_a_delivery_timeout_that_was_set_too_short_is_refused(version: str) -> None:
    # linger 10 + request timeout 20 = 30
    with pytest.raises(ConfigError, match=r"^delivery\.timeout\.ms=29: .* = 30$"):
        resolved(version, delivery_timeout_ms="29", linger_ms="10", request_timeout_ms="20")
    enough = resolved(version, delivery_timeout_ms="30", linger_ms="10", request_timeout_ms="20")
    assert value(enough, "delivery.timeout.ms") == ("30", "set")


@pytest.mark.parametrize("version", ALL)
def test_the_default_delivery_timeout_is_raised_instead_and_the_note_says_so(version: str) -> None:
    # 100000 + 30000 is more than the default of 120000
    outcome = resolved(version, linger_ms="100000")
    assert value(outcome, "delivery.timeout.ms") == ("130000", "changed by the client")
    assert any("raised from 120000 to 130000" in note for note in outcome.notes)
    assert not any("raised" in note for note in resolved(version, linger_ms="90000").notes)


def test_linger_and_the_sum_of_timeouts_stop_at_the_largest_int() -> None:
    outcome = resolved("4.1", linger_ms="9223372036854775807")
    assert outcome.producer.linger_ms == 2**31 - 1
    assert value(outcome, "delivery.timeout.ms")[0] == str(2**31 - 1)
    resolved("4.1", linger_ms="9223372036854775807", delivery_timeout_ms=str(2**31 - 1))


def test_a_retry_backoff_above_its_maximum_is_constant_from_3_7_on() -> None:
    settings = {"retry_backoff_ms": "2000", "retry_backoff_max_ms": "500"}
    assert any("every retry waits 500 ms" in note for note in resolved("3.7", **settings).notes)
    assert not any("every retry" in note for note in resolved("3.6", **settings).notes)
    assert any(
        "every retry waits 1000 ms" in n for n in resolved("4.1", retry_backoff_ms="1001").notes
    )
    assert not resolved("4.1", retry_backoff_ms="1000").notes


def test_a_reconnect_backoff_alone_does_not_grow() -> None:
    assert any("reconnect" in note for note in resolved("4.1", reconnect_backoff_ms="9").notes)
    both = resolved("4.1", reconnect_backoff_ms="9", reconnect_backoff_max_ms="99")
    assert not both.notes


def test_a_batch_size_of_zero_is_taken_as_one() -> None:
    outcome = resolved("3.3", batch_size="0")
    assert outcome.producer.batch_size_bytes == 1
    assert value(outcome, "batch.size") == ("1", "changed by the client")
    assert any("batch.size=0" in note for note in outcome.notes)


def test_a_partitioner_of_ones_own_switches_adaptive_partitioning_off() -> None:
    outcome = resolved("4.1", partitioner_class="org.example.Mine")
    assert not outcome.producer.partitioner_adaptive_partitioning_enable
    key = "partitioner.adaptive.partitioning.enable"
    assert value(outcome, key) == ("false", "changed by the client")
    assert any("partitioner.class" in note for note in outcome.notes)


def test_transactions_are_said_to_be_left_out() -> None:
    outcome = resolved("4.1", transactional_id="orders")
    assert any("transactions" in note for note in outcome.notes)
    assert outcome.producer.enable_idempotence


def test_what_the_model_cannot_run_passes_through_as_it_is() -> None:
    with pytest.raises(ConfigError, match=r"^batch\.size=2000: must be at most buffer\.memory"):
        resolved("4.1", batch_size="2000", buffer_memory="1999")


def test_every_setting_reaches_the_model() -> None:
    producer = resolved(
        "4.1",
        acks="1",
        batch_size="1000",
        linger_ms="3",
        buffer_memory="5000",
        max_block_ms="7",
        max_request_size="4000",
        send_buffer_bytes="-1",
        max_in_flight_requests_per_connection="2",
        partitioner_ignore_keys="True",
        partitioner_adaptive_partitioning_enable=" false ",
    ).producer
    assert (producer.acks, producer.enable_idempotence) == ("1", False)
    assert (producer.batch_size_bytes, producer.buffer_memory_bytes) == (1000, 5000)
    assert (producer.linger_ms, producer.max_block_ms) == (3, 7)
    assert (producer.max_request_size_bytes, producer.send_buffer_bytes) == (4000, -1)
    assert producer.max_in_flight_requests_per_connection == 2
    assert producer.partitioner_ignore_keys
    assert not producer.partitioner_adaptive_partitioning_enable


def test_a_key_that_is_set_is_either_told_back_or_said_to_be_left_aside() -> None:
    keys = [
        key
        for key in TABLE
        if key.known_to((4, 1)) and (key.use is not Use.IGNORES or not key.name.startswith("sasl."))
    ]
    given = {key.name: key.default_in((4, 1)) or "1" for key in keys}
    outcome = resolve(given, KafkaVersion.parse("4.1"))
    shown = {setting.key for setting in outcome.values}
    aside = {key for key, _ in outcome.ignored}
    assert shown.isdisjoint(aside)
    assert shown | aside == set(given)
    assert shown == {key.name for key in TABLE if key.use is not Use.IGNORES}
