"""librdkafka's statistics: a JSON object each statistics.interval.ms, in a log or by itself.

Source: STATISTICS.md. Windows are in microseconds, throttle in ms; totals count from the start.
The client fills its batches by rules of its own, so that its rows are no ground to fit the Java
client's constants on. ``rtt`` counts requests of every kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.measure.found import LATENCIES, Doubt, Found
from experiments.measure.output import is_number, refused
from experiments.measure.told import Told

TOOL = "librdkafka"
US = 1e6
#: Ours: of the statistics of a run, those before this part of it are warm-up.
WARMUP_PART = 1 / 4
#: Ours: from this share of its room on, a queue is full.
FULL = 0.8
Document = Mapping[str, Any]


def claims(document: Document) -> bool:
    """Whether a JSON object is such a statistic."""
    return isinstance(document.get("brokers"), dict) and "ts" in document


def read(path: Path, documents: Sequence[Document], told: Told) -> Found:
    """The run of one producer. Raises ConfigError, naming the file, for what is no producer's."""
    kinds = {str(document.get("type")) for document in documents}
    if kinds != {"producer"}:
        raise refused(path, "must be the statistics of a producer, and of nothing else")
    if len({str(document.get("name")) for document in documents}) > 1:
        raise refused(path, "has the statistics of several producers")
    if not all(is_number(document.get("ts")) for document in documents):
        raise refused(path, "must have ts as a number")
    later = documents[int(len(documents) * WARMUP_PART) :]
    figures, doubts = _rate(path, documents, later)
    figures |= _windows(later)
    if not figures:
        raise refused(path, "has no figure of a producer that sends")
    throttled = _mean(later, "throttle")
    quota = throttled is not None and throttled > 0
    if quota:
        doubts.append(
            Doubt("a quota holds the client back, so that it is the quota that was measured")
        )
    if "mean_ms" in figures and _is_full(later):
        doubts.append(Doubt("the wait in a queue that is full, and nothing of the path", LATENCIES))
    doubts.append(Doubt("another client than Java's: for comparison, not to fit constants on"))
    return Found(
        tool=TOOL,
        figures=figures,
        doubts=doubts,
        steady=not quota and "records_per_s" in figures,
        java=False,
    )


def _rate(
    path: Path, documents: Sequence[Document], later: Sequence[Document]
) -> tuple[dict[str, float], list[Doubt]]:
    """Records/s between the first and the last statistic after the warm-up."""
    first, last = later[0], later[-1]
    seconds = (last["ts"] - first["ts"]) / US
    sent = _sent(last) - _sent(first)
    if len(later) < 2:
        age_s = last.get("age", 0) / US if is_number(last.get("age")) else 0.0
        if not age_s:
            why = "a single statistic says no rate: give the file of a whole run"
            return {}, [Doubt(why)]
        return {"records_per_s": _sent(last) / age_s, "seconds": age_s}, [
            Doubt("the warm-up is in it")
        ]
    if seconds <= 0 or sent < 0:
        raise refused(path, "has statistics that go back in time: it holds several runs")
    return {"records_per_s": sent / seconds, "seconds": seconds, "acked": float(sent)}, []


def _sent(document: Document) -> float:
    """Messages sent so far; before 1.0 only partitions said so."""
    if is_number(document.get("txmsgs")):
        return float(document["txmsgs"])
    topics = document.get("topics", {})
    of_partitions = (
        partition.get("txmsgs", 0)
        for topic in (topics.values() if isinstance(topics, dict) else ())
        for partition in topic.get("partitions", {}).values()
    )
    return float(sum(each for each in of_partitions if is_number(each)))


def _windows(later: Sequence[Document]) -> dict[str, float]:
    """Latencies in ms, batches in records and bytes."""
    times = {"request_latency_avg": "rtt", "record_queue_time_avg": "int_latency"}
    means = {column: _mean(later, name) for column, name in times.items()}
    figures = {column: value / 1e3 for column, value in means.items() if value is not None}
    out = _mean(later, "outbuf_latency")
    if len(figures) == len(times):
        figures["mean_ms"] = sum(figures.values()) + (out or 0.0) / 1e3
    for column, name in (("records_per_request_avg", "batchcnt"), ("batch_size_avg", "batchsize")):
        if (value := _weighted(_of_topics(later, name))) is not None:
            figures[column] = value
    waiting = [
        sum(each.get("waitresp_cnt", 0) for each in document["brokers"].values())
        for document in later
    ]
    if figures:
        figures["requests_in_flight"] = waiting[-1]
    return figures


def _mean(later: Sequence[Document], name: str) -> float | None:
    """The mean of a brokers' window over all that was counted; None where nothing was."""
    return _weighted(
        broker.get(name) for document in later for broker in document["brokers"].values()
    )


def _of_topics(later: Sequence[Document], name: str) -> Iterator[Any]:
    for document in later:
        topics = document.get("topics", {})
        yield from (topic.get(name) for topic in topics.values())


def _weighted(windows: Iterator[Any]) -> float | None:
    total = count = 0.0
    for window in windows:
        if (
            isinstance(window, dict)
            and is_number(window.get("cnt"))
            and is_number(window.get("sum"))
        ):
            total, count = total + window["sum"], count + window["cnt"]
    return total / count if count else None


def _is_full(later: Sequence[Document]) -> bool:
    """Whether messages wait because there is no room, by count or by bytes."""
    last = later[-1]
    return any(
        is_number(last.get(held)) and is_number(last.get(most)) and last[held] > FULL * last[most]
        for held, most in (("msg_cnt", "msg_max"), ("msg_size", "msg_size_max"))
    )
