"""Frames of a run's rows: the same rows, and of latencies those of the run with their times."""

import numpy as np
import pandas as pd
import pytest

from inflight import frames
from model import (
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Run,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)


@pytest.fixture(scope="module")
def run() -> Run:
    """Two producers, three partitions, a window shorter than the run."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=2),
        workload=Workload(arrival=OpenLoop(2_000, "poisson")),
        topic=TopicConfig(partitions=3),
        producers=2,
        warmup_s=0.2,
        measured_s=0.5,
    )
    return simulate(scenario, seed=3)


def test_requests_and_batches_are_the_runs_rows(run: Run) -> None:
    pd.testing.assert_frame_equal(frames.requests(run), pd.DataFrame(run.requests))
    pd.testing.assert_frame_equal(frames.batches(run), pd.DataFrame(run.batches))
    assert len(frames.batches(run).merge(frames.requests(run), on=["request", "producer"])) > 100


@pytest.mark.parametrize("idempotent", [False, True])
def test_what_was_written_twice_is_told_from_what_was_found_again(idempotent: bool) -> None:
    careful = ProducerConfig(enable_idempotence=idempotent, request_timeout_ms=1_000)
    lost_acks = Fault(what="lost-acks", at_s=1, for_s=3)
    workload = Workload(arrival=OpenLoop(100))
    path = PathConfig(rtt_ms=10)
    scenario = Scenario(path=path, producer=careful, workload=workload, faults=(lost_acks,))
    run = simulate(scenario, seed=1)
    batches, appends = frames.batches(run), frames.appends(run)
    assert appends.loc[appends["duplicate"], "records"].sum() == run.guarantees.duplicates
    assert appends["duplicate"].any() == (not idempotent)
    assert batches["found_again"].any() == idempotent
    assert (batches.loc[batches["found_again"], "retries"] > 0).all()


def test_every_column_is_documented() -> None:
    empty = simulate(Scenario(path=PathConfig(rtt_ms=2), measured_s=0.1, warmup_s=0.1), seed=1)
    for frame in (frames.requests, frames.batches, frames.appends, frames.latencies):
        assert frame.__doc__ is not None
        assert [name for name in frame(empty) if f"``{name}``" not in frame.__doc__] == []


def test_latencies_are_the_runs_with_their_times(run: Run) -> None:
    rows = frames.latencies(run)
    assert sorted(rows["latency_ms"]) == run.latency_ms.values_ms.tolist()
    assert rows["acked_s"].is_monotonic_increasing
    assert rows["acked_s"].between(0.2, 0.7, inclusive="right").all()
    assert np.allclose((rows["acked_s"] - rows["sent_s"]) * 1e3, rows["latency_ms"])
    assert not rows.duplicated(["producer", "record"]).any()
    assert set(rows["producer"]) == {0, 1}


def test_the_partition_is_the_one_that_the_log_has_the_record_in(run: Run) -> None:
    rows = frames.latencies(run).set_index(["producer", "record"])
    for append in list(run.appends)[100:120]:
        for record in range(append.first_record, append.first_record + append.records):
            if (append.producer, record) in rows.index:
                assert rows.loc[(append.producer, record), "partition"] == append.partition
    assert set(rows["partition"]) == {0, 1, 2}


def test_what_was_acknowledged_and_is_in_no_log_has_no_partition() -> None:
    careless = ProducerConfig(acks="0", enable_idempotence=False)
    scenario = Scenario(path=PathConfig(rtt_ms=40), producer=careless, measured_s=0.2, warmup_s=0.1)
    run = simulate(scenario, seed=1)
    lost = frames.latencies(run)["partition"].eq(-1).sum()
    assert 0 < lost <= run.guarantees.acked_missing
