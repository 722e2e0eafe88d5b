"""What most questions read off a run. Units are in the names; per second, ms, records."""

import math

import numpy as np

from experiments.ask.task import Row
from model import OpenLoop, Run, Saturating

#: Ours: a queue that grows by this share of what comes in is one that grows without end.
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
        "requests_per_s": run.records_per_s / request.records if request.records else 0.0,
        "records_per_request": request.records,
        "request_bytes": request.size_bytes,
        "service_ms": request.service_s * 1e3,
        "request_latency_ms": run.request_latency_ms,
        "in_flight_mean": run.mean_in_flight,
        "batch_fill": run.batch_fill if len(run.latency_ms) else float("nan"),
    }


def latency(run: Run) -> Row:
    """Quantiles; none where records wait as long as a queue is deep, or without end."""
    arrival = run.scenario.workload.arrival
    overloaded = isinstance(arrival, OpenLoop) and _falls_behind(run, arrival.records_per_s)
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


def _falls_behind(run: Run, rate: float) -> bool:
    """Whether fewer were acknowledged in the window than came in it, by more than chance explains.

    Chance: what a linger and a round trip hold at one end of the window and not at the other, and
    three standard deviations of the arrivals before it. An application that was held up is behind
    at once.
    """
    scenario, sent = run.scenario, run.guarantees.sent
    before, in_all = rate * scenario.warmup_s, rate * scenario.horizon_s
    held_s = scenario.producer.linger_ms / 1e3 + scenario.path.rtt_s
    chance = rate * held_s + 2 * scenario.packing.records + 3 * math.sqrt(before)
    missing = sent - before - len(run.latency_ms)
    held_up = sent < in_all - chance - 4 * math.sqrt(in_all)
    return held_up or missing > chance + GROWING * (in_all - before)


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
