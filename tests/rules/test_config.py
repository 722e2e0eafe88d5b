"""Every rule of the configuration: refused with one line that names setting, value and rule."""

import math
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
    ConfigError,
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
)
from model.config.machines import load_machine, read_machine

CONSTANTS = {field.name: 1.0 for field in fields(MachineConfig)}
PATH = PathConfig(rtt_ms=1)
IN_FLIGHT = "max.in.flight.requests.per.connection"


def producer(**settings: Any) -> Callable[[], object]:
    return lambda: ProducerConfig(**settings)


@pytest.mark.parametrize(
    ("build", "line"),
    [
        (lambda: PathConfig(rtt_ms=-1), "rtt-ms=-1: must be a number >= 0"),
        (lambda: PathConfig(rtt_ms=math.nan), "rtt-ms=nan: must be a number >= 0"),
        (lambda: PathConfig(rtt_ms=math.inf), "rtt-ms=inf: must be a number >= 0"),
        (lambda: PathConfig(rtt_ms=1, bytes_per_s=0), "path rate in bytes/s=0: must be >= 1"),
        (
            lambda: PathConfig(rtt_ms=1, bytes_per_s=math.nan),
            "path rate in bytes/s=nan: must be >= 1",
        ),
        (
            lambda: BrokerConfig(num_network_threads=0),
            "num.network.threads=0: must be a whole number from 1 to 1000",
        ),
        (
            lambda: BrokerConfig(num_io_threads=0),
            "num.io.threads=0: must be a whole number from 1 to 1000",
        ),
        (
            lambda: TopicConfig(partitions=1_000_000),
            "partitions=1000000: must be a whole number from 1 to 10000",
        ),
        (
            lambda: TopicConfig(brokers=0),
            "brokers=0: must be a whole number from 1 to 1000",
        ),
        (
            lambda: MachineConfig(**CONSTANTS | {"broker_byte_us": -1}),
            "broker_byte_us=-1: must be a number >= 0",
        ),
        (
            lambda: MachineConfig(**CONSTANTS | {"wake_after_us": 0}),
            "wake_after_us=0: must be > 0",
        ),
        (lambda: OpenLoop(0), "rate in records/s=0: must be a number > 0"),
        (lambda: OpenLoop(math.nan), "rate in records/s=nan: must be a number > 0"),
        (
            lambda: OpenLoop(1, "odd"),  # type: ignore[arg-type]  # that is the point
            "arrivals=odd: must be even or poisson",
        ),
        (
            lambda: ClosedLoop(0),
            "outstanding=0: must be a whole number from 1 to 1000000",
        ),
        (
            lambda: Workload(value_bytes=-1),
            "value size in bytes=-1: must be a whole number from 0 to 1073741824",
        ),
        (
            lambda: Workload(key_space=-1),
            "key space=-1: must be a whole number from 0 to 100000000",
        ),
        (
            lambda: Workload(key_space=3, partition_cycle=(0, 1)),
            "partition_cycle=(0, 1): must be empty when records have keys",
        ),
        (producer(acks="2", enable_idempotence=False), "acks=2: must be one of 0, 1, all"),
        (producer(acks="1"), "acks=1: must be all when enable.idempotence=true"),
        (
            producer(max_in_flight_requests_per_connection=6),
            f"{IN_FLIGHT}=6: must be at most 5 when enable.idempotence=true",
        ),
        (
            producer(max_in_flight_requests_per_connection=0),
            f"{IN_FLIGHT}=0: must be a whole number from 1 to 1000000",
        ),
        (producer(batch_size_bytes=0), "batch.size=0: must be a whole number from 1 to 1073741824"),
        (
            producer(batch_size_bytes=100.5),
            "batch_size_bytes=100.5: must be a whole number",
        ),
        (
            producer(batch_size_bytes=True),
            "batch_size_bytes=True: must be a whole number",
        ),
        (
            producer(batch_size_bytes=2_000, buffer_memory_bytes=1_000),
            "batch.size=2000: must be at most buffer.memory (1000), or no batch is ever opened",
        ),
        (
            producer(buffer_memory_bytes=0),
            "buffer.memory=0: must be a whole number from 1 to 9223372036854775807",
        ),
        (
            producer(max_request_size_bytes=0),
            "max.request.size=0: must be a whole number from 1 to 2147483647",
        ),
        (
            producer(send_buffer_bytes=-2),
            "send.buffer.bytes=-2: must be a whole number from -1 to 2147483647",
        ),
        (producer(linger_ms=-1), "linger.ms=-1: must be a number >= 0"),
        (producer(linger_ms=math.inf), "linger.ms=inf: must be a number >= 0"),
        (producer(max_block_ms=math.nan), "max.block.ms=nan: must be a number >= 0"),
        (
            lambda: Scenario(path=PATH, producers=0),
            "producers=0: must be a whole number from 1 to 10000",
        ),
        (
            lambda: Scenario(path=PATH, warmup_s=-1),
            "warmup_s=-1: must be a number >= 0",
        ),
        (
            lambda: Scenario(path=PATH, measured_s=0),
            "measured_s=0: must be a number > 0",
        ),
        (
            lambda: Scenario(path=PATH, workload=Workload(partition_cycle=(0, 1))),
            "partition_cycle=(0, 1): must be of partitions 0 to 0",
        ),
        (
            lambda: Scenario(path=PATH, workload=Workload(partition_cycle=(-1,))),
            "partition_cycle=(-1,): must be of partitions 0 to 0",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(build: Callable[[], object], line: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(line)}$") as refusal:
        build()
    setting, _, _ = line.partition("=")
    assert refusal.value.setting == setting


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ("max.request.size", {"max_request_size_bytes": 1_000}),
        ("buffer.memory", {"buffer_memory_bytes": 1_000, "batch_size_bytes": 500}),
    ],
)
def test_a_record_must_fit_into_a_request_and_into_memory(
    setting: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match=rf"^{setting}=1000: must be at least one record \("):
        Scenario(path=PATH, producer=ProducerConfig(**changes))


@pytest.mark.parametrize(
    ("settings", "muted"),
    [
        ({"max_in_flight_requests_per_connection": 5, "batch_size_bytes": 1}, False),
        ({"max_in_flight_requests_per_connection": 1, "linger_ms": 0, "max_block_ms": 0}, True),
        ({"enable_idempotence": False, "acks": "0"}, False),
        ({"enable_idempotence": False, "max_in_flight_requests_per_connection": 1_000}, False),
        ({"send_buffer_bytes": -1, "batch_size_bytes": 1_000, "buffer_memory_bytes": 1_000}, False),
    ],
)
def test_the_edges_of_what_can_be_are_accepted(settings: dict[str, Any], muted: bool) -> None:
    assert ProducerConfig(**settings).guarantees_message_order == muted


def test_the_defaults_are_those_of_kafka_4_1() -> None:
    defaults = ProducerConfig()
    assert (defaults.acks, defaults.enable_idempotence) == ("all", True)
    assert defaults.max_in_flight_requests_per_connection == 5
    assert (defaults.batch_size_bytes, defaults.linger_ms) == (16_384, 5)
    assert (defaults.buffer_memory_bytes, defaults.max_block_ms) == (33_554_432, 60_000)
    assert (defaults.max_request_size_bytes, defaults.send_buffer_bytes) == (1_048_576, 131_072)
    assert BrokerConfig() == BrokerConfig(num_network_threads=3, num_io_threads=8)


@pytest.mark.parametrize("part", [PATH, ProducerConfig(), TopicConfig(), Workload()])
def test_a_configuration_cannot_be_changed_but_by_a_checked_copy(part: Any) -> None:
    name = fields(part)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(part, name, getattr(part, name))
    with pytest.raises(ConfigError):
        replace(ProducerConfig(), linger_ms=-1)


def test_partitions_are_led_by_brokers_in_turn() -> None:
    topic = TopicConfig(partitions=5, brokers=2)
    assert [topic.leader(partition) for partition in range(5)] == [0, 1, 0, 1, 0]
    assert [list(topic.led_by(broker)) for broker in range(2)] == [[0, 2, 4], [1, 3]]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"constants": {}}', '{"constants": {"speed": 1}}', '{"constants": 3}'],
)
def test_a_file_without_constants_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^constants=mine\.json: must be JSON with") as refusal:
        read_machine(text, "mine.json")
    assert "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_machine(tmp_path / "nowhere.json")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="must be text in UTF-8"):
        load_machine(str(tmp_path / "binary"))


