"""The result file of OpenMessaging Benchmark: one JSON object, an entry for each ten seconds.

Source: io.openmessaging.benchmark.TestResult. Publish latencies are in ms and count from the call;
publish delays, in microseconds, are what the call was late: the part that coordinated omission
leaves out. Means add, percentiles do not. The warm-up is not in it. There is nothing of requests.
"""

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from experiments.measure.found import LATENCIES, Doubt, Found
from experiments.measure.output import is_number, refused
from experiments.measure.told import Told

TOOL = "OpenMessaging Benchmark"
#: Read: WorkloadGenerator's reporting interval.
WINDOW_S = 10.0
#: The result's name for a percentile to the column.
PERCENTILES = {
    "50pct": "p50_ms",
    "95pct": "p95_ms",
    "99pct": "p99_ms",
    "999pct": "p999_ms",
    "Max": "max_ms",
}
#: Ours: a window that carries less than this share of the median one is one of a producer that
#: stopped.
STOPPED = 0.5
#: Ours: what a call may be late before a percentile without it says too little.
SMALL_PART = 0.1


def claims(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object is such a result."""
    return "publishRate" in document


def read(path: Path, document: Mapping[str, Any], told: Told) -> Found:
    """The run of a result file. Raises ConfigError, naming it, for what is none or a torso."""
    rates = document.get("publishRate")
    if not isinstance(rates, list) or not rates or not all(map(is_number, rates)):
        raise refused(path, "must have publishRate as a list of numbers")
    driver = document.get("driver")
    if driver is not None and not _is_kafkas(str(driver)):
        raise refused(path, "is of another system than Kafka, by its driver")
    rate = median(rates)
    if not rate > 0:
        raise refused(path, "says that nothing was sent")
    producers = _count(path, document, "topics") * _count(path, document, "producersPerTopic")
    figures = {"records_per_s": rate / producers, "seconds": WINDOW_S * len(rates)}
    figures |= _latencies(path, document)
    doubts = [*_late(document, figures)]
    stopped = min(rates) < STOPPED * rate or any(_errors(document))
    if stopped:
        doubts.append(Doubt("the producer stopped or records failed on the way", LATENCIES))
    if producers > 1:
        doubts.append(Doubt(f"of {producers} producers a share: what they have in common shows"))
    says = {"partitions": str(_count(path, document, "partitions"))}
    size = document.get("messageSize")
    if is_number(size):
        says["size"] = str(size)
        figures["bytes_per_s"] = figures["records_per_s"] * float(document["messageSize"])
    if told.rate is None:
        doubts.append(Doubt("which rate was offered is not in it: give --rate, 0 for the most"))
    return Found(
        tool=TOOL,
        figures=figures,
        says=says,
        doubts=doubts,
        steady=not stopped and producers == 1,
    )


def _is_kafkas(driver: str) -> bool:
    return any(word in driver.lower() for word in ("kafka", "redpanda", "automq"))


def _count(path: Path, document: Mapping[str, Any], name: str) -> int:
    """How many of something; one where an older result does not say."""
    value = document.get(name, 1)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise refused(path, f"must have {name} as a count")
    return value


def _latencies(path: Path, document: Mapping[str, Any]) -> dict[str, float]:
    """In ms, with what the calls were late in the mean."""
    names = {f"aggregatedPublishLatency{name}": column for name, column in PERCENTILES.items()}
    names["aggregatedPublishLatencyAvg"] = "mean_ms"
    found = {}
    for name, column in names.items():
        if name in document:
            if not is_number(document[name]):
                raise refused(path, f"must have {name} as a number")
            found[column] = float(document[name])
    if "mean_ms" in found and is_number(late := document.get("aggregatedPublishDelayLatencyAvg")):
        found["mean_ms"] += float(late or 0) / 1e3
    return found


def _late(document: Mapping[str, Any], figures: Mapping[str, float]) -> list[Doubt]:
    """Percentiles that calls came too late for, or of which nobody knows."""
    if "aggregatedPublishDelayLatencyAvg" not in document:
        columns = [column for column in figures if column in LATENCIES]
        return [Doubt("from the call, and how late that was is not in it", columns)]
    late = {
        column: document.get(f"aggregatedPublishDelayLatency{name}", 0)
        for name, column in PERCENTILES.items()
    }
    columns = [
        column
        for column, us in late.items()
        if column in figures and is_number(us) and us / 1e3 > SMALL_PART * figures[column]
    ]
    return (
        [Doubt("calls came late by a good part of it (publish delay)", columns)] if columns else []
    )


def _errors(document: Mapping[str, Any]) -> list[float]:
    errors = document.get("publishErrorRate", [])
    return [each for each in errors if is_number(each)] if isinstance(errors, list) else []
