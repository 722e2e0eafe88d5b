"""What kafka-producer-perf-test.sh prints: a line each five seconds, a last one, perhaps metrics.

Source: ProducerPerformance.Stats and ToolsUtils.printMetrics from 1.0 to 4.2. Latency counts from
the call of send() to the callback, so it has the wait for memory in it and not how late the call
was. MB are of 2^20 bytes of value. With --warmup-records (KIP-1052) a line of its own says how it
went after the warm-up; otherwise the warm-up is in the last line, but not in later windows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.measure.found import LATENCIES, TAIL, Doubt, Found
from experiments.measure.output import refused
from experiments.measure.producer_metrics import WAITS, doubts_of, figures_of
from experiments.measure.told import Told
from model.units import MIB

TOOL = "kafka-producer-perf-test"
_LINE = re.compile(
    r"^(?:\[[^\]]*\]\s*)?(?P<records>\d+)(?P<steady> steady state)? records sent,"
    r" (?P<rate>[\d.]+) records/sec \((?P<mb>[\d.]+) MB/sec\),"
    r" (?P<mean>[\d.]+) ms avg latency, (?P<max>[\d.]+)(?: ms)? max latency"
    r"(?:, (?P<p50>\d+) ms 50th, (?P<p95>\d+) ms 95th, (?P<p99>\d+) ms 99th,"
    r" (?P<p999>\d+) ms 99\.9th)?\.\s*$",
    re.MULTILINE,
)
_BEGUN = re.compile(r"^(?:\[[^\]]*\]\s*)?\d+(?: steady state)? records sent,.*$", re.MULTILINE)
_METRIC = re.compile(r"^\s*producer-metrics:([\w.-]+):\{([^}]*)\}\s*:\s*(\S+)\s*$", re.MULTILINE)
_OF_TOPIC = re.compile(
    r"^\s*producer-topic-metrics:record-send-rate:\{[^}]*\}\s*:\s*([\d.]+)", re.M
)
_FAILED = re.compile(r"^(?:org\.apache\.kafka|java)\.[\w.$]*(?:Exception|Error)\b", re.MULTILINE)
#: Read: the reporting window of ProducerPerformance.
WINDOW_S = 5.0
#: Ours: windows until code is compiled, connections are up and memory is full; and how many
#: there must be after them.
WARMUP_WINDOWS, LEAST_WINDOWS = 2, 3
#: Ours: a producer that falls further behind its rate is a full one.
KEPT_UP = 0.98
#: Ours: a warm-up that is no larger a part of a run moves its median and mean by less than we ask.
SMALL_PART = 0.1

#: Ours: windows with a smaller part of a run's records are an excerpt of it.
MOST_OF_IT = 0.5
#: Read: metrics.sample.window.ms; and ours: how much lower a rate is that it understates.
METRICS_WINDOW_S, DILUTED = 30.0, 0.9
#: Read: buffer.memory's default. Ours: the part of the wait in a full one that shows that it is.
BUFFER_BYTES, FULL = 32 * MIB, 0.3
RATES = ("records_per_s", "bytes_per_s")
#: Read: MB/sec has two digits, and records/sec of a last line six.
HUNDREDTH, ROUNDED = 0.005, 1e-4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of figures: records, records/s, latencies in ms."""

    records: int
    rate: float
    mb_per_s: float
    latencies: dict[str, float]
    steady: bool

    @property
    def is_last(self) -> bool:
        """Whether it sums a run up: only such a line has percentiles."""
        return "p50_ms" in self.latencies


def claims(text: str) -> bool:
    """Whether this is what the tool prints."""
    return bool(_BEGUN.search(text)) and "fetch.nMsg.sec" not in text


def read(path: Path, text: str, told: Told) -> Found:
    """The one run of a file. Raises ConfigError, naming it, for none, for several, for a torso."""
    lines = [_line(match) for match in _LINE.finditer(text)]
    if len(lines) < len(_BEGUN.findall(text)):
        raise refused(path, "has a line of figures that is cut off or not the tool's")
    totals = [line for line in lines if line.is_last and not line.steady]
    steady = [line for line in lines if line.is_last and line.steady]
    if not totals:
        raise refused(path, "has no last line with percentiles: the run was cut off")
    if len(totals) > 1 or len(steady) > 1:
        raise refused(path, f"holds {len(totals)} runs: give each a file of its own")
    windows = [line for line in lines if not line.is_last]
    return _found(path, totals[0], steady, windows, text, told)


def _line(match: re.Match[str]) -> Line:
    names = {"mean": "mean_ms", "max": "max_ms", "p50": "p50_ms", "p95": "p95_ms"}
    names |= {"p99": "p99_ms", "p999": "p999_ms"}
    latencies = {column: float(match[name]) for name, column in names.items() if match[name]}
    return Line(
        int(match["records"]),
        float(match["rate"]),
        float(match["mb"]),
        latencies,
        bool(match["steady"]),
    )