def test_a_constant_that_cannot_be_is_named() -> None:
    text = '{"constants": {"client_append_us": -1' + "".join(
        f', "{name}": 1' for name in list(CONSTANTS)[1:]
    )
    with pytest.raises(ConfigError, match=r"^client_append_us=-1: must be a number >= 0$"):
        read_machine(text + "}}", "mine.json")


def test_whoever_waits_longer_sleeps_deeper_up_to_a_limit() -> None:
    machine = MachineConfig(**CONSTANTS | {"wake_us": 500, "wake_after_us": 2_000})
    assert machine.wake_s(0) == 0
    assert machine.wake_s(2e-3) == pytest.approx(500e-6 * (1 - math.exp(-1)))
    assert machine.wake_s(1) == pytest.approx(500e-6)


@pytest.mark.parametrize(("for_s", "may"), [(7.0, False), (7.1, True)])
def test_a_pause_as_long_as_a_broker_may_be_silent_makes_no_leader_move(
    for_s: float, may: bool
) -> None:
    pause = Fault(what="broker-pause", at_s=1.0, for_s=for_s)  # of 9 s less one heartbeat of 2
    assert Scenario(path=PATH, topic=TopicConfig(replicas=2), faults=(pause,)).may_elect is may
    assert not Scenario(path=PATH, faults=(pause,)).may_elect
