"""Harm for each million of records sent, and what is left of the throughput."""

from model import Run

MILLION = 1_000_000


def duplicates_per_million(run: Run) -> float:
    """Copies in the log beside the first."""
    return run.guarantees.duplicates / run.guarantees.sent * MILLION


def displaced_per_million(run: Run) -> float:
    """Records that stand after a higher number."""
    return run.guarantees.displaced / run.guarantees.sent * MILLION


def goodput_records_per_s(run: Run) -> float:
    """Acknowledged records per second over the whole window, with all its pauses."""
    return len(run.latency_ms) / run.scenario.measured_s
