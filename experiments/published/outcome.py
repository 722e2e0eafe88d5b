"""What is kept of a run that a claim asks for."""

from model import Scenario, simulate

SEED = 1


def outcome(scenario: Scenario) -> dict[str, float]:
    """Throughput in records/s, latencies in ms, records per request."""
    run = simulate(scenario, SEED)
    latency = run.latency_ms
    return {
        "records_per_s": run.records_per_s,
        "mean_ms": latency.mean,
        "p50_ms": latency.quantile(0.5),
        "p95_ms": latency.quantile(0.95),
        "p99_ms": latency.quantile(0.99),
        "request_ms": run.request_latency_ms,
        "records_per_request": run.mean_request.records,
    }
