"""What most questions read off a run. Units are in the names; per second, ms, records."""

import numpy as np

from experiments.ask.task import Row
from model import OpenLoop, Run, Saturating

#: Ours: a queue that holds this share of what was sent in the window, beside what is under way
#: anyway, is one that grows.
GROWING = 0.05


def figures(run: Run) -> list[Row]:
    """One row: throughput beside its bound, latency, the average request, the books."""
    return [{**throughput(run), **latency(run), **books(run)}]


def throughput(run: Run) -> Row:
    """Rates, the closed form beside them, and what limits."""
    request = run.mean_request
    return {
        "records_per_s": run.records_per_s,
        "bound_records_per_s": run.bound.records_per_s,
        "limit": run.limit,
        "requests_per_s": run.records_per_s / request.records,
        "records_per_request": request.records,
        "request_bytes": request.size_bytes,
        "service_ms": request.service_s * 1e3,
        "request_latency_ms": run.request_latency_ms,
        "in_flight_mean": run.mean_in_flight,
        "batch_fill": run.batch_fill,
    }


def latency(run: Run) -> Row:
    """Quantiles; none where records wait as long as a queue is deep, or without end."""
    arrival = run.scenario.workload.arrival
    overloaded = isinstance(arrival, OpenLoop) and _queue_grows(run)
    known = not overloaded and not isinstance(arrival, Saturating)
    shares = {"p50_ms": 0.5, "p99_ms": 0.99}
    return {
        "overloaded": overloaded,
        "mean_ms": run.latency_ms.mean if known else float("nan"),
        **{
            name: run.latency_ms.quantile(share) if known else float("nan")
            for name, share in shares.items()
        },
    }


def _queue_grows(run: Run) -> bool:
    """Whether more is unfinished at the end than a round of requests and the linger explain."""
    scenario, sent = run.scenario, run.guarantees.sent
    in_window = sent * scenario.measured_s / scenario.horizon_s
    round_s = run.request_latency_ms / 1e3 + scenario.producer.linger_ms / 1e3
    under_way = 2 * round_s * sent / scenario.horizon_s + run.scenario.packing.records
    return run.guarantees.unfinished > under_way + GROWING * in_window


def books(run: Run) -> Row:
    """The ledger's counts that questions ask for."""
    ledger = run.guarantees
    return {
        "sent": ledger.sent,
        "acked": ledger.acked,
        "failed": ledger.failed,
        "unfinished": ledger.unfinished,
        "duplicates": ledger.duplicates,
        "displaced": ledger.displaced,
        "acked_missing": ledger.acked_missing,
        "failed_but_present": ledger.failed_but_present,
        "retried_requests": len(run.lost),
    }


def deepest(run: Run) -> int:
    """The most requests that were in flight at once, over all connections."""
    levels = run.in_flight[1]
    return int(np.max(levels, initial=0))
