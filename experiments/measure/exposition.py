"""A dump of the Java producer's metrics: Prometheus' text format, or what Kafka's JmxTool prints.

Names: of jmx_exporter without rules (``kafka_producer_producer_metrics_request_latency_avg``), of
Micrometer and the like (``kafka_producer_request_latency_avg``), and MBeans
(``kafka.producer:type=producer-metrics,client-id=ID:request-latency-avg``), in a table or as
``name=value`` lines. Of several samples of one client the mean is taken. There are no percentiles
of records' latencies in these metrics.
"""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from math import isfinite, nan
from pathlib import Path
from typing import NamedTuple

from experiments.measure.found import Doubt, Found
from experiments.measure.output import refused
from experiments.measure.producer_metrics import COLUMNS, WAITS, doubts_of, figures_of
from experiments.measure.told import Told
from model.settings.shown import one_line

TOOL = "producer metrics"
_SAMPLE = re.compile(
    r"^kafka_producer_(?:producer_metrics_|metrics_)?([a-z_]+)\{([^}]*)\}\s+(\S+)(?:\s+\d+)?\s*$"
)
_CLIENT = re.compile(r"(?:client_id|clientId|client-id)=\"([^\"]*)\"")
_OF_MORE = re.compile(r"(?:node_id|node-id|topic|nodeId)=\"")
_BEAN = re.compile(r"kafka\.producer:type=producer-metrics,client-id=([^:,]+):([a-z-]+)")
_PROPERTY = re.compile(rf"^{_BEAN.pattern}=(\S+)\s*$")


class Sample(NamedTuple):
    """One value of one client's metric, by Kafka's name for it."""

    client: str
    name: str
    value: float


def claims(text: str) -> bool:
    """Whether there is a producer's metric in it at all."""
    return bool(_BEAN.search(text)) or any(
        line.startswith("kafka_producer_") for line in text.splitlines()
    )


def read(path: Path, text: str, told: Told, client: str = "") -> Found:
    """The one client of a dump, or the one that is named. Raises ConfigError, naming the file."""
    samples = list(_table(path, text) if text.lstrip().startswith('"time"') else _lines(path, text))
    values: dict[str, dict[str, list[float]]] = {}
    for sample in samples:
        if sample.name in COLUMNS and isfinite(sample.value):
            values.setdefault(sample.client, {}).setdefault(sample.name, []).append(sample.value)
    named = _chosen(path, values, client)
    means = {name: sum(each) / len(each) for name, each in values[named].items()}
    figures = figures_of(means)
    sent = figures.get("record_send_rate", nan)
    if isfinite(sent):
        figures["records_per_s"] = sent
    full = figures.get("bufferpool_wait_ratio", 0.0) > WAITS
    says = {} if full or not sent > 0 else {"target_rate": f"{sent:.6g}"}
    why = "of the last 30 to 60 seconds alone, whatever went on then"
    doubts = [Doubt(why), *doubts_of(figures)]
    if not isfinite(sent):
        doubts.append(Doubt("the dump has no record-send-rate"))
    return Found(
        tool=TOOL,
        figures=figures,
        says=says,
        doubts=doubts,
        steady=isfinite(sent) and not doubts_of(figures),
    )


def _chosen(path: Path, values: dict[str, dict[str, list[float]]], client: str) -> str:
    names = ", ".join(one_line(each)[:60] for each in values)
    if client:
        if client not in values:
            raise refused(
                path, f"has no figures of that client: must be one of {names or '(none)'}"
            )
        return client
    if not values:
        raise refused(path, "has no figure of a producer that sends: all are missing or NaN")
    if len(values) > 1:
        raise refused(path, f"has several producers: pass --client-id with one of {names}")
    return next(iter(values))


def _lines(path: Path, text: str) -> Iterator[Sample]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _PROPERTY.match(line):
            yield Sample(match[1], match[2], _number(path, number, match[3]))
        elif line.startswith("kafka_producer_"):
            match = _SAMPLE.match(line)
            if match is None:
                raise refused(path, f"line {number} is no sample: it is cut off or damaged")
            if not _OF_MORE.search(match[2]):
                client = _CLIENT.search(match[2])
                name = match[1].replace("_", "-")
                yield Sample(client[1] if client else "", name, _number(path, number, match[3]))


def _table(path: Path, text: str) -> Iterator[Sample]:
    """JmxTool's default: a heading, then a row for each time."""
    heading, *rows = csv.reader(StringIO(text))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(heading):
            raise refused(path, f"line {number} has not as many cells as the heading")
        for name, cell in zip(heading, row, strict=True):
            if match := _BEAN.fullmatch(name):
                yield Sample(match[1], match[2], _number(path, number, cell))


def _number(path: Path, line: int, text: str) -> float:
    try:
        return float(text.replace("Infinity", "inf"))
    except ValueError:
        raise refused(path, f"line {line} has a value that is no number") from None
