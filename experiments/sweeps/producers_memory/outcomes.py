"""What trouble leaves: records that failed, and the longest wait of those that did not."""

from model import Run


def failed_share(run: Run) -> float:
    """Records of which the application was told that they failed, of all."""
    books = run.guarantees
    return books.failed / books.sent if books.sent else 0.0


def longest_ms(run: Run) -> float:
    """The longest latency of an acknowledged record, from its intended send."""
    return run.latency_ms.quantile(1.0)
