"""Where nothing happens to be lost the machine that repairs losses is the arithmetic of windows."""

from dataclasses import replace

import pytest

from model import PathConfig, ProducerConfig, Scenario, simulate
from model.units import KIB, MIB

#: So small a share that none of some thousand packets is lost.
HARDLY_ANY = 1e-12


def throughputs(rtt_ms: float, batch_kib: int, depth: int) -> tuple[float, float]:
    """Records/s by arithmetic, and by the machine."""
    producer = ProducerConfig(
        batch_size_bytes=batch_kib * KIB,
        buffer_memory_bytes=4 * MIB,
        max_in_flight_requests_per_connection=depth,
    )
    path = PathConfig(rtt_ms=rtt_ms)
    calm = Scenario(path=path, producer=producer, warm_start=True, warmup_s=0.5, measured_s=1.0)
    lossy = replace(calm, path=replace(path, loss=HARDLY_ANY))
    return simulate(calm, 1).records_per_s, simulate(lossy, 1).records_per_s


@pytest.mark.parametrize(("rtt_ms", "batch_kib", "depth"), [(10, 16, 1), (10, 16, 5), (50, 64, 1)])
def test_where_no_window_binds_they_are_the_same(rtt_ms: float, batch_kib: int, depth: int) -> None:
    calm, lossy = throughputs(rtt_ms, batch_kib, depth)
    assert lossy == pytest.approx(calm, rel=1e-9)


@pytest.mark.parametrize(("rtt_ms", "batch_kib", "depth"), [(20, 64, 5), (20, 192, 2)])
def test_where_the_receive_window_binds_they_are_near(
    rtt_ms: float, batch_kib: int, depth: int
) -> None:
    calm, lossy = throughputs(rtt_ms, batch_kib, depth)
    assert lossy == pytest.approx(calm, rel=0.05)
