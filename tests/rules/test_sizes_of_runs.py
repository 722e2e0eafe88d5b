"""Everything has a greatest size: what is larger is refused in one line before anything runs."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from model import (
    REFERENCE_MACHINE,
    ClosedLoop,
    ConfigError,
    Fault,
    OpenLoop,
    PathConfig,
    Scenario,
    TopicConfig,
    Workload,
)
from model.config.delays import Constant, Empirical, Lognormal, Uniform

PATH = PathConfig(rtt_ms=1)


def scenario(**parts: Any) -> Callable[[], object]:
    return lambda: Scenario(path=PATH, **parts)


def topic(**sizes: Any) -> dict[str, Any]:
    return {"topic": TopicConfig(**sizes)}


@pytest.mark.parametrize(
    ("build", "line"),
    [
        (lambda: PathConfig(rtt_ms=60_001), "rtt-ms=60001: must be at most 60,000"),
        (lambda: PathConfig(rtt_ms=1e308), "rtt-ms=1e+308: must be at most 60,000"),
        (lambda: Constant(1e300), "jitter-ms=1e+300: must be at most 60,000"),
        (lambda: Uniform(1e300), "jitter-ms=1e+300: must be at most 60,000"),
        (lambda: Lognormal(1e300, 1), "jitter-ms=1e+300: must be at most 60,000"),
        (lambda: Lognormal(1, 5), "jitter sigma=5: must be at most 4"),
        (lambda: Empirical((1e300,)), "delay sample in ms=1e+300: must be at most 60,000"),
        (
            lambda: OpenLoop(1e15),
            "rate in records/s=1000000000000000.0: must be at most 100,000,000",
        ),
        (lambda: ClosedLoop(10**7), "outstanding=10000000: must be a whole number from 1 to"),
        (
            lambda: replace(REFERENCE_MACHINE, wake_us=1e9),
            "wake_us=1000000000.0: must be at most 60,000,000",
        ),
        (scenario(measured_s=3e6), "warmup_s + measured_s=3000001.0: must be at most 3,000,000 (a"),
        (
            scenario(producers=1_000, **topic(partitions=1_000)),
            "producers * partitions=1000000: must be at most 500,000",
        ),
        (
            scenario(producers=10_000, **topic(brokers=10)),
            "producers * brokers=100000: must be at most 50,000",
        ),
        (
            scenario(**topic(partitions=10_000, replicas=11)),
            "partitions * replicas=110000: must be at most 100,000",
        ),
        (
            scenario(**topic(replicas=500)),
            "brokers * (replicas - 1)=249500: must be at most 10,000",
        ),
        (
            scenario(faults=1_001 * (Fault(what="connection-reset", at_s=1),)),
            "faults=1001: must be at most 1,000",
        ),
        (
            scenario(measured_s=1e6, workload=Workload(arrival=OpenLoop(1e6))),
            "rate * producers * seconds=1000001000000.0: must be at most 1,000,000,000 (records)",
        ),
        (lambda: Fault(what="connection-reset", at_s=1e7), "at_s=10000000.0: must be at most"),
        (lambda: Fault(what="black-hole", at_s=0, for_s=1e7), "for_s=10000000.0: must be at most"),
        (
            lambda: Fault(what="slow-broker", at_s=0, for_s=1, times=1e7),
            "times=10000000.0: must be at most 1,000,000",
        ),
        (
            lambda: Fault(what="latency-spike", at_s=0, for_s=1, rtt_ms=1e9),
            "rtt_ms=1000000000.0: must be at most 60,000",
        ),
    ],
)
def test_what_is_too_large_is_refused_in_one_line(build: Callable[[], object], line: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(line)}"):
        build()


def test_what_is_just_not_too_large_is_taken() -> None:
    records = OpenLoop(100.0, records=10)
    month = Scenario(path=PathConfig(rtt_ms=60_000), measured_s=2_999_999)
    assert month.horizon_s == 3_000_000
    assert replace(month, producers=1_000, workload=Workload(arrival=records)).producers == 1_000
    assert PathConfig(rtt_ms=1, bytes_per_s=math.inf).bytes_per_s == math.inf
