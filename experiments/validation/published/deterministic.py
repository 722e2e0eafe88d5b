"""The claims of a simulator that drives the real Java client with a virtual clock.

Its world has no work but 1 ms in the broker, so the machine's constants are given. 4,096 records of
about 575 bytes on the wire, seven to a batch, 64 keys. Start-up is not simulated.
"""

import math

from experiments.validation.published.claim import Check, Claim, Runs, figure, ratio, within
from model import (
    ClosedLoop,
    MachineConfig,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
)

SIMULATOR = "github.com/lbradstreet/kafka-sim"
RECORDS = 4_096
#: Seven such records with keys of eight bytes fill a batch of 4,096 bytes.
VALUE_BYTES = 540
_COSTS = (
    *("client_append_us", "client_request_us", "client_byte_us", "client_record_us", "wake_us"),
    *("broker_request_us", "broker_batch_us", "broker_byte_us", "broker_tail_us"),
)
NOTHING_TAKES_TIME = dict.fromkeys(_COSTS, 0.0) | {"wake_after_us": 1.0}
ONE_MS = MachineConfig(**{**NOTHING_TAKES_TIME, "broker_request_us": 1_000.0})
SIX_PARTITIONS = TopicConfig(partitions=6, brokers=3)
NEAR, FAR = PathConfig(rtt_ms=0.4), PathConfig(rtt_ms=40)


def world(
    outstanding: int,
    in_flight: int,
    topic: TopicConfig = SIX_PARTITIONS,
    keys: int = 64,
    broker_paths: tuple[PathConfig, ...] = (),
) -> Scenario:
    """A closed loop of the simulator."""
    return Scenario(
        path=NEAR,
        broker_paths=broker_paths,
        topic=topic,
        workload=Workload(arrival=ClosedLoop(outstanding), value_bytes=VALUE_BYTES, key_space=keys),
        machine=ONE_MS,
        producer=ProducerConfig(
            batch_size_bytes=4_096,
            max_request_size_bytes=65_536,
            max_in_flight_requests_per_connection=in_flight,
        ),
        warm_start=True,
        warmup_s=1.0,
        measured_s=6.0,
    )


def _pair(outstanding: int, broker_paths: tuple[PathConfig, ...] = ()) -> dict[str, Scenario]:
    return {
        name: world(outstanding, in_flight, broker_paths=broker_paths)
        for name, in_flight in (("one", 1), ("five", 5))
    }


def _gain(outstanding: int, published: float) -> Check:
    label = f"five over one, {outstanding} records outstanding"
    return within(5, label, published, _pair(outstanding), ratio("five", "one"))


def _requests(runs: Runs) -> float:
    return math.ceil(RECORDS / runs["three"]["records_per_request_avg"])


def _duration_ms(runs: Runs) -> float:
    return 1e3 * RECORDS / runs["three"]["records_per_s"]


TWO_AND_FIVE = {"two": world(256, 2), "five": world(256, 5)}
ONE_PARTITION = {"three": world(32, 3, topic=TopicConfig(), keys=0)}
ONE_FAR = _pair(32, broker_paths=(NEAR, NEAR, FAR))
LONE = _pair(1)
TWO = "five over two, 256 records outstanding"

CLAIMS = (
    Claim(
        2,
        "On a LAN the gain of n in flight is min(n, 1 + RTT/S) and levels off at two",
        SIMULATOR,
        (
            _gain(256, 1.362),
            _gain(64, 1.309),
            _gain(16, 1.0),
            within(10, TWO, 1.0, TWO_AND_FIVE, ratio("five", "two")),
        ),
    ),
    Claim(
        4,
        "One partition, 32 outstanding, seven records a batch: 586 requests in 589 ms",
        SIMULATOR,
        (
            within(0, "requests", 586, ONE_PARTITION, _requests),
            within(3, "duration in ms", 589, ONE_PARTITION, _duration_ms),
            within(3, "median in ms", 5.0, ONE_PARTITION, figure("three", "p50_ms")),
            within(3, "99th percentile in ms", 5.2, ONE_PARTITION, figure("three", "p99_ms")),
        ),
    ),
    Claim(
        5,
        "One of three brokers 40 ms away: five in flight finish 1.76 times faster",
        SIMULATOR,
        (
            within(10, "five over one", 1.756, ONE_FAR, ratio("five", "one")),
            within(10, "99th percentile with one, ms", 144.4, ONE_FAR, figure("one", "p99_ms")),
            within(10, "99th percentile with five, ms", 51.4, ONE_FAR, figure("five", "p99_ms")),
            within(10, "median with one, ms", 6.404, ONE_FAR, figure("one", "p50_ms")),
        ),
    ),
    Claim(
        6,
        "A lone record takes linger + RTT + S, however many may be in flight",
        SIMULATOR,
        (
            within(1, "median in ms, one in flight", 6.404, LONE, figure("one", "p50_ms")),
            within(1, "median in ms, five in flight", 6.404, LONE, figure("five", "p50_ms")),
        ),
    ),
)
