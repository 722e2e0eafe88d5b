"""What all tests share: a machine whose constants are round, small scenarios, rows in milliseconds.

Constants are always set here or in the test, never taken from the fitted reference machine: a test
must not change its verdict because somebody calibrated anew.
"""

import os

#: Tests are of the sources, also where `make compiled` was called, unless somebody asks for that.
os.environ.setdefault("INFLIGHT_COMPILED", "0")

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from model import (
    BrokerConfig,
    ClosedLoop,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Run,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
)
from model.config.cluster import CODEC_COSTS, TLS_COSTS

#: Whoever keeps a world file in the clone has it for their own questions, not for these.
os.environ["INFLIGHT_WORLD"] = "none"
#: How wide a terminal is, the workers of xdist believe to know: lines would break by who runs them.
os.environ.pop("COLUMNS", None)

#: How many examples a law is tried on: all of them, or as many as `make test` has the time for.
EXAMPLES = {"full": 25, "quick": 8}
#: Nothing is timed: a busy machine must not make a law fail.
for _name, _examples in EXAMPLES.items():
    settings.register_profile(
        _name,
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=_examples,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("full")

#: Files whose tests compile the model, or run a real Kafka, for minutes.
LONGEST = ({"test_wheel.py"}, {"test_real_cluster.py", "test_real_producers.py"})

#: A machine on which nothing takes time; tests switch on what they are about.
IDLE_MACHINE = MachineConfig(
    client_append_us=0,
    client_request_us=0,
    client_byte_us=0,
    client_record_us=0,
    broker_request_us=0,
    broker_batch_us=0,
    broker_byte_us=0,
    broker_tail_us=0,
    wake_us=0,
    wake_after_us=1,
    **dict.fromkeys((*CODEC_COSTS, *TLS_COSTS), 0.0),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/golden --renew-golden`` writes the golden rows anew, on purpose."""
    parser.addoption("--renew-golden", action="store_true", help="write the golden rows anew")


@pytest.hookimpl(trylast=True)  # when it is known which are run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin each half with what takes minutes, or a core waits in the end while another works.

    Of two workers, each begins with a half (``--dist worksteal``).
    """
    first, second = ([item for item in items if item.path.name in names] for names in LONGEST)
    rest = [item for item in items if item not in first and item not in second]
    half = max(0, len(items) // 2 - len(first))
    items[:] = [*first, *rest[:half], *second, *rest[half:]]


@pytest.fixture(scope="session")
def machine() -> Callable[..., MachineConfig]:
    """A machine on which only the named constants (in microseconds) are not zero."""

    def make(**constants_us: float) -> MachineConfig:
        return replace(IDLE_MACHINE, **constants_us)

    return make


@pytest.fixture(scope="session")
def tiny(machine: Callable[..., MachineConfig]) -> Callable[..., Scenario]:
    """A scenario to change: one of everything, 10 ms there and back, 0.3 ms a request, no linger.

    Parts are replaced whole by their name. The producer's part may be given by single settings.
    """

    def make(**changes: Any) -> Scenario:
        names = set(ProducerConfig.__dataclass_fields__) & set(changes)
        producer = ProducerConfig(**{"linger_ms": 0} | {name: changes.pop(name) for name in names})
        parts: dict[str, Any] = {
            "path": PathConfig(rtt_ms=10),
            "producer": producer,
            "machine": machine(broker_request_us=300),
            "warmup_s": 0,
            "measured_s": 0.1,
            "warm_start": True,
        }
        return Scenario(**parts | changes)

    return make


@pytest.fixture(scope="session")
def story() -> Callable[..., list[tuple[float, ...]]]:
    """Columns of a run's requests, in the order of their numbers: instants in ms, to the ns."""

    def of(run: Run, *columns: str, most: int | None = None) -> list[tuple[float, ...]]:
        rows = sorted(run.requests, key=lambda row: row.request)[:most]
        return [tuple(_in_ms(row._asdict(), column) for column in columns) for row in rows]

    def _in_ms(row: dict[str, float], column: str) -> float:
        return round(row[column] * 1e3, 6) if column.endswith("_s") else row[column]

    return of


def _workloads(partitions: int) -> st.SearchStrategy[Workload]:
    """All kinds of arrivals; sticky, keyed and named partitions."""
    arrivals = st.one_of(
        st.just(Saturating()),
        st.builds(OpenLoop, st.sampled_from([300.0, 5_000.0, 40_000.0])),
        st.builds(OpenLoop, st.sampled_from([300.0, 5_000.0]), st.just("poisson")),
        st.builds(ClosedLoop, st.sampled_from([1, 7, 100])),
    )
    sizes = st.sampled_from([0, 10, 100, 1_000, 3_000])
    cycles = st.lists(st.integers(0, partitions - 1), min_size=1, max_size=4).map(tuple)
    return st.one_of(
        st.builds(Workload, arrival=arrivals, value_bytes=sizes),
        st.builds(Workload, arrival=arrivals, value_bytes=sizes, key_space=st.just(20)),
        st.builds(Workload, arrival=arrivals, value_bytes=sizes, partition_cycle=cycles),
    )


@st.composite
def _producers(draw: st.DrawFn) -> ProducerConfig:
    """Settings that a client accepts; little memory, so that it is spent now and then."""
    idempotent = draw(st.booleans())
    batch_size = draw(st.sampled_from([200, 2_000, 16_384]))
    return ProducerConfig(
        acks="all" if idempotent else draw(st.sampled_from(["0", "1", "all"])),
        enable_idempotence=idempotent,
        max_in_flight_requests_per_connection=draw(st.sampled_from([1, 2, 5])),
        batch_size_bytes=batch_size,
        linger_ms=draw(st.sampled_from([0, 1, 5])),
        compression_type=draw(st.sampled_from(["none", "none", "gzip", "snappy", "lz4", "zstd"])),
        security_protocol=draw(st.sampled_from(["PLAINTEXT", "PLAINTEXT", "SASL_SSL"])),
        buffer_memory_bytes=max(batch_size, 3_200) * draw(st.sampled_from([1, 3, 20])),
        max_block_ms=draw(st.sampled_from([3, 60_000])),
        max_request_size_bytes=draw(st.sampled_from([3_200, 1_048_576])),
        send_buffer_bytes=draw(st.sampled_from([-1, 8_192, 131_072])),
    )


@st.composite
def _scenarios(draw: st.DrawFn) -> Scenario:
    topic = TopicConfig(
        partitions=draw(st.integers(1, 4)),
        brokers=draw(st.integers(1, 3)),
        replicas=draw(st.sampled_from([1, 1, 3])),
        min_insync_replicas=draw(st.integers(1, 2)),
    )
    return Scenario(
        path=PathConfig(
            rtt_ms=draw(st.sampled_from([0, 1, 15])),
            bytes_per_s=draw(st.sampled_from([2e6, 125e6, float("inf")])),
        ),
        replica_path=PathConfig(rtt_ms=draw(st.sampled_from([0, 4]))),
        producer=draw(_producers()),
        workload=draw(_workloads(topic.partitions)),
        topic=topic,
        broker=BrokerConfig(
            num_network_threads=draw(st.integers(1, 2)),
            num_io_threads=draw(st.integers(1, 3)),
            socket_receive_buffer_bytes=draw(st.sampled_from([-1, 8_192, 102_400])),
        ),
        machine=MachineConfig(
            client_append_us=draw(st.sampled_from([0, 2, 150])),
            client_request_us=draw(st.sampled_from([60, 500])),
            client_byte_us=draw(st.sampled_from([0, 0.01])),
            client_record_us=draw(st.sampled_from([0, 1])),
            broker_request_us=draw(st.sampled_from([90, 900])),
            broker_batch_us=draw(st.sampled_from([0, 100])),
            broker_byte_us=draw(st.sampled_from([0, 0.01])),
            broker_tail_us=draw(st.sampled_from([0, 200])),
            wake_us=draw(st.sampled_from([0, 400])),
            wake_after_us=2_000,
            round_wake_us=draw(st.sampled_from([0, 400])),
        ),
        producers=draw(st.integers(1, 3)),
        warm_start=True,
        warmup_s=0.01,
        measured_s=0.05,
    )


@pytest.fixture(scope="session")
def scenarios() -> st.SearchStrategy[Scenario]:
    """Small worlds of every kind: sizes, arrivals, partitions, brokers, producers, machines."""
    return _scenarios()
