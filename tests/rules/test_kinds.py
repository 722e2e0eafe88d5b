"""What a field of a configuration may be given as: refused by its name in Python, or settled."""

import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model import (
    ConfigError,
    Constant,
    Empirical,
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
)

PATH = PathConfig(rtt_ms=1)
LOST: dict[str, Any] = {"what": "lost-acks", "at_s": 1, "for_s": 1}


def scenario(**parts: Any) -> Callable[[], object]:
    return lambda: Scenario(**{"path": PATH} | parts)


def producer(**settings: Any) -> Callable[[], object]:
    return lambda: ProducerConfig(**settings)


def workload(arrival: Any) -> Callable[[], object]:
    return lambda: Workload(arrival=arrival)


def fault(**given: Any) -> Callable[[], object]:
    return lambda: Fault(**given)


@pytest.mark.parametrize(
    ("build", "line"),
    [
        (workload(5_000), "arrival=5000: must be a Saturating, an OpenLoop or a ClosedLoop"),
        (workload("poisson"), "arrival='poisson': must be a Saturating, an OpenLoop or a Clos"),
        (workload(OpenLoop), "arrival=(the class OpenLoop): .*; did you mean OpenLoop(...)?"),
        (lambda: OpenLoop("5"), "records_per_s='5': must be a number"),  # type: ignore[arg-type]
        (scenario(path=10), "path=10: must be a PathConfig"),
        (scenario(producer={}), "producer={}: must be a ProducerConfig"),
        (scenario(topic=3), "topic=3: must be a TopicConfig"),
        (scenario(machine="m.json"), "machine='m.json': must be a MachineConfig"),
        (scenario(workload=OpenLoop(5)), "workload=OpenLoop.*: must be a Workload"),
        (scenario(workload=Workload), "workload=(the class Workload): .*mean Workload(...)?"),
        (scenario(faults=Fault(**LOST)), "faults=LostAcks.*: must be a tuple, each a Fault"),
        (scenario(broker_paths=(1,)), "broker_paths=(1,): must be a tuple, each a PathConfig"),
        (scenario(warm_start="no"), "warm_start='no': must be True or False"),
        (scenario(topic="\x1b[2J" * 20), r"topic='\x1b[2J\x1b.*...: must be a TopicConfig"),
        (producer(enable_idempotence="false"), "enable_idempotence='false': must be True or"),
        (producer(enable_idempotence=0), "enable_idempotence=0: must be True or False"),
        (producer(linger_ms="5"), "linger_ms='5': must be a number"),
        (producer(linger_ms=None), "linger_ms=None: must be a number"),
        (producer(linger_ms=True), "linger_ms=True: must be a number"),
        (producer(retries="5"), "retries='5': must be a whole number"),
        (producer(acks=2), "acks=2: must be one of 0, 1, all"),
        (producer(acks=True), "acks=True: must be one of 0, 1, all"),
        (fault(what="lost-acks", for_s=1), "at_s=None: must be given for lost-acks"),
        (fault(what="lost-acks", at=1), "at=1: must be left out for lost-acks"),
        (fault(**LOST | {"at_s": "x"}), "at_s='x': must be a number"),
        (fault(what=[], at_s=1), "what=[]: must be one of "),
    ],
)
def test_what_is_of_another_kind_is_refused_by_its_name(
    build: Callable[[], object], line: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        build()
    assert re.match(re.escape(line).replace(r"\.\*", ".*"), str(refusal.value))
    assert str(refusal.value).isprintable()


def test_what_has_the_part_that_is_wanted_is_told_so() -> None:
    with pytest.raises(ConfigError, match=r"^producer=Scenario.*; did you mean its \.producer\?$"):
        scenario(producer=Scenario(path=PATH))()


def test_numbers_and_truths_of_numpy_are_kept_as_those_of_python() -> None:
    whole, real, truth = np.int64(5), np.float64(2.5), np.bool_(False)
    own = ProducerConfig(
        batch_size_bytes=whole,  # type: ignore[arg-type]  # is accepted all the same
        linger_ms=real,
        enable_idempotence=truth,  # type: ignore[arg-type]
    )
    kept = own.batch_size_bytes, own.linger_ms, own.enable_idempotence
    assert (kept, [type(each) for each in kept]) == ((5, 2.5, False), [int, float, bool])
    assert type(TopicConfig(partitions=np.int32(3)).partitions) is int  # type: ignore[arg-type]
    cycle = Workload(partition_cycle=[np.int64(0), 0]).partition_cycle  # type: ignore[arg-type]
    assert [type(each) for each in cycle] == [int, int]
    assert type(cycle) is tuple
    assert PathConfig(rtt_ms=1, jitter=Empirical((1, 2))).jitter == Empirical((1.0, 2.0))
    assert PathConfig(rtt_ms=1, jitter=Constant(3)).jitter == Constant(3.0)


@pytest.mark.parametrize(("given", "kept"), [(0, "0"), (1, "1"), (-1, "all"), ("-1", "all")])
def test_acks_are_taken_as_kafka_takes_them(given: Any, kept: str) -> None:
    assert ProducerConfig(acks=given, enable_idempotence=False).acks == kept


def test_a_refusal_crosses_from_one_process_to_another() -> None:
    error = pickle.loads(pickle.dumps(ConfigError("a", 1, "must be b")))
    assert (str(error), error.setting, error.value) == ("a=1: must be b", "a", 1)
    assert repr(error) == "ConfigError('a', 1, 'must be b')"