def _found(
    path: Path,
    total: Line,
    steady: Sequence[Line],
    windows: Sequence[Line],
    text: str,
    told: Told,
) -> Found:
    metrics = _metrics(path, text)
    doubts: list[Doubt] = []
    line = steady[0] if steady else total
    if not line.records or not line.rate:
        raise refused(path, "says that nothing was sent")
    figures = {"acked": line.records, "records_per_s": line.rate, **line.latencies}
    figures["seconds"] = line.records / line.rate
    if not steady:
        doubts += _warmed(total, windows, figures)
    figures |= metrics
    doubts += _diluted(figures)
    full = _is_full(told, figures, total.mb_per_s)
    if full:
        doubts.append(Doubt("the wait for memory that is full, and nothing of the path", LATENCIES))
    else:
        doubts.append(Doubt("from the call of send(), and not from when it was due", TAIL))
    doubts += doubts_of(metrics)
    failed = bool(_FAILED.search(text))
    if failed:
        doubts.append(Doubt("records failed, which no figure counts"))
    says = _says(path, total, told)
    if not full and told.rate is None:
        says["target_rate"] = f"{figures['records_per_s']:.6g}"
    if size := told.record_bytes or says.get("size"):
        figures["bytes_per_s"] = figures["records_per_s"] * float(size)
    return Found(
        tool=TOOL,
        figures=figures,
        says=says,
        doubts=doubts,
        steady=not (failed or doubts_of(metrics)),
    )


def _warmed(total: Line, windows: Sequence[Line], figures: dict[str, float]) -> list[Doubt]:
    """Rate and mean without the first windows, where there are enough; what the warm-up is in.

    What people quote of an output has but some of its windows: then the last line is all there is.
    """
    kept = windows[WARMUP_WINDOWS:]
    if len(kept) < LEAST_WINDOWS or sum(x.records for x in windows) < MOST_OF_IT * total.records:
        return [_in_the_whole(figures["seconds"])]
    records = sum(line.records for line in kept)
    figures["records_per_s"] = records / sum(line.records / line.rate for line in kept)
    figures["mean_ms"] = sum(x.records * x.latencies["mean_ms"] for x in kept) / records
    figures["max_ms"] = max(line.latencies["max_ms"] for line in kept)
    share = sum(line.records for line in windows[:WARMUP_WINDOWS]) / total.records
    doubted = TAIL[:-1] if share <= SMALL_PART else ("p50_ms", "p95_ms", *TAIL[:-1])
    return [Doubt("the warm-up is in it", doubted)]


def _in_the_whole(seconds: float) -> Doubt:
    """What a last line alone is worth: a short run is mostly warm-up."""
    warmup_s = WARMUP_WINDOWS * WINDOW_S
    if warmup_s <= SMALL_PART * seconds:
        return Doubt("the warm-up is in it", TAIL)
    why = f"the warm-up is in it, and the run took {seconds:.0f} s alone"
    return Doubt(why, LATENCIES if seconds > 3 * warmup_s else (*RATES, *LATENCIES))


def _diluted(figures: dict[str, float]) -> list[Doubt]:
    """Rates of a run shorter than the metrics' window, which takes thirty more seconds for granted.

    Read: Rate.windowSize of Kafka's metrics.
    """
    sent = figures.get("record_send_rate", figures["records_per_s"])
    if figures["seconds"] > METRICS_WINDOW_S or sent > DILUTED * figures["records_per_s"]:
        return []
    why = "the run is shorter than the metrics' window of 30 s, which understates rates"
    return [Doubt(why, ("request_rate", "outgoing_byte_rate", "record_send_rate"))]


def _metrics(path: Path, text: str) -> dict[str, float]:
    """The metrics at the end, if they were printed; of one client."""
    values: dict[str, float] = {}
    clients = set()
    for name, tags, value in _METRIC.findall(text):
        clients.add(tags)
        try:
            values[name] = float(value)
        except ValueError:
            raise refused(path, f"has a metric that is no number ({name})") from None
    if len(clients) > 1:
        raise refused(path, "has the metrics of several clients")
    of_topic = _OF_TOPIC.findall(text)
    if "record-send-rate" not in values and len(of_topic) == 1:
        values["record-send-rate"] = float(of_topic[0])
    return figures_of(values)


def _is_full(told: Told, figures: dict[str, float], mb_per_s: float) -> bool:
    """Whether the application had always more to send than there was room for.

    Where nobody said so: the wait for a full memory is what it holds over what is carried.
    """
    waits = figures.get("bufferpool_wait_ratio")
    if told.rate:
        return figures["records_per_s"] < KEPT_UP * told.rate
    if told.rate == 0:
        return True
    if waits is not None:
        return waits > WAITS
    memory = told.settings.get("buffer.memory", "")
    held = float(memory) if memory.isdecimal() else BUFFER_BYTES
    return figures["mean_ms"] / 1e3 > FULL * held / (max(mb_per_s, HUNDREDTH) * MIB)


def _says(path: Path, total: Line, told: Told) -> dict[str, str]:
    """The size of a record, if MB of 2^20 bytes, in hundredths, leave no doubt of it.

    Raises ConfigError where what was told is of other records than these.
    """
    size, open_ = total.mb_per_s * MIB / total.rate, HUNDREDTH * MIB / total.rate
    if told.record_bytes and abs(told.record_bytes - size) > open_ + ROUNDED * size:
        rule = f"is of records of {size:.0f} bytes, and not of {told.record_bytes}"
        raise refused(path, f"{rule}: is what was told of another run?")
    return {"size": str(round(size))} if open_ < 0.5 else {}
