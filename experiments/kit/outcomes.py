"""What a sweep's rows say of a run: each figure a function of it, named as its column.

Percentiles are refused (NaN) in overload: they would describe the survivors only. Units are in the
names.
"""

from experiments.kit.overload import Load
from model import Run


def records_per_s(run: Run) -> float:
    """Acknowledged records per second."""
    return run.records_per_s


def mb_per_s(run: Run) -> float:
    """Acknowledged value bytes per second, in millions."""
    return run.bytes_per_s / 1e6


def bound_records_per_s(run: Run) -> float:
    """The closed-form bound for the run's average request."""
    return run.bound.records_per_s


def limit(run: Run) -> str:
    """The resource that sets the bound."""
    return run.limit


def request_latency_ms(run: Run) -> float:
    """From a request's creation to its handled answer, mean."""
    return run.request_latency_ms


def requests_per_s(run: Run) -> float:
    """Answered produce requests per second of the window."""
    inside = run.request_column("handled_s") > run.scenario.warmup_s
    return float(inside.sum()) / run.scenario.measured_s


def records_per_request(run: Run) -> float:
    """What the mean request carries."""
    return run.mean_request.records


def service_ms(run: Run) -> float:
    """The broker's serial work on the mean request: S of the law."""
    return run.mean_request.service_s * 1e3


def in_flight_mean(run: Run) -> float:
    """Time-weighted mean of requests in flight."""
    return run.mean_in_flight


def offered(run: Run) -> float:
    """Records that the window's arrivals brought."""
    return Load.of(run).offered


def finished(run: Run) -> float:
    """Records acknowledged in the window."""
    return Load.of(run).finished


def unfinished(run: Run) -> float:
    """Records offered and neither acknowledged nor failed when the run ended."""
    return Load.of(run).unfinished


def overloaded(run: Run) -> bool:
    """Whether less was finished than offered, beyond tolerance and chance."""
    return Load.of(run).overloaded


def mean_ms(run: Run) -> float:
    """Mean latency of a record; refused in overload."""
    return float("nan") if overloaded(run) else run.latency_ms.mean


def p50_ms(run: Run) -> float:
    """Median latency of a record; refused in overload."""
    return _quantile_ms(run, 0.50)


def p99_ms(run: Run) -> float:
    """The 99th percentile of a record's latency; refused in overload."""
    return _quantile_ms(run, 0.99)


def _quantile_ms(run: Run, share: float) -> float:
    return float("nan") if overloaded(run) else run.latency_ms.quantile(share)


def duplicates(run: Run) -> int:
    """Copies in the log beside the first."""
    return run.guarantees.duplicates


def displaced(run: Run) -> int:
    """First copies that stand after a higher number of the same producer and partition."""
    return run.guarantees.displaced


def failed(run: Run) -> int:
    """Records of which the application was told that they failed."""
    return run.guarantees.failed
