"""The Java producer's own metrics as figures of a row, whoever printed them.

Source: SenderMetricsRegistry, KafkaProducerMetrics, SelectorMetrics. Averages and rates are of the
last 30 to 60 seconds (metrics.sample.window.ms, metrics.num.samples). requests-in-flight is of the
moment; how many there were in the mean says Little's law.
"""

from collections.abc import Mapping
from math import isfinite, nan

from experiments.measure.found import Doubt

#: Kafka's attribute to the column of a row; the same units.
COLUMNS: Mapping[str, str] = {
    "record-send-rate": "record_send_rate",
    "batch-size-avg": "batch_size_avg",
    "records-per-request-avg": "records_per_request_avg",
    "request-latency-avg": "request_latency_avg",
    "request-latency-max": "request_latency_max",
    "record-queue-time-avg": "record_queue_time_avg",
    "requests-in-flight": "requests_in_flight",
    "request-rate": "request_rate",
    "outgoing-byte-rate": "outgoing_byte_rate",
    "bufferpool-wait-ratio": "bufferpool_wait_ratio",
    "record-retry-rate": "record_retry_rate",
    "record-error-rate": "record_error_rate",
    "produce-throttle-time-avg": "produce_throttle_time_avg",
    "compression-rate-avg": "compression_rate_avg",
}
#: Ours: from this share of its time on, an application that waits for memory is what fills it.
WAITS = 0.05
#: Ours: records retried for each one sent, above which timeouts and not the path are measured.
RETRIED = 0.001


def figures_of(metrics: Mapping[str, float]) -> dict[str, float]:
    """The figures that rows have columns for; what was not printed is worked out where it can be.

    Not a number where nothing was sent in the window.
    """
    figures = {COLUMNS[name]: value for name, value in metrics.items() if name in COLUMNS}
    figures = {column: value for column, value in figures.items() if isfinite(value)}
    sent, asked = figures.get("record_send_rate", nan), figures.get("request_rate", nan)
    if "records_per_request_avg" not in figures and sent > 0 and asked > 0:
        figures["records_per_request_avg"] = sent / asked
    return figures


def in_flight(figures: Mapping[str, float]) -> float:
    """Requests unanswered in the mean, of all connections; NaN where it cannot be said."""
    latency_s = figures.get("request_latency_avg", nan) / 1e3
    return figures.get("request_rate", nan) * latency_s


def doubts_of(figures: Mapping[str, float]) -> list[Doubt]:
    """What the metrics say against the whole run: a quota, retries, errors."""
    doubts = []
    if figures.get("produce_throttle_time_avg", 0) > 0:
        doubts.append(
            Doubt("a quota holds the client back, so that it is the quota that was measured")
        )
    if figures.get("record_error_rate", 0) > 0:
        doubts.append(Doubt("records failed, which no figure counts"))
    if figures.get("record_retry_rate", 0) > RETRIED * figures.get("record_send_rate", nan):
        doubts.append(Doubt("records were sent again, so that it is timeouts that were measured"))
    return doubts
