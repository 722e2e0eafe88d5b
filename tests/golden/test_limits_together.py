"""Limits that a number has because of others: how far it goes, and what is said beyond.

As for a number by itself (``test_limits.py``); ``make golden`` writes them anew, on purpose.
"""

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from model import (
    ClosedLoop,
    ConfigError,
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
)
from tests.golden.test_limits import end

PATH = Path(__file__).parent / "limits_together.csv"
NEAR = PathConfig(rtt_ms=1)


def world(**parts: Any) -> Scenario:
    """A scenario with these parts, a second long."""
    usual: dict[str, Any] = {"path": NEAR, "warmup_s": 0.25, "measured_s": 0.75}
    return Scenario(**usual | parts)


def arriving(rate: float, records: int | None = None) -> Workload:
    """Records at a rate."""
    return Workload(arrival=OpenLoop(rate, records=records))


def spread(**numbers: Any) -> Scenario:
    """A scenario whose topic is this one."""
    return world(topic=TopicConfig(**numbers))


def packed(codec: Any, level: int | None) -> ProducerConfig:
    """A producer that compresses."""
    return ProducerConfig(compression_type=codec, compression_level=level)


def plain(**settings: Any) -> ProducerConfig:
    """A producer without idempotence."""
    return ProducerConfig(enable_idempotence=False, **settings)


Build = Callable[[int], object]
#: What is built of a number, one that is taken, and one that is far too small and far too large.
LIMITS: dict[str, tuple[Build, int, int, int]] = {
    "producers of 100 partitions": (
        lambda n: world(producers=n, topic=TopicConfig(partitions=100)),
        *(1, 0, 10**5),
    ),
    "producers to 100 brokers": (
        lambda n: world(producers=n, topic=TopicConfig(brokers=100)),
        *(1, 0, 10**5),
    ),
    "producers at 10 million records/s": (
        lambda n: world(producers=n, workload=arriving(1e7)),
        *(1, 0, 10**5),
    ),
    "producers of 5 million records": (
        lambda n: world(producers=n, workload=arriving(1e7, 5 * 10**6)),
        *(1, 0, 10**5),
    ),
    "producers of a closed loop": (
        lambda n: world(producers=n, workload=Workload(arrival=ClosedLoop(10**6))),
        *(1, 0, 10**5),
    ),
    "seconds at a million records/s": (
        lambda n: world(measured_s=n, workload=arriving(1e6)),
        *(1, 0, 10**5),
    ),
    "seconds": (lambda n: world(measured_s=n), 1, 0, 10**9),
    "partitions of 50 replicas": (lambda n: spread(partitions=n, replicas=50), 1, 0, 10**5),
    "replicas of 500 partitions": (lambda n: spread(partitions=500, replicas=n), 1, 0, 10**5),
    "brokers of 21 replicas": (lambda n: spread(brokers=n, replicas=21), 1, 0, 10**5),
    "replicas on 2 brokers": (lambda n: spread(brokers=2, replicas=n), 1, 0, 10**5),
    "faults": (
        lambda n: world(faults=(Fault(what="connection-reset", at_s=0.5),) * n),
        *(1, -1, 10**5),
    ),
    "broker of a fault, of 3 that lead": (
        lambda n: world(
            faults=(Fault(what="connection-reset", at_s=0.5, broker=n),),
            topic=TopicConfig(brokers=3),
        ),
        *(1, -1, 10**5),
    ),
    "broker of a fault, of 4 with replicas": (
        lambda n: world(
            faults=(Fault(what="connection-reset", at_s=0.5, broker=n),),
            topic=TopicConfig(brokers=2, replicas=4),
        ),
        *(1, -1, 10**5),
    ),
    "paths to 4 brokers": (
        lambda n: world(broker_paths=(NEAR,) * n, topic=TopicConfig(brokers=4, replicas=6)),
        *(4, 1, 10**3),
    ),
    "no paths to 4 brokers": (
        lambda n: world(broker_paths=(NEAR,) * n, topic=TopicConfig(brokers=4)),
        *(0, -1, 3),
    ),
    "a partition of a cycle": (
        lambda n: world(
            topic=TopicConfig(partitions=5), workload=Workload(partition_cycle=(2, n, 3))
        ),
        *(2, -9, 10**5),
    ),
    "bytes of a value, in requests": (
        lambda n: world(
            producer=ProducerConfig(max_request_size_bytes=2_000),
            workload=Workload(value_bytes=n),
        ),
        *(1, -1, 10**5),
    ),
    "bytes of a value with a key, in memory": (
        lambda n: world(
            producer=ProducerConfig(buffer_memory_bytes=2_000, batch_size_bytes=9),
            workload=Workload(value_bytes=n, key_space=5),
        ),
        *(1, -1, 10**5),
    ),
    "batch.size in little memory": (
        lambda n: ProducerConfig(buffer_memory_bytes=2_000, batch_size_bytes=n),
        *(1, 0, 10**5),
    ),
    "batch.size where records are counted": (
        lambda n: ProducerConfig(
            buffer_memory_bytes=2_000, batch_size_bytes=n, buffer_records=1, client="sarama"
        ),
        *(1, 0, 2**40),
    ),
    "max.in.flight without idempotence": (
        lambda n: plain(max_in_flight_requests_per_connection=n),
        *(1, 0, 10**9),
    ),
    "retries without idempotence": (lambda n: plain(retries=n), 1, -1, 2**40),
    "delivery.timeout.ms": (
        lambda n: ProducerConfig(delivery_timeout_ms=n, linger_ms=7, request_timeout_ms=30),
        *(1_000, -1, 2**40),
    ),
    "delivery.timeout.ms, of more than an int": (
        lambda n: ProducerConfig(delivery_timeout_ms=n, request_timeout_ms=2**32),
        *(2**33, -1, 2**40),
    ),
    "delivery.timeout.ms of another client": (
        lambda n: plain(delivery_timeout_ms=n, client="sarama"),
        *(1_000, -1, 2**40),
    ),
    **{
        f"level of {codec}": (partial(packed, codec), 5, -(10**7), 10**7)
        for codec in ("gzip", "lz4", "zstd")
    },
    "level of snappy": (lambda n: packed("snappy", None if n == 0 else n), 0, -1, 1),
    "level of no codec": (lambda n: ProducerConfig(compression_level=n), 5, -(10**7), 10**7),
}


def rows() -> Iterator[tuple[str, str, str]]:
    """Which number, an end of what it may be, and what is said beyond it."""

    def refusal(build: Build, number: int) -> str:
        try:
            build(number)
        except ConfigError as error:
            return str(error)
        return ""

    for name, (build, taken, *far) in LIMITS.items():
        assert refusal(build, taken) == ""
        for outside in far:
            found = end(lambda n: not refusal(build, n), taken, outside)  # noqa: B023
            last, said = (found[0], refusal(build, found[1])) if found else ("any", "")
            yield name, str(last), said


def test_the_limits_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows())
    if request.config.getoption("--renew-golden"):
        PATH.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue() == PATH.read_text(encoding="utf-8")
